"""PagerDuty. An incident of ours is raised there through the Events API; an incident that came from there gets notes on its timeline
through the REST API, and is resolved there when it is over.

The Events API cannot be asked, and need not be: the dedup key is the incident's id, so an event that is sent again says nothing new.
A note is found again by its last line.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from distribution.layout.pagerduty import Page, note, page
from distribution.moments import Medium, owed
from distribution.place import Means, Place, Post
from distribution.web import read_json
from watchkeeper.errors import ChannelRefused
from watchkeeper.models import AuditRecord, Delivery
from watchkeeper.story import Story
from watchkeeper.team import Channel

FROM_THERE = ("pagerduty", "pagerduty-action")
LABEL = "pagerduty_incident"
OWN_ID = re.compile(r"[A-Z0-9]{6,24}")
MOST_INCIDENTS = 3
OVER = "incident.resolved"
ROUTING_KEY, TOKEN, SENDER = "pagerduty_routing_key", "pagerduty_api_token", "pagerduty_from"


def open_channel(channel: Channel, means: Means) -> Place:
    """The account with what the secret holds of it: the key of a service's integration, and a REST token with whose it is."""
    credentials = {name: means.credentials().get(name, "") for name in (ROUTING_KEY, TOKEN, SENDER)}
    if not credentials[ROUTING_KEY] and not (credentials[TOKEN] and credentials[SENDER]):
        raise ChannelRefused(f"not set up: the channels secret holds neither {ROUTING_KEY} nor {TOKEN} and {SENDER}")
    return PagerDutyAccount(means, credentials, raises=channel.where.get("raise") is not False)


@dataclass(frozen=True)
class Note:
    """A note to make on one of their incidents; with the last one of a story that is over, the incident is resolved."""

    incident: str
    text: str
    ends: bool = False


