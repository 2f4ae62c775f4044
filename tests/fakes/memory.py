"""The ports, in memory: what a test sees is what the DynamoDB adapters would do. The contract suite holds both to it."""

import hashlib
import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from watchkeeper.aside import Aside, partition_of
from watchkeeper.audit import Anchor
from watchkeeper.change import Change, Owed
from watchkeeper.episodes import Episode
from watchkeeper.errors import AlreadyWritten, Permanent, Stale
from watchkeeper.messages import Message
from watchkeeper.models import Analysis, AuditRecord, Delivery, Due, Incident, Revised, Row, StoredPayload
from watchkeeper.ports import Found

R = TypeVar("R", bound=Row)
D = TypeVar("D", bound=Revised)


class MemoryIncidents:
    """The Incidents port."""

    def __init__(self) -> None:
        self.meta: dict[str, Incident] = {}
        self.lying: dict[str, dict[str, Row]] = defaultdict(dict)
        self.known: dict[str, Episode] = {}
        self.links: dict[str, str] = {}
        self.cooldowns: dict[tuple[str, str], datetime] = {}
        self.debts: dict[tuple[str, str], tuple[Owed, datetime]] = {}
        self.records: dict[str, list[AuditRecord]] = defaultdict(list)
        self.documents: dict[tuple[str, str], Revised] = {}
        self.tallies: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        self._one_at_a_time = threading.RLock()

    def load(self, incident_id: str) -> Incident | None:
        return self.meta.get(incident_id)

    def row(self, incident_id: str, kind: type[R], key: str) -> R | None:
        found = self.lying[incident_id].get(f"{kind.prefix}#{key}")
        return found if isinstance(found, kind) else None

    def rows(self, incident_id: str, kind: type[R]) -> list[R]:
        with self._one_at_a_time:
            lying = sorted(self.lying[incident_id].items())
        return [row for key, row in lying if key.startswith(f"{kind.prefix}#") and isinstance(row, kind)]

    def episode(self, fingerprint: str) -> Episode:
        return self.known.get(fingerprint, Episode(fingerprint=fingerprint))

    def episodes(self, fingerprints: Collection[str]) -> dict[str, Episode]:
        return {fingerprint: self.episode(fingerprint) for fingerprint in fingerprints}

    def look_up(self, incidents: Collection[str], rows: Collection[tuple[str, str]]) -> Found:
        lying = {place for place in rows if place[1] in self.lying.get(place[0], {})}
        return Found({name: self.meta[name] for name in incidents if name in self.meta}, frozenset(lying))

    def put_episode(self, episode: Episode, aside: Sequence[Aside] = ()) -> None:
        with self._one_at_a_time:
            if self.episode(episode.fingerprint).revision != episode.revision - 1:
                raise Stale(f"the episode of {episode.fingerprint} was changed by another worker")
            if any(row.sort_key in self.lying[row.place[0]] for row in aside):
                raise AlreadyWritten(f"{episode.fingerprint}: this was written before")
            self.known[episode.fingerprint] = episode
            for row in aside:
                self.lying[row.place[0]][row.sort_key] = row

    def aside(self, fingerprint: str, limit: int) -> list[Aside]:
        return self.rows(partition_of(fingerprint), Aside)[::-1][:limit]

    def waking_before(self, at: datetime, limit: int) -> list[Episode]:
        waking = [episode for episode in self.known.values() if episode.wakes_at and episode.wakes_at <= at]
        return sorted(waking, key=lambda episode: episode.wakes_at or at)[:limit]

    def tally(self, incident_id: str, fingerprint: str, duplicates: int) -> None:
        with self._one_at_a_time:
            self.tallies[incident_id][fingerprint] += duplicates

    def tallied(self, incident_id: str) -> dict[str, int]:
        return dict(self.tallies[incident_id])

    def on_resource(self, resource: str, since: datetime, limit: int) -> list[Incident]:
        return self._newest(since, limit, lambda incident: resource in {r.arn or r.id for r in incident.resources})

    def of_service(self, service: str, since: datetime, limit: int) -> list[Incident]:
        return self._newest(since, limit, lambda incident: incident.service == service)

    def _newest(self, since: datetime, limit: int, fits: Callable[[Incident], bool]) -> list[Incident]:
        with self._one_at_a_time:
            found = [incident for incident in self.meta.values() if incident.opened_at >= since and fits(incident)]
        return sorted(found, key=lambda incident: incident.opened_at, reverse=True)[:limit]

    def linked(self, link: str) -> str | None:
        return self.links.get(link)

    def cooling(self, action: str, target: str, at: datetime) -> datetime | None:
        until = self.cooldowns.get((action, target))
        return until if until and until > at else None

    def revised(self, kind: type[D], name: str) -> D:
        found = self.documents.get(kind.at(name))
        return found if isinstance(found, kind) else kind(name=name)

    def put_revised(self, document: Revised) -> None:
        with self._one_at_a_time:
            if self.revised(type(document), document.name).revision != document.revision - 1:
                raise Stale(f"{document.name} was changed by another worker")
            self.documents[document.place] = document

    def owed(self, incident_id: str) -> list[Owed]:
        with self._one_at_a_time:
            lying = sorted(self.debts.items(), key=lambda item: item[0])
        return [debt for (owner, _), (debt, _) in lying if owner == incident_id]

    def owed_before(self, at: datetime, limit: int) -> list[Owed]:
        return [debt for debt, due in self.debts.values() if due <= at][:limit]

    def settle(self, owed: Owed) -> None:
        with self._one_at_a_time:
            self.debts.pop((owed.incident_id, owed.id), None)

    def due_before(self, at: datetime, limit: int) -> list[tuple[str, Due]]:
        return [(i.id, i.due) for i in self.meta.values() if i.due and i.due.at <= at][:limit]

    def history(self, incident_id: str) -> list[AuditRecord]:
        return list(self.records[incident_id])

    def append(self, record: AuditRecord) -> None:
        with self._one_at_a_time:
            if any(known.seq == record.seq for known in self.records[record.incident_id]):
                raise Stale(f"record {record.seq} of {record.incident_id} was written by another worker")
            self.records[record.incident_id].append(record)

    def recent(self, limit: int) -> list[Incident]:
        return sorted(self.meta.values(), key=lambda incident: incident.opened_at, reverse=True)[:limit]

    def put_delivery(self, delivery: Delivery) -> None:
        with self._one_at_a_time:
            self._put_delivery(delivery)

    def _put_delivery(self, delivery: Delivery) -> None:
        lying = self.lying[delivery.incident_id].get(delivery.sort_key)
        if (lying.revision if isinstance(lying, Delivery) else 0) != delivery.revision - 1:
            raise Stale(f"{delivery.channel} of {delivery.incident_id} was changed by another worker")
        self.lying[delivery.incident_id][delivery.sort_key] = delivery

    def write(self, *changes: Change) -> None:
        with self._one_at_a_time:
            for change in changes:
                self._check(change)
            for change in changes:
                self._write(change)

    def _write(self, change: Change) -> None:
        incident = change.incident
        self.meta[incident.id] = incident
        for row in (*change.rows, *change.new):
            self.lying[incident.id][row.sort_key] = row
        for partition, sort_key in change.gone:
            self.lying[partition].pop(sort_key, None)
        for episode in change.episodes:
            self.known[episode.fingerprint] = episode
        for document in change.revised:
            self.documents[document.place] = document
        if change.cooldown:
            self.cooldowns[change.cooldown.action, change.cooldown.target] = change.cooldown.until
        for link in change.links:
            self.links[link] = incident.id
        for debt in change.debts:
            self.debts[incident.id, debt.id] = (debt, incident.updated_at + timedelta(seconds=60))
        self.records[incident.id] += change.records

    def _check(self, change: Change) -> None:
        incident, cooldown = change.incident, change.cooldown
        lying = self.meta.get(incident.id)
        stale = (lying.version if lying else 0) != incident.version - 1
        stale = stale or any(self.episode(episode.fingerprint).revision != episode.revision - 1 for episode in change.episodes)
        stale = stale or any(self.revised(type(one), one.name).revision != one.revision - 1 for one in change.revised)
        stale = stale or len(self.records[incident.id]) != incident.audit_length - len(change.records)
        if stale:
            raise Stale(f"{incident.id} was changed by another worker since version {incident.version - 1}")
        cooling = cooldown and self.cooling(cooldown.action, cooldown.target, cooldown.taken_at)
        if cooling or any(row.sort_key in self.lying[incident.id] for row in change.new):
            raise AlreadyWritten(f"{incident.id}: this was written before")


