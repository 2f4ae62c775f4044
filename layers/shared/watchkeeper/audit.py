"""The chain: each record seals the one before it. A change, a gap and a swap break it; a cut end shows against an anchor."""

from collections.abc import Sequence
from datetime import datetime

from watchkeeper.ids import digest
from watchkeeper.models import AuditRecord, Happening, Word

GENESIS = "0" * 64


class Anchor(Word):
    """A head of a chain, kept outside the table where it cannot be taken back."""

    incident_id: str
    seq: int
    hash: str


def chain_of(incident_id: str, channel: str) -> str:
    """The name of the chain of what one channel was sent about one incident: it has one writer, so that it is a chain of its own."""
    return f"{incident_id}#{channel}"


def seal(happening: Happening, incident_id: str, seq: int, at: datetime, previous: str) -> AuditRecord:
    """The happening as record number `seq` of its incident."""
    body = {"schema_version": 1, "incident_id": incident_id, "seq": seq, "at": at, **dict(happening), "previous": previous}
    unsealed = AuditRecord.model_validate({**body, "hash": ""})
    return unsealed.but(hash=fingerprint(unsealed))


def fingerprint(record: AuditRecord) -> str:
    """The hash over every field but the hash."""
    return digest(record.model_dump(mode="json", exclude={"hash"}))


def faults(records: Sequence[AuditRecord], anchors: Sequence[Anchor] = ()) -> list[str]:
    """Every way in which this chain is not what was written, as sentences; none when it holds."""
    found = []
    previous = GENESIS
    for position, record in enumerate(records, start=1):
        if record.seq != position:
            found.append(f"record {position} says it is number {record.seq}: something was dropped or moved")
        if record.previous != previous:
            found.append(f"record {record.seq} does not follow the one before it")
        if record.hash != fingerprint(record):
            found.append(f"record {record.seq} was edited after it was sealed")
        previous = record.hash
    by_seq = {record.seq: record.hash for record in records}
    for anchor in anchors:
        if anchor.seq not in by_seq:
            found.append(f"the chain ends before record {anchor.seq}, which was anchored: it was cut")
        elif by_seq[anchor.seq] != anchor.hash:
            found.append(f"record {anchor.seq} is not the one that was anchored")
    return found
