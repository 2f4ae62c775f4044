"""GitHub's REST API, for looking: with a token that may read pull requests and nothing else, and never along a redirect."""

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

from watchkeeper.errors import NotAllowed, Permanent, Throttled, Transient

SECONDS = 5
PERMISSION = "github pull requests: read"
SLOWER = 60.0


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect would take the token along to wherever it leads."""

    def redirect_request(self, *_: Any) -> None:
        return None


class GitHub:
    """`token` is asked for with every call, so that a new one counts from then on."""

    def __init__(self, url: str, token: Callable[[], str]) -> None:
        self._url, self._token = url.rstrip("/"), token
        self._web = urllib.request.build_opener(_NoRedirects())

    def get(self, path: str) -> Any:
        """The JSON of the answer, none where GitHub knows no such thing; any other refusal is an error of ours."""
        token = self._token()
        if not token:
            raise NotAllowed(PERMISSION, "GitHub: the tools' secret holds no github_token")
        headers = {
            "Authorization": f"Bearer {token}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
            "User-Agent": "watchkeeper",
        }
        try:
            with self._web.open(urllib.request.Request(self._url + path, headers=headers), timeout=SECONDS) as answer:  # noqa: S310 - the address is the stack's own parameter
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code == http.HTTPStatus.NOT_FOUND:
                return None
            raise _refusal(error, path) from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Transient(f"GitHub does not answer {path}: {type(error).__name__}") from error


def _refusal(error: urllib.error.HTTPError, path: str) -> Throttled | Transient | NotAllowed | Permanent:
    """Whose move it is. GitHub answers 403 for a rate limit, too, and then says that nothing is left."""
    if error.code == http.HTTPStatus.TOO_MANY_REQUESTS or error.headers.get("x-ratelimit-remaining") == "0":
        return Throttled(f"GitHub asks us to slow down at {path}", SLOWER)
    if error.code >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
        return Transient(f"GitHub answers {path} with HTTP {error.code}")
    if error.code in {http.HTTPStatus.UNAUTHORIZED, http.HTTPStatus.FORBIDDEN}:
        return NotAllowed(PERMISSION, path)
    return Permanent(f"GitHub answers {path} with HTTP {error.code}")
