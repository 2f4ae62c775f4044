"""An incident's audit chains in a file, with the heads that were anchored: all that anyone needs to verify them without us.

The first chain is the incident's own; beside it stands one for each channel that was told, with every message that it was sent.
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from cli.trouble import CANNOT, Trouble
from watchkeeper.audit import Anchor, faults
from watchkeeper.ids import digest
from watchkeeper.models import AuditRecord, Time, Word


class Chain(Word):
    """One chain: its name, its records, and its heads that were anchored."""

    name: str
    records: tuple[AuditRecord, ...]
    anchors: tuple[Anchor, ...] = ()


class AuditFile(Word):
    """`contents` seals what the file holds as a whole, so that a chain that is gone with its anchors shows. Files of the first format
    have neither messages nor contents."""

    format: Literal["watchkeeper-audit/1", "watchkeeper-audit/2"] = "watchkeeper-audit/2"
    incident_id: str
    exported_at: Time
    records: tuple[AuditRecord, ...]
    anchors: tuple[Anchor, ...]
    messages: tuple[Chain, ...] = ()
    contents: str = ""

    @property
    def chains(self) -> tuple[Chain, ...]:
        """The incident's own, then those of its messages."""
        return (Chain(name=self.incident_id, records=self.records, anchors=self.anchors), *self.messages)

    def sealed(self) -> "AuditFile":
        return self.but(contents=contents_of(self))


def contents_of(kept: AuditFile) -> str:
    """The digest of what this file should hold: of each chain its name, its length, its head and its anchors."""
    held = [(c.name, len(c.records), c.records[-1].hash if c.records else "", [a.hash for a in c.anchors]) for c in kept.chains]
    return digest(held)


def read_audit_file(path: str) -> AuditFile:
    """The file, or standard input for `-`; Trouble names the first field that is wrong."""
    try:
        return AuditFile.model_validate_json(sys.stdin.read() if path == "-" else Path(path).read_text())
    except (OSError, UnicodeDecodeError) as error:
        raise Trouble(f"{path} cannot be read: {error}", code=CANNOT) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        todo = "give a file made by: ./watchkeeper audit export INC"
        raise Trouble(f"{path} is no audit export: {where}: {first['msg']}", "nothing can be said about it", todo) from error


def all_faults(kept: AuditFile) -> list[str]:
    """Every way in which this file is not what was written about the incident, each with the chain that it is about."""
    found = [fault for chain in kept.chains for fault in _of_chain(chain, kept.incident_id)]
    names = [chain.name for chain in kept.chains]
    found += [f"{name} is there {names.count(name)} times" for name in sorted(set(names)) if names.count(name) > 1]
    if kept.format != "watchkeeper-audit/1" and kept.contents != contents_of(kept):
        found.append("the file does not hold what was exported: a chain, an anchor or the end of one was taken out or put in")
    return found


def _of_chain(chain: Chain, incident_id: str) -> Iterator[str]:
    own = chain.name == incident_id
    about = "" if own else f"messages of {chain.name.partition('#')[2] or chain.name}: "
    if not own and not chain.name.startswith(f"{incident_id}#"):
        yield f"{about}the chain {chain.name} is not of {incident_id}"
    for fault in (*_strangers(chain.name, chain.records, chain.anchors), *faults(chain.records, chain.anchors)):
        yield f"{about}{fault}"


def _strangers(name: str, records: Sequence[AuditRecord], anchors: Sequence[Anchor]) -> Iterator[str]:
    """What lies in a chain that is not its own, and a chain without anything."""
    if not records:
        yield f"there is no record of {name}"
    yield from (f"record {r.seq} belongs to {r.incident_id}, not to {name}" for r in records if r.incident_id != name)
    yield from (f"the anchor of record {a.seq} belongs to {a.incident_id}, not to {name}" for a in anchors if a.incident_id != name)
