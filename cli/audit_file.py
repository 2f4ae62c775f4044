"""An incident's audit chain in a file, with the heads that were anchored: all that anyone needs to verify it without us."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from cli.trouble import CANNOT, Trouble
from watchkeeper.audit import Anchor, faults
from watchkeeper.models import AuditRecord, Time, Word


class AuditFile(Word):
    format: Literal["watchkeeper-audit/1"] = "watchkeeper-audit/1"
    incident_id: str
    exported_at: Time
    records: tuple[AuditRecord, ...]
    anchors: tuple[Anchor, ...]


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


def all_faults(incident_id: str, records: Sequence[AuditRecord], anchors: Sequence[Anchor]) -> list[str]:
    """Every way in which this is not the incident's chain as it was written."""
    strangers = [f"record {r.seq} belongs to {r.incident_id}, not to {incident_id}" for r in records if r.incident_id != incident_id]
    strangers += [
        f"the anchor of record {a.seq} belongs to {a.incident_id}, not to {incident_id}" for a in anchors if a.incident_id != incident_id
    ]
    empty = [] if records else [f"there is no record of {incident_id}"]
    return [*empty, *strangers, *faults(records, anchors)]
