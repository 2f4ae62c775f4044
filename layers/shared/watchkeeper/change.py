"""A change to an incident: decided without I/O, then written as one transaction, then told to the queues."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from watchkeeper.audit import GENESIS, Anchor, seal
from watchkeeper.episodes import Episode
from watchkeeper.messages import IncidentChanged, Message
from watchkeeper.models import AuditRecord, Happening, Incident, Revised, Row


@dataclass(frozen=True)
class Cooldown:
    """This action may not touch this target again before then. Taken with the claim, in the same transaction."""

    action: str
    target: str
    until: datetime
    taken_at: datetime


@dataclass(frozen=True)
class Owed:
    """Something that a written change promised: a message to send, or a head to anchor. Gone once it is settled."""

    incident_id: str
    id: str
    message: Message | None = None
    anchor: Anchor | None = None


@dataclass(frozen=True)
class Change:
    """All or nothing. `incident.version` is one above the version it was decided on; version 1 must not exist yet.

    `rows` are guarded by the incident's version; `new` must not exist at all; the episode, each of the `pointers` and each of
    the `revised` say which revision they replace; `gone` are rows that leave their place (partition, sort key) with it; `owed` are the
    messages to send once this is written, kept until they are sent.
    """

    incident: Incident
    records: tuple[AuditRecord, ...]
    rows: tuple[Row, ...] = ()
    new: tuple[Row, ...] = ()
    episode: Episode | None = None
    cooldown: Cooldown | None = None
    owed: tuple[Message, ...] = ()
    links: tuple[str, ...] = ()
    pointers: tuple[Episode, ...] = ()
    gone: tuple[tuple[str, str], ...] = ()
    revised: tuple[Revised, ...] = ()

    @property
    def episodes(self) -> tuple[Episode, ...]:
        """Every episode that it writes."""
        return (self.episode, *self.pointers) if self.episode else self.pointers

    @property
    def debts(self) -> tuple[Owed, ...]:
        """Every message to send and, where the chain grew, its new head to anchor."""
        debts = [Owed(self.incident.id, message.id, message=message) for message in self.owed]
        if self.records:
            head = Anchor(incident_id=self.incident.id, seq=self.incident.audit_length, hash=self.incident.audit_head)
            debts.append(Owed(self.incident.id, f"anchor-{head.seq:06d}", anchor=head))
        return tuple(debts)


def change(
    incident: Incident,
    happenings: Sequence[Happening],
    at: datetime,
    *,
    rows: Sequence[Row] = (),
    new: Sequence[Row] = (),
    episode: Episode | None = None,
    cooldown: Cooldown | None = None,
    owed: Sequence[Message] = (),
    links: Sequence[str] = (),
    pointers: Sequence[Episode] = (),
    gone: Sequence[tuple[str, str]] = (),
    revised: Sequence[Revised] = (),
    quiet: bool = False,
    **fields: object,
) -> Change:
    """The next version of the incident with these fields, its happenings sealed onto its chain; all hear of it unless it is `quiet`."""
    records = _sealed(happenings, incident, at)
    after = incident.but(
        **fields,
        version=incident.version + 1,
        updated_at=at,
        audit_length=incident.audit_length + len(records),
        audit_head=records[-1].hash if records else incident.audit_head,
    )
    told = () if quiet else (IncidentChanged(incident_id=after.id, version=after.version, trace_id=after.trace_id),)
    sent, kept = (*owed, *told), (tuple(links), tuple(pointers), tuple(gone), tuple(revised))
    return Change(after, records, tuple(rows), tuple(new), episode, cooldown, sent, *kept)


def _sealed(happenings: Sequence[Happening], incident: Incident, at: datetime) -> tuple[AuditRecord, ...]:
    """Each happening in its place on the incident's chain."""
    head, records = incident.audit_head or GENESIS, []
    for seq, happening in enumerate(happenings, start=incident.audit_length + 1):
        records.append(seal(happening, incident.id, seq, at, head))
        head = records[-1].hash
    return tuple(records)