class MemoryOutbox:
    """The Outbox port: what was sent, in order; a FIFO message sent twice within its window is there once."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self._known: set[str] = set()

    def send(self, messages: Sequence[Message]) -> None:
        if not self.sent:
            self._known.clear()  # a test that empties it begins anew
        fresh = [message for message in messages if message.id not in self._known]
        self._known |= {message.id for message in fresh if message.group}
        self.sent += fresh

    def take(self, kind: type[Message]) -> list[Any]:
        return [message for message in self.sent if isinstance(message, kind)]


@dataclass
class MemoryAnchors:
    """The Anchors port."""

    kept: list[Anchor] = field(default_factory=list)
    _heads: set[tuple[str, int, str]] = field(default_factory=set)

    def keep(self, anchor: Anchor) -> None:
        head = (anchor.incident_id, anchor.seq, anchor.hash)
        if head not in self._heads:
            self._heads.add(head)
            self.kept.append(anchor)

    def of(self, incident_id: str) -> list[Anchor]:
        return [anchor for anchor in self.kept if anchor.incident_id == incident_id]


@dataclass
class MemoryBlobs:
    """The Blobs port."""

    lying: dict[str, bytes] = field(default_factory=dict)

    def put(self, key: str, body: bytes) -> StoredPayload:
        self.lying[key] = body
        return StoredPayload(bucket="memory", key=key, sha256=hashlib.sha256(body).hexdigest(), size=len(body))

    def get(self, stored: StoredPayload) -> bytes:
        body = self.lying[stored.key]
        if hashlib.sha256(body).hexdigest() != stored.sha256:
            raise Permanent(f"{stored.key} in {stored.bucket} is not what was stored: its sha256 differs")
        return body


@dataclass
class MemoryAnalyses:
    """The AnalysisCache port, without a time to live."""

    lying: dict[str, Analysis] = field(default_factory=dict)

    def find(self, signature: str) -> Analysis | None:
        return self.lying.get(signature)

    def keep(self, analysis: Analysis) -> None:
        self.lying[analysis.signature] = analysis

    def forget(self, signature: str) -> None:
        self.lying.pop(signature, None)


@dataclass
class MemoryBudget:
    """The Budget port."""

    spent: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    _one_at_a_time: threading.Lock = field(default_factory=threading.Lock)

    def reserve(self, purses: Mapping[str, float], usd: float) -> str:
        with self._one_at_a_time:
            full = next((purse for purse, cap in purses.items() if self.spent[purse] + usd > cap + 1e-9), "")
            self._add(() if full else purses, usd)
        return full

    def settle(self, purses: Collection[str], reserved_usd: float, spent_usd: float) -> None:
        with self._one_at_a_time:
            self._add(purses, spent_usd - reserved_usd)

    def _add(self, purses: Collection[str], usd: float) -> None:
        for purse in purses:
            self.spent[purse] += usd


@dataclass
class Switch:
    """The KillSwitch port: `why` is why nothing may be done."""

    why: str = ""

    def thrown(self) -> str:
        return self.why


@dataclass
class MemorySecrets:
    """The Secrets port."""

    lying: dict[str, dict[str, str]] = field(default_factory=dict)

    def get(self, name: str) -> dict[str, str]:
        return self.lying.get(name, {})

    def renewed(self, name: str) -> dict[str, str]:
        return self.get(name)


@dataclass
class TickingClock:
    """A clock that stands still until a test moves it."""

    at: datetime = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def tick(self, seconds: float) -> datetime:
        self.at += timedelta(seconds=seconds)
        return self.at
