"""Jira Cloud: one issue for each incident, a comment for each notable moment, a transition when it is over."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from distribution.layout.jira import Document, comment, issue, sentence, summary
from distribution.moments import Medium, owed
from distribution.place import Means, Place, Post
from distribution.web import read_json
from watchkeeper.errors import ChannelRefused
from watchkeeper.models import AuditRecord, Delivery
from watchkeeper.story import Story
from watchkeeper.team import Channel

ISSUE = "issue"
PAGES = 20
_TRANSITIONS = {"incident.resolved": "resolve_transition", "incident.reopened": "reopen_transition"}


def open_channel(channel: Channel, means: Means) -> Place:
    """The project with the credentials of an Atlassian account."""
    credentials = means.credentials()
    found = {
        "the setting JIRA_URL": means.settings.jira_url,
        "jira_email in the channels secret": credentials.get("jira_email", ""),
        "jira_api_token in the channels secret": credentials.get("jira_api_token", ""),
        f"where.project of {channel.id}": channel.where.get("project", ""),
    }
    missing = [name for name, value in found.items() if not value]
    if missing:
        raise ChannelRefused(f"not set up: missing {', '.join(missing)}")
    return JiraProject(means, (credentials["jira_email"], credentials["jira_api_token"]), channel.where)


@dataclass(frozen=True)
class Said:
    """A comment to make: its text, and the transition that goes before it, if its moment has one; `ends` when that is the end."""

    document: Document
    transition: str = ""
    ends: bool = False


@dataclass(frozen=True)
class JiraProject:
    """A Place. Its refs: `issue` holds the key, each comment's key its id. Jira's search lags behind, hence the long settling."""

    means: Means
    auth: tuple[str, str]
    where: Mapping[str, Any]
    settling: timedelta = timedelta(seconds=60)

    def posts(self, story: Story, delivery: Delivery) -> list[Post]:
        """The issue, what did not fit into its description, then a comment for each moment."""
        briefing = self.means.brief(story)
        description, *more = issue(briefing)
        label = f"watchkeeper-{story.incident.id}"
        found = [Post(ISSUE, (), (label, self._fields(summary(briefing), description, label)))]
        if not delivery.shown_version:  # later the story has grown, and its growth is told by the moments
            found += [Post(f"issue.{number}", (), Said(document)) for number, document in enumerate(more, start=2)]
        for record in owed(story, delivery.said, Medium.TICKET):
            found += self._comments(record, comment(briefing, record))
        return found

    def find(self, post: Post, refs: Mapping[str, str], _since: datetime) -> dict[str, str] | None:
        """The issue by its label, a comment by the mark in its last line."""
        if post.key == ISSUE:
            asked = {"jql": f'labels = "{post.body[0]}" ORDER BY created ASC', "maxResults": 1, "fields": ["summary"]}
            issues = self._call("POST", "/search/jql", json=asked).get("issues", [])
            return {ISSUE: issues[0]["key"]} if issues else None
        mark = _mark(post.key)
        return next(({post.key: made["id"]} for made in self._made(refs[ISSUE]) if _ends_with(made.get("body"), mark)), None)

    def send(self, post: Post, refs: Mapping[str, str]) -> dict[str, str]:
        if post.key == ISSUE:
            return {ISSUE: self._call("POST", "/issue", json={"fields": post.body[1]})["key"]}
        note = self._move(refs[ISSUE], post.body) if post.body.transition else ""
        content = [*post.body.document["content"], *([sentence(note)] if note else []), sentence(_mark(post.key))]
        made = self._call("POST", f"/issue/{_path(refs[ISSUE])}/comment", json={"body": post.body.document | {"content": content}})
        return {post.key: made["id"]}

    def refresh(self, _story: Story, refs: Mapping[str, str]) -> dict[str, str]:
        """Nothing is edited: what people wrote into a ticket is theirs."""
        return dict(refs)

    def _comments(self, record: AuditRecord, documents: list[Document]) -> Iterator[Post]:
        """The moment's comment; the last part of a long one carries the transition and tells the moment."""
        transition = str(self.where.get(_TRANSITIONS.get(record.kind, ""), ""))
        for number, document in enumerate(documents, start=1):
            last = number == len(documents)
            key = f"moment-{record.seq}" + (f".{number}" if number > 1 else "")
            yield Post(key, (record.seq,) if last else (), Said(document, transition if last else "", record.kind == "incident.resolved"))

    def _fields(self, title: str, description: Document, label: str) -> dict[str, Any]:
        return {
            "project": {"key": self.where["project"]},
            "issuetype": {"name": self.where.get("issue_type", "Task")},
            "summary": title,
            "description": description,
            "labels": ["watchkeeper", label],
        }

    def _move(self, issue_key: str, said: Said) -> str:
        """Take the issue there; what is there already stays. A sentence for people when Jira does not let us."""
        path, name = f"/issue/{_path(issue_key)}", said.transition
        status = self._call("GET", f"{path}?fields=status")["fields"]["status"]
        if status["name"].lower() == name.lower() or (said.ends and status.get("statusCategory", {}).get("key") == "done"):
            return ""
        offered = self._call("GET", f"{path}/transitions").get("transitions", [])
        chosen = next((t for t in offered if name.lower() in {t["name"].lower(), t.get("to", {}).get("name", "").lower()}), None)
        if chosen is None:
            return f"The workflow offers no transition “{name}” from “{status['name']}”: please move this ticket by hand."
        try:
            self._call("POST", f"{path}/transitions", json={"transition": {"id": chosen["id"]}})
        except ChannelRefused as error:  # the comment is the finding; it must not be lost for the sake of a status
            return f"Please move this ticket by hand to “{name}”: {error}"
        return ""

    def _made(self, issue_key: str) -> Iterator[dict[str, Any]]:
        """The issue's comments, newest first."""
        start = 0
        for _ in range(PAGES):
            page = self._call("GET", f"/issue/{_path(issue_key)}/comment?orderBy=-created&maxResults=100&startAt={start}")
            yield from page.get("comments", [])
            start += len(page.get("comments", []))
            if start >= page.get("total", 0):
                return

    def _call(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        """One call. ChannelRefused says which fields Jira does not take, in its own words."""
        url = f"{self.means.settings.jira_url.rstrip('/')}/rest/api/3{path}"
        answer = self.means.web.call("Jira", method, url, auth=self.auth, headers={"Accept": "application/json"}, **options)
        if answer.status_code == 204:
            return {}
        if answer.status_code < 300:
            return read_json("Jira", answer)
        raise ChannelRefused(f"Jira refuses {method} {path.partition('?')[0]} with HTTP {answer.status_code}: {_why(answer)}")


def _why(answer: Any) -> str:
    """Jira's messages and field errors; what a login page or a proxy says is cut short."""
    if answer.status_code == 401:
        return "the account or its API token is not valid: put a new one into the channels secret"
    try:
        said = answer.json()
        faults = [*said.get("errorMessages", []), *(f"{field}: {fault}" for field, fault in said.get("errors", {}).items())]
    except (ValueError, AttributeError):
        faults = []
    return "; ".join(faults) or answer.text[:120]


def _path(issue_key: str) -> str:
    return quote(issue_key, safe="")


def _mark(key: str) -> str:
    """The last line of each comment, by which it is found again."""
    return f"Watchkeeper, {key.replace('-', ' ')}"


def _ends_with(document: Any, mark: str) -> bool:
    """Is the document's last paragraph this mark? Jira may have added marks and ids to the nodes."""
    try:
        return "".join(str(text.get("text", "")) for text in document["content"][-1]["content"]) == mark
    except (TypeError, KeyError, IndexError):
        return False