@dataclass(frozen=True)
class PagerDutyAccount:
    """A Place. Its refs: each event's key holds the dedup key, each note's key its id. Notes are listed at once, hence the short settling.

    `raises` says whether our own incidents are raised there; those that came from there are always told there.
    """

    means: Means
    credentials: Mapping[str, str]
    raises: bool
    settling: timedelta = timedelta(seconds=10)

    def posts(self, story: Story, delivery: Delivery) -> list[Post]:
        """Notes where PagerDuty has an incident for this; events where we raise it there. One may have both."""
        found: list[Post] = []
        if self.raises and story.incident.source not in FROM_THERE:
            self._needs(ROUTING_KEY)
            found += self._pages(story, delivery)
        theirs = incidents_there(story)
        if theirs:
            self._needs(TOKEN, SENDER)
            found += self._notes(story, delivery, theirs)
        return found

    def find(self, post: Post, _refs: Mapping[str, str], _since: datetime) -> dict[str, str] | None:
        """A note by its last line. An event is not looked for: PagerDuty folds it into the first by its key."""
        if not isinstance(post.body, Note):
            return None
        wanted = mark_of(post.body.text)
        made = self._rest("GET", f"/incidents/{post.body.incident}/notes").get("notes", [])
        return next(({post.key: str(one["id"])} for one in made if mark_of(str(one.get("content", ""))) == wanted), None)

    def send(self, post: Post, _refs: Mapping[str, str]) -> dict[str, str]:
        if isinstance(post.body, Page):
            return {post.key: self._event(post.body)}
        said: Note = post.body
        trouble = self._resolve(said.incident) if said.ends else ""
        text = f"{trouble}\n{said.text}" if trouble else said.text
        made = self._rest("POST", f"/incidents/{said.incident}/notes", json={"note": {"content": text}})
        return {post.key: str(made["note"]["id"])}

    def refresh(self, _story: Story, refs: Mapping[str, str]) -> dict[str, str]:
        """Nothing is edited: a timeline is written on."""
        return dict(refs)

    def _pages(self, story: Story, delivery: Delivery) -> Iterator[Post]:
        """An event for each moment that a pager is for. What is over already pages nobody: of what led to an end only the end is told,
        which PagerDuty drops where it has heard of no beginning."""
        records = owed(story, delivery.said, Medium.PAGER)
        past = max((at for at, record in enumerate(records) if record.kind == OVER), default=0)
        briefing, unsaid = self.means.brief(story), [record.seq for record in records[:past]]
        for record in records[past:]:
            yield from _numbered(record, page(briefing, story, record), (*unsaid, record.seq))
            unsaid = []

    def _notes(self, story: Story, delivery: Delivery, theirs: tuple[str, ...]) -> Iterator[Post]:
        """Each moment on every incident of theirs, in parts where it is long; the last part of the last one tells the moment."""
        briefing = self.means.brief(story)
        for record in owed(story, delivery.said, Medium.NOTE):
            texts = note(briefing, record)
            for incident in theirs:
                for number, text in enumerate(texts, start=1):
                    last = number == len(texts)
                    key = f"note-{record.seq}.{incident}" + (f".{number}" if number > 1 else "")
                    tells = (record.seq,) if last and incident == theirs[-1] else ()
                    yield Post(key, tells, Note(incident, text, ends=last and record.kind == OVER))

    def _needs(self, *names: str) -> None:
        if missing := [f"{name} in the channels secret" for name in names if not self.credentials[name]]:
            raise ChannelRefused(f"not set up: missing {', '.join(missing)}")

    def _event(self, said: Page) -> str:
        """One event. PagerDuty takes it, or says in its own words what it does not take."""
        url = f"{self.means.settings.pagerduty_events_url.rstrip('/')}/v2/enqueue"
        body = {"routing_key": self.credentials[ROUTING_KEY], "event_action": said.action, "dedup_key": said.dedup_key, **said.body}
        answer = self.means.web.call("PagerDuty", "POST", url, json=body)
        if answer.status_code == 202:
            return said.dedup_key
        raise ChannelRefused(f"PagerDuty refuses the event with HTTP {answer.status_code}: {self._why(answer)}")

    def _resolve(self, incident: str) -> str:
        """Resolve it there; what is resolved stays. A sentence for people when PagerDuty does not let us."""
        if self._rest("GET", f"/incidents/{incident}").get("incident", {}).get("status") == "resolved":
            return ""
        try:
            self._rest("PUT", f"/incidents/{incident}", json={"incident": {"type": "incident", "status": "resolved"}})
        except ChannelRefused as error:  # the note is the finding; it must not be lost for the sake of a status
            return f"Please resolve this incident by hand: {error}"
        return ""

    def _rest(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        headers = {
            "Authorization": f"Token token={self.credentials[TOKEN]}",
            "Accept": "application/vnd.pagerduty+json;version=2",
            "From": self.credentials[SENDER],
        }
        url = f"{self.means.settings.pagerduty_api_url.rstrip('/')}{path}"
        answer = self.means.web.call("PagerDuty", method, url, headers=headers, **options)
        if answer.status_code >= 300:
            raise ChannelRefused(f"PagerDuty refuses {method} {path} with HTTP {answer.status_code}: {self._why(answer)}")
        return read_json("PagerDuty", answer)

    def _why(self, answer: Any) -> str:
        """PagerDuty's message and errors, without what it may repeat of our own keys; a proxy's page is cut short."""
        if answer.status_code == 401:
            return f"the API token is not valid: put a new {TOKEN} into the channels secret"
        try:
            said = answer.json()
            inner = said.get("error", said)
            faults = [str(inner.get("message", "")), *map(str, inner.get("errors") or ())]
        except (ValueError, AttributeError, TypeError):
            faults = []
        text = "; ".join(filter(None, faults)) or answer.text[:120]
        for secret in filter(None, (self.credentials[ROUTING_KEY], self.credentials[TOKEN])):
            text = text.replace(secret, "…")
        return text


def incidents_there(story: Story) -> tuple[str, ...]:
    """The ids that PagerDuty has for this, oldest first; from its own messages alone, since anybody may write a label elsewhere."""
    alerts = sorted((one for one in story.alerts if one.source in FROM_THERE), key=lambda alert: alert.occurred_at)
    named = (alert.labels.get(LABEL, "") for alert in alerts)
    return tuple(dict.fromkeys(one for one in named if OWN_ID.fullmatch(one)))[:MOST_INCIDENTS]


def mark_of(text: str) -> str:
    """The last line of a note, by which it is found again."""
    return text.rstrip().rsplit("\n", 1)[-1].strip()


def _numbered(record: AuditRecord, pages: tuple[Page, ...], tells: tuple[int, ...]) -> Iterator[Post]:
    for number, one in enumerate(pages, start=1):
        key = f"page-{record.seq}" + (f".{number}" if number > 1 else "")
        yield Post(key, tells if number == len(pages) else (), one)
