"""What each channel was sent, sealed: a hash chain for each incident and channel, whose one writer is whoever works that queue group.

A record says what kind of message it was, which version of the incident it told, the sha256 of its content and what the channel
calls it. It is written after the message is out and before the delivery says so: a worker that dies in between leaves a delivery
that is still being attempted, and whoever comes next finds the message and, by its name there, the record of it.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, is_dataclass
from typing import Any

from pydantic import BaseModel

from distribution.web import Web
from watchkeeper.audit import GENESIS, Anchor, chain_of, seal
from watchkeeper.errors import Stale
from watchkeeper.ids import Clock, digest
from watchkeeper.models import AuditRecord, Happening
from watchkeeper.ports import Anchors, Incidents

ACTOR = "distribution"
POSTED, EDITED = "message.posted", "message.edited"
TRIES = 5


@dataclass(frozen=True)
class Sent:
    """One message that is out. `key` is our name for it and `external_id` the channel's, `sha256` that of its content; an edit has no
    name of its own there, so it is known by the version that it shows."""

    kind: str
    key: str
    version: int
    sha256: str
    external_id: str = ""

    @property
    def known_by(self) -> tuple[Any, ...]:
        return (self.kind, self.key, self.external_id) if self.external_id else (self.kind, self.key, self.version, self.sha256)

    @classmethod
    def of(cls, record: AuditRecord) -> "Sent":
        told = record.detail
        return cls(record.kind, told.get("key", ""), told.get("version", 0), told.get("sha256", ""), told.get("external_id", ""))


@dataclass(frozen=True)
class MessageRecord:
    """The chains of all channels. Safe to repeat: what is known already is not written twice, and its head is anchored again."""

    incidents: Incidents
    anchors: Anchors
    clock: Clock

    def keep(self, incident_id: str, channel: str, kind: str, sent: Sent) -> None:
        """Seal it onto the chain and anchor the new head. Another worker may write at the same time: read again, try again."""
        name = chain_of(incident_id, channel)
        for _ in range(TRIES):
            chain = self.incidents.history(name)
            known = next((record for record in chain if Sent.of(record).known_by == sent.known_by), None)
            if known is not None:
                return self._anchor(known)
            record = seal(_told(channel, kind, sent), name, len(chain) + 1, self.clock(), chain[-1].hash if chain else GENESIS)
            try:
                self.incidents.append(record)
            except Stale:
                continue
            return self._anchor(record)
        raise Stale(f"{name} changes too fast")

    def _anchor(self, head: AuditRecord) -> None:
        self.anchors.keep(Anchor(incident_id=head.incident_id, seq=head.seq, hash=head.hash))


def _told(channel: str, kind: str, sent: Sent) -> Happening:
    what = "was sent" if sent.kind == POSTED else "shows"
    says = f"{channel} {what} version {sent.version}: {sent.key}" + (f", {sent.external_id} there." if sent.external_id else ".")
    return Happening(
        actor=ACTOR,
        kind=sent.kind,
        says=says,
        detail={
            "channel": channel,
            "channel_kind": kind,
            "key": sent.key,
            "version": sent.version,
            "sha256": sent.sha256,
            "external_id": sent.external_id,
        },
    )


class Overheard(Web):
    """The web as a channel uses it, and the digests of what went out: for edits, which only the channel itself knows."""

    def __init__(self, web: Web) -> None:
        self._beyond, self.bodies = web, list[str]()

    def call(self, who: str, method: str, url: str, **options: Any) -> Any:
        answer = self._beyond.call(who, method, url, **options)
        if method != "GET" and "json" in options:
            self.bodies.append(digest(options["json"]))
        return answer


def content(body: object) -> str:
    """The sha256 of a message as it was laid out, whatever it is made of."""
    return digest(_plain(body))


def _plain(value: object) -> object:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)
