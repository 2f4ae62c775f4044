"""GitHub's REST API, read only: the token goes to the one host of the settings, and what GitHub refuses is in our words."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from watchkeeper.errors import Misconfigured, NotAllowed, Permanent, Throttled, Transient

if TYPE_CHECKING:
    from requests import PreparedRequest, Response, Session

API_VERSION = "2022-11-28"
TIMEOUT = (2.0, 5.0)
MOST_REDIRECTS = 2  # a repository that was renamed answers with its new address
TOKEN = "tools secret: github_token"  # noqa: S105 - where the token is, not the token
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class GithubRest:
    """One repository's API. `requests` is imported with the first call, so that nobody pays for it by importing this."""

    def __init__(self, api_url: str, token: str, repository: str) -> None:
        parts = urlsplit(api_url)
        if parts.scheme != "https" and parts.hostname not in LOOPBACK:
            raise Misconfigured(f"GITHUB_API_URL is {api_url!r}: it has to begin with https://, the token goes there")
        self._root = f"{api_url.rstrip('/')}/repos/{repository}"
        self._home = (parts.scheme, parts.netloc)
        self._token = token
        self._repository = repository

    @cached_property
    def _session(self) -> Session:
        from requests import Session

        session = Session()
        session.auth = self._sign  # said outright, or a .netrc would be asked
        session.headers.update({"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": API_VERSION, "User-Agent": "watchkeeper"})
        return session

    def _sign(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request

    def get(self, path: str, **asked: str | int) -> Any:
        """The JSON below the repository's address; the first page of a list."""
        answer = self._answer(f"{self._root}{path}", asked)
        try:
            return answer.json()
        except ValueError as error:
            raise Transient(f"GitHub answers HTTP {answer.status_code} without JSON") from error

    def _answer(self, url: str, asked: dict[str, str | int]) -> Response:
        from requests import RequestException

        for _ in range(1 + MOST_REDIRECTS):
            try:
                answer = self._session.get(url, params=asked, timeout=TIMEOUT, allow_redirects=False)
            except RequestException as error:
                raise Transient(f"GitHub does not answer: {type(error).__name__}") from error
            if not 300 <= answer.status_code < 400:
                self._judge(answer)
                return answer
            url, asked = self._at_home(urljoin(url, answer.headers.get("Location", ""))), {}
        raise Permanent("GitHub sends us from one address to the next")

    def _at_home(self, url: str) -> str:
        parts = urlsplit(url)
        if (parts.scheme, parts.netloc) != self._home:
            raise Permanent("GitHub sends us to another host, which does not get the token")
        return url

    def _judge(self, answer: Response) -> None:
        status = answer.status_code
        if status == 401:
            raise NotAllowed(f"{TOKEN} (GitHub refuses the one that is there)", self._repository)
        if status == 429 or (status == 403 and ("Retry-After" in answer.headers or answer.headers.get("X-RateLimit-Remaining") == "0")):
            raise _throttled(answer)
        if status == 403:
            needed = answer.headers.get("X-Accepted-GitHub-Permissions") or "contents=read, pull_requests=read"
            raise NotAllowed(f"GitHub permission {needed} of the token", self._repository)
        if status == 404:
            raise Permanent(f"GitHub: repository {self._repository} not found or the token may not see it")
        if status >= 500:
            raise Transient(f"GitHub answers with its own fault: HTTP {status}")
        if status != 200:
            raise Permanent(f"GitHub answers HTTP {status}")


def _throttled(answer: Response) -> Throttled:
    """Until when, as GitHub says it: in seconds from now, or as a time."""
    wait, reset = answer.headers.get("Retry-After", ""), answer.headers.get("X-RateLimit-Reset", "")
    if wait.isdecimal():
        return Throttled(f"GitHub asks us to wait for {wait} s", float(wait))
    if reset.isdecimal():
        return Throttled(f"GitHub's rate limit is used up until {datetime.fromtimestamp(int(reset), UTC):%Y-%m-%dT%H:%M:%SZ}")
    return Throttled("GitHub asks us to slow down")
