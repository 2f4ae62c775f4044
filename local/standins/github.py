"""GitHub's REST API (version 2022-11-28) and its GraphQL mutation `revertPullRequest`, as far as Watchkeeper talks to them.

A repository is described in data (`local.standins.github_repository`) and given to the stand-in, which may hold several:

    checkout = Repository("acme/checkout", commits=[Commit(...)], pull_requests=[PullRequest(...)])
    standin = GithubStandIn(checkout, token="local-github-token")
    with Server({"github": standin}) as server:          # its API is then at f"{server.url}/github"
        ...

It refuses what GitHub would refuse, in GitHub's shape: a bearer token (401), `Accept` (415), a User-Agent (403) and the API
version (400; GitHub takes a request without one, the stand-in does not), an unknown repository, commit or pull request
(404). Lists are paged with `Link`. What a caller changed is in `changed`, a sentence each, oldest first, for a page to show.
"""

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

from local.standins.github_manners import No, Unprocessed, admit, page
from local.standins.github_repository import Body, Commit, PullRequest, Repository, shown_commit, shown_pull_request, when
from local.standins.graphql import Field, Malformed, chosen, mutation
from local.standins.http import Reply, Request

PULL_REQUEST_FIELDS = {"id", "number", "url", "title", "body", "state", "isDraft", "headRefName", "baseRefName", "merged"}
REVERT_INPUT = {"pullRequestId", "title", "body", "draft", "clientMutationId"}


@dataclass(frozen=True)
class Changed:
    """Something that a caller made: what, and the address of it that a person would open."""

    what: str
    url: str


