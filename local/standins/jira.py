"""Jira Cloud's REST API v3, as far as Watchkeeper talks to it. Refuses what Jira would refuse, in Jira's shape."""

import base64
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from local.standins.adf import faults
from local.standins.http import Reply, Request

Body = dict[str, Any]
LONGEST_SUMMARY = 255
STATUSES = {"To Do": "new", "In Progress": "indeterminate", "Done": "done"}


@dataclass
class Comment:
    id: str
    body: Body


@dataclass
class Issue:
    """One ticket; `history` are the statuses it has been through."""

    id: str
    key: str
    fields: Body
    status: str = "To Do"
    comments: list[Comment] = field(default_factory=list)
    history: list[str] = field(default_factory=list)

    @property
    def summary(self) -> str:
        return str(self.fields["summary"])


class No(Exception):
    """Jira says no."""

    def __init__(self, status: int, *messages: str, **errors: str) -> None:
        super().__init__(status)
        self.reply = Reply(status, {"errorMessages": list(messages), "errors": errors})


class JiraSite:
    """A stand-in. `issues` are the tickets, oldest first.

    A test may set `throttled`, `down` and `deaf` as on the Slack stand-in, `blind` (the search does not find what is
    new, as Jira's lags behind), `transitions` (id → status; what the workflow offers from anywhere) and `screen` (why no
    transition is let through).
    """

    def __init__(self, email: str = "watchkeeper@example.com", api_token: str = "local", projects: tuple[str, ...] = ("OPS",)) -> None:
        self.expected = "Basic " + base64.b64encode(f"{email}:{api_token}".encode()).decode()
        self.projects = projects
        self.issue_types = ("Task", "Bug", "Incident")
        self.transitions = {"11": "To Do", "21": "In Progress", "31": "Done"}
        self.issues: list[Issue] = []
        self.calls: list[str] = []
        self.throttled = self.down = self.deaf = 0
        self.retry_after = 7
        self.blind = False
        self.screen = ""
        self._lock = threading.Lock()

    def __call__(self, request: Request) -> Reply:
        with self._lock:
            self.calls.append(f"{request.method} {request.path}")
            if self.throttled:
                self.throttled -= 1
                return Reply(429, {"errorMessages": ["Rate limit exceeded"], "errors": {}}, {"retry-after": str(self.retry_after)})
            if self.down:
                self.down -= 1
                return Reply(503, b"Service Unavailable")
            try:
                reply = self._answer(request)
            except No as no:
                reply = no.reply
            if self.deaf:
                self.deaf -= 1
                return Reply(500, b"")
            return reply

    def _answer(self, request: Request) -> Reply:
        if request.headers.get("authorization") != self.expected:
            return Reply(401, {"message": "Client must be authenticated to access this resource.", "status-code": 401})
        path = request.path.removeprefix("/rest/api/3")
        if path in {"/search", "/search/id"}:
            raise No(410, "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API.")
        for method, pattern, handler in self._routes():
            found = re.fullmatch(pattern, path)
            if found and method == request.method:
                return handler(request, *found.groups())
        return Reply(404, {"errorMessages": ["No such resource"], "errors": {}})

    def _routes(self) -> list[tuple[str, str, Callable[..., Reply]]]:
        return [
            ("POST", "/issue", self._create),
            ("GET", "/issue/([^/]+)", self._read),
            ("POST", "/issue/([^/]+)/comment", self._comment),
            ("GET", "/issue/([^/]+)/comment", self._comments),
            ("GET", "/issue/([^/]+)/transitions", self._offered),
            ("POST", "/issue/([^/]+)/transitions", self._move),
            ("POST", "/search/jql", self._search),
            ("GET", "/search/jql", self._search),
            ("GET", "/myself", lambda _request: Reply(200, {"accountId": "local", "displayName": "Watchkeeper"})),
        ]

    def _create(self, request: Request) -> Reply:
        fields = _object(request).get("fields") or {}
        wrong = self._wrong(fields)
        if wrong:
            raise No(400, **wrong)
        number = len(self.issues) + 1
        issue = Issue(id=str(10_000 + number), key=f"{fields['project']['key']}-{number}", fields=fields, history=["To Do"])
        self.issues.append(issue)
        return Reply(201, {"id": issue.id, "key": issue.key, "self": f"/rest/api/3/issue/{issue.id}"})

    def _wrong(self, fields: Body) -> dict[str, str]:
        """Field by field, as Jira names them."""
        wrong = _wrong_summary(fields.get("summary"))
        if (fields.get("project") or {}).get("key") not in self.projects:
            wrong["project"] = "valid project is required"
        if (fields.get("issuetype") or {}).get("name") not in self.issue_types:
            wrong["issuetype"] = "Specify a valid issue type"
        if any(" " in label for label in fields.get("labels", [])):
            wrong["labels"] = "The label contains spaces which is invalid."
        if "description" in fields and (found := faults(fields["description"])):
            wrong["description"] = found[0]
        for unknown in fields.keys() - {"project", "issuetype", "summary", "description", "labels", "priority"}:
            wrong[unknown] = f"Field '{unknown}' cannot be set. It is not on the appropriate screen, or unknown."
        return wrong

    def _read(self, _request: Request, key: str) -> Reply:
        issue = self._find(key)
        return Reply(200, {"id": issue.id, "key": issue.key, "fields": {**issue.fields, "status": _status(issue.status)}})

    def _comment(self, request: Request, key: str) -> Reply:
        issue, body = self._find(key), _object(request).get("body")
        if found := faults(body):
            raise No(400, comment=found[0])
        issue.comments.append(Comment(str(20_000 + len(issue.comments)), body))  # type: ignore[arg-type]  # an ADF without faults is an object
        return Reply(201, {"id": issue.comments[-1].id, "body": body})

    def _comments(self, request: Request, key: str) -> Reply:
        comments = self._find(key).comments
        if request.query.get("orderBy") == "-created":
            comments = comments[::-1]
        start, most = int(request.query.get("startAt", 0)), min(int(request.query.get("maxResults", 50)), 100)
        page = [{"id": comment.id, "body": comment.body} for comment in comments[start : start + most]]
        return Reply(200, {"startAt": start, "maxResults": most, "total": len(comments), "comments": page})

    def _offered(self, _request: Request, key: str) -> Reply:
        current = self._find(key).status
        offered = [{"id": i, "name": name, "to": _status(name)} for i, name in self.transitions.items() if name != current]
        return Reply(200, {"expand": "transitions", "transitions": offered})

    def _move(self, request: Request, key: str) -> Reply:
        issue, chosen = self._find(key), str((_object(request).get("transition") or {}).get("id", ""))
        if chosen not in self.transitions:
            raise No(400, f"Transition id '{chosen}' is not valid for this issue.")
        if self.screen:
            raise No(400, self.screen)
        issue.status = self.transitions[chosen]
        issue.history.append(issue.status)
        return Reply(204, b"")

    def _search(self, request: Request) -> Reply:
        """Only `labels = "…"`, which is all that Watchkeeper asks."""
        asked = _object(request) if request.method == "POST" else request.query
        label = re.search(r'labels\s*=\s*"([^"]+)"', str(asked.get("jql", "")))
        if not label:
            raise No(400, "Unbounded JQL queries are not allowed here. Please add a search restriction to your query.")
        found = [] if self.blind else [issue for issue in self.issues if label.group(1) in issue.fields.get("labels", [])]
        page = found[: int(asked.get("maxResults", 50))]
        return Reply(200, {"issues": [{"id": i.id, "key": i.key, "fields": {"summary": i.summary}} for i in page], "isLast": True})

    def _find(self, key: str) -> Issue:
        for issue in self.issues:
            if key in {issue.key, issue.id}:
                return issue
        raise No(404, "Issue does not exist or you do not have permission to see it.")


def _wrong_summary(summary: Any) -> dict[str, str]:
    if not isinstance(summary, str) or not summary.strip():
        return {"summary": "You must specify a summary of the issue."}
    if "\n" in summary or "\r" in summary:
        return {"summary": "The summary is invalid because it contains newline characters."}
    return {"summary": "Summary can't exceed 255 characters."} if len(summary) > LONGEST_SUMMARY else {}


def _status(name: str) -> Body:
    return {"name": name, "statusCategory": {"key": STATUSES.get(name, "indeterminate")}}


def _object(request: Request) -> Body:
    if "application/json" not in request.headers.get("content-type", ""):
        raise No(415, "Unsupported Media Type")
    try:
        body = request.json()
    except ValueError:
        raise No(400, "There was an error parsing JSON. Check that your request body is valid.") from None
    if not isinstance(body, dict):
        raise No(400, "Invalid request payload. Refer to the REST API documentation and try again.")
    return body
