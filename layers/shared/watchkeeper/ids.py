"""Names for things: sortable for incidents, repeatable for everything that may be written twice."""

import hashlib
import json
import os
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_OURS = uuid.UUID("6f2b1f0e-5d0a-5c0e-9a43-77617463686b")


def now() -> datetime:
    """The wall clock, in UTC. Services take it as an argument; only wirings name it."""
    return datetime.now(UTC)


def ulid(at: datetime, entropy: Callable[[int], bytes] = os.urandom) -> str:
    """48 bits of milliseconds and 80 of chance, in Crockford's alphabet: sorts by time as text."""
    number = int(at.timestamp() * 1000) << 80 | int.from_bytes(entropy(10), "big")
    return "".join(_CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))


def incident_id(at: datetime) -> str:
    """A new incident's name."""
    return f"INC-{ulid(at)}"


def token(*parts: str) -> str:
    """A UUID that is the same whenever the same things are named: client tokens, message ids, alert ids."""
    return str(uuid.uuid5(_OURS, "\x1f".join(parts)))


def digest(value: object) -> str:
    """The sha256 of a JSON value, however its keys were ordered."""
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()
