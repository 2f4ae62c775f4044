"""What every request to GitHub has to bring, how GitHub says no, and how it cuts a long list into pages."""

from collections.abc import Sequence
from urllib.parse import urlencode

from local.standins.github_repository import Body
from local.standins.http import Reply, Request

API_VERSION = "2022-11-28"
MEDIA_TYPE = "application/vnd.github+json"
MOST_PER_PAGE = 100


class No(Exception):
    """GitHub says no."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(status)
        self.reply = Reply(status, {"message": message, "documentation_url": "https://docs.github.com/rest", "status": str(status)})


class Unprocessed(Exception):
    """GraphQL says no: with status 200, and what is wrong under `errors`."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(kind)
        error = {"type": kind, "path": ["revertPullRequest"], "message": message}
        self.reply = Reply(200, {"data": {"revertPullRequest": None}, "errors": [error]})


def admit(request: Request, expected: str) -> None:
    """Lets it through or raises No. GraphQL asks for no version and no media type."""
    headers = request.headers
    if not headers.get("user-agent"):
        raise No(403, "Request forbidden by administrative rules. Please make sure your request has a User-Agent header.")
    if headers.get("authorization") != expected:
        raise No(401, "Bad credentials")
    if request.path == "/graphql":
        return
    if headers.get("accept") != MEDIA_TYPE:
        raise No(415, f"Unsupported 'Accept' header: {headers.get('accept')!r}. Must accept '{MEDIA_TYPE}'.")
    if headers.get("x-github-api-version") != API_VERSION:
        raise No(400, f"{headers.get('x-github-api-version')!r} is not a supported version. Must be '{API_VERSION}'.")


def page(request: Request, at: str, items: Sequence[Body]) -> Reply:
    """A page of them; more than a hundred are cut to a hundred, and `Link` says where the others are."""
    size = max(1, min(_number(request, "per_page", 30), MOST_PER_PAGE))
    this = max(1, _number(request, "page", 1))
    last = max(1, -(-len(items) // size))
    places = {"next": this + 1, "last": last} if this < last else {}
    if this > 1:
        places |= {"prev": this - 1, "first": 1}
    root = f"http://{request.headers.get('host', 'localhost')}{at}{request.path}"
    links = [f'<{root}?{urlencode({**request.query, "page": str(to)})}>; rel="{rel}"' for rel, to in places.items()]
    return Reply(200, list(items[(this - 1) * size : this * size]), {"link": ", ".join(links)} if links else {})


def _number(request: Request, name: str, otherwise: int) -> int:
    given = request.query.get(name, "")
    return int(given) if given.isdecimal() else otherwise
