"""One thing that happened, sealed to everything that happened before it."""

from typing import Any

from watchkeeper.models.word import Time, Word


class Happening(Word):
    """What a stage wants recorded: who, what, one sentence for people, details for machines."""

    actor: str
    kind: str
    says: str
    detail: dict[str, Any] = {}


class AuditRecord(Word):
    """A happening in its place in the incident's chain. `hash` covers every other field and the hash before it."""

    schema_version: int = 1
    incident_id: str
    seq: int
    at: Time
    actor: str
    kind: str
    says: str
    detail: dict[str, Any] = {}
    previous: str
    hash: str