class GithubStandIn:
    """A stand-in. `repositories` are by their full name, `changed` is what callers made, `calls` is what they asked.

    `write_token` is the one that may also write, where that is another one.
    `at` is the path that the server puts before it; links to further pages need it. A test may set `throttled` (so many
    answers are 403 with the reset `retry_after` seconds away), `slowed` (429 with `Retry-After`), `down`, `deaf` (does it,
    and answers 502) and `may_write`.
    """

    def __init__(self, *repositories: Repository, token: str = "local", write_token: str = "", at: str = "/github") -> None:
        self.repositories = {repository.name: repository for repository in repositories}
        self.expected, self.writer = f"Bearer {token}", f"Bearer {write_token}" if write_token else ""
        self.at = at
        self.calls: list[str] = []
        self.changed: list[Changed] = []
        self.throttled = self.slowed = self.down = self.deaf = 0
        self.retry_after = 60
        self.may_write = True
        self._lock = threading.Lock()
        self._writes = False

    def __call__(self, request: Request) -> Reply:
        with self._lock:
            self.calls.append(f"{request.method} {request.path}")
            try:
                reply = self._mishap() or self._answer(request)
            except (No, Unprocessed) as no:
                reply = no.reply
            if self.deaf:
                self.deaf -= 1
                return Reply(502, b"")
            return reply

    def _mishap(self) -> Reply | None:
        if self.throttled:
            self.throttled -= 1
            reset = str(round(time.time()) + self.retry_after)
            headers = {"x-ratelimit-limit": "5000", "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset}
            return Reply(403, {"message": "API rate limit exceeded for user ID 1."}, headers)
        if self.slowed:
            self.slowed -= 1
            return Reply(429, {"message": "You have exceeded a secondary rate limit."}, {"retry-after": str(self.retry_after)})
        if self.down:
            self.down -= 1
            return Reply(503, {"message": "Service unavailable"})
        return None

    def _answer(self, request: Request) -> Reply:
        whose = self.writer or self.expected
        self._writes = self.may_write and request.headers.get("authorization") == whose
        admit(request, whose if self._writes else self.expected)
        for method, pattern, handler in self._routes():
            found = re.fullmatch(pattern, request.path)
            if found and method == request.method:
                return handler(request, *found.groups())
        raise No(404, "Not Found")

    def _routes(self) -> list[tuple[str, str, Callable[..., Reply]]]:
        repository = r"/repos/([\w.-]+/[\w.-]+)"
        return [
            ("GET", repository, self._repository),
            ("GET", rf"{repository}/commits", self._commits),
            ("GET", rf"{repository}/commits/(\w+)", self._commit),
            ("GET", rf"{repository}/commits/(\w+)/pulls", self._pulls_of_commit),
            ("GET", rf"{repository}/pulls", self._pulls),
            ("GET", rf"{repository}/pulls/(\d+)", self._pull),
            ("PATCH", rf"{repository}/pulls/(\d+)", self._change_pull),
            ("POST", "/graphql", self._graphql),
        ]

    def _repository(self, _request: Request, name: str) -> Reply:
        repository = self._find(name)
        return Reply(200, {"full_name": name, "private": True, "default_branch": repository.default_branch, "html_url": repository.url})

    def _commits(self, request: Request, name: str) -> Reply:
        """Newest first, of the default branch, `since` and `until` counting by the time of the commit."""
        repository = self._find(name)
        if request.query.get("sha", repository.default_branch) != repository.default_branch:
            raise No(404, "Not Found")
        since, until = (when(request.query[key]) if key in request.query else None for key in ("since", "until"))
        wanted = [c for c in repository.commits if (not since or c.at >= since) and (not until or c.at <= until)]
        wanted.sort(key=lambda commit: commit.at, reverse=True)
        return page(request, self.at, [shown_commit(repository, commit) for commit in wanted])

    def _commit(self, _request: Request, name: str, sha: str) -> Reply:
        repository = self._find(name)
        return Reply(200, shown_commit(repository, self._find_commit(repository, sha), files=True))

    def _pulls_of_commit(self, request: Request, name: str, sha: str) -> Reply:
        repository = self._find(name)
        commit = self._find_commit(repository, sha)
        return page(request, self.at, [shown_pull_request(repository, p) for p in repository.pull_requests if p.merge_commit == commit.sha])

    def _pulls(self, request: Request, name: str) -> Reply:
        """Open ones unless `state` says otherwise; `head` is `owner:branch` and anything else is ignored, as GitHub does."""
        repository, asked = self._find(name), request.query
        state, owner = asked.get("state", "open"), name.split("/")[0]
        if state not in {"open", "closed", "all"}:
            raise No(422, "Validation Failed")
        wanted = [p for p in repository.pull_requests if state in {"all", p.state} and asked.get("base", p.base) == p.base]
        if ":" in asked.get("head", ""):
            wanted = [p for p in wanted if asked["head"] == f"{owner}:{p.branch}"]
        newest_first = asked.get("direction", "desc" if asked.get("sort", "created") == "created" else "asc") == "desc"
        by_update = asked.get("sort") == "updated"
        wanted.sort(key=lambda p: p.updated_at if by_update else p.created_at, reverse=newest_first)
        return page(request, self.at, [shown_pull_request(repository, p) for p in wanted])

    def _pull(self, _request: Request, name: str, number: str) -> Reply:
        repository = self._find(name)
        return Reply(200, {**shown_pull_request(repository, _one(repository, number)), "merged": _one(repository, number).merged})

    def _change_pull(self, request: Request, name: str, number: str) -> Reply:
        """Only what Watchkeeper may want of it: to close what it opened."""
        repository = self._find(name)
        self._writing()
        pull, asked = _one(repository, number), _object(request)
        if set(asked) != {"state"} or asked["state"] not in {"open", "closed"} or pull.merged:
            raise No(422, "Validation Failed")
        pull.state = asked["state"]
        self.changed.append(Changed(f"{name}#{number} is {pull.state}", f"{repository.url}/pull/{number}"))
        return self._pull(request, name, number)

    def _graphql(self, request: Request) -> Reply:
        """One mutation, its input in variables. A second revert of the same makes a second pull request, as GitHub would."""
        body = _object(request)
        try:
            field = mutation(body, "revertPullRequest", REVERT_INPUT)
            asked = field.input
            repository, pull = self._by_node(str(asked.get("pullRequestId", "")))
            if not self._writes:
                raise Unprocessed("FORBIDDEN", "Resource not accessible by personal access token")
            if not pull.merged:
                raise Unprocessed("UNPROCESSABLE", "Pull request is not merged")
            _known_fields(field)
        except Malformed as wrong:
            return Reply(200, {"errors": [{"message": wrong.args[0]}]})
        made = self._revert(repository, pull, asked)
        told = {"pullRequest": _graph(repository, pull), "revertPullRequest": _graph(repository, made)}
        return Reply(200, {"data": {"revertPullRequest": chosen(field, {**told, "clientMutationId": asked.get("clientMutationId")})}})

    def _revert(self, repository: Repository, pull: PullRequest, asked: Body) -> PullRequest:
        made = repository.open(
            title=asked.get("title") or f'Revert "{pull.title}"',
            branch=f"revert-{pull.number}-{pull.branch}",
            body=asked.get("body") or f"Reverts {repository.name}#{pull.number}",
            draft=bool(asked.get("draft", False)),
        )
        kind = "draft pull request" if made.draft else "pull request"
        what = f"{kind} {repository.name}#{made.number} opened: {made.title} (reverts #{pull.number})"
        self.changed.append(Changed(what, f"{repository.url}/pull/{made.number}"))
        return made

    def _by_node(self, node: str) -> tuple[Repository, PullRequest]:
        for repository in self.repositories.values():
            for pull in repository.pull_requests:
                if node and pull.node_id(repository.name) == node:
                    return repository, pull
        raise Unprocessed("NOT_FOUND", f"Could not resolve to a node with the global id of '{node}'")

    def _find(self, name: str) -> Repository:
        if name not in self.repositories:
            raise No(404, "Not Found")
        return self.repositories[name]

    def _find_commit(self, repository: Repository, sha: str) -> Commit:
        found = [commit for commit in repository.commits if commit.sha.startswith(sha)]
        if len(found) != 1:
            raise No(422, f"No commit found for SHA: {sha}")
        return found[0]

    def _writing(self) -> None:
        if not self._writes:
            raise No(403, "Resource not accessible by personal access token")


def _one(repository: Repository, number: str) -> PullRequest:
    for pull in repository.pull_requests:
        if pull.number == int(number):
            return pull
    raise No(404, "Not Found")


def _graph(repository: Repository, pull: PullRequest) -> Body:
    """A pull request in GraphQL's words."""
    rest = shown_pull_request(repository, pull)
    state = "MERGED" if pull.merged else pull.state.upper()
    refs = {"headRefName": pull.branch, "baseRefName": pull.base, "isDraft": pull.draft, "merged": pull.merged}
    return {"id": rest["node_id"], "url": rest["html_url"], **{k: rest[k] for k in ("number", "title", "body")}, "state": state, **refs}


def _known_fields(field: Field) -> None:
    for name, below in field.wanted.items():
        if name not in {"clientMutationId", "pullRequest", "revertPullRequest"}:
            raise Malformed(f"Field '{name}' doesn't exist on type 'RevertPullRequestPayload'")
        for unknown in below.keys() - PULL_REQUEST_FIELDS:
            raise Malformed(f"Field '{unknown}' doesn't exist on type 'PullRequest'")


def _object(request: Request) -> Body:
    try:
        body: Any = request.json()
    except ValueError:
        _unread()
    return body if isinstance(body, dict) else _unread()


def _unread() -> NoReturn:
    raise No(400, "Problems parsing JSON")
