"""Reading somebody else's JSON without trusting its types: a field that is not what it should be counts as not there."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

Body = Mapping[str, Any]
_MILLISECONDS_FROM = 100_000_000_000
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)


def mapping(value: object) -> Body:
    """The object, or an empty one."""
    return value if isinstance(value, Mapping) else {}


def listing(value: object) -> list[Any]:
    """The list, or an empty one."""
    return value if isinstance(value, list) else []


def text(body: Body, *names: str) -> str:
    """The first of these fields that says something in words or as a number; empty where none does."""
    for name in names:
        value = body.get(name)
        if isinstance(value, str) and value.strip():
            return value.strip()
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
    return ""


def number(value: object) -> float | None:
    """A finite number, also where it is written as text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def count(value: object, least: int, otherwise: int) -> int:
    """A whole number that is not below `least`."""
    found = number(value)
    return int(found) if found is not None and least <= found < _MILLISECONDS_FROM else otherwise


def moment(value: object, otherwise: datetime) -> datetime:
    """ISO 8601, or seconds or milliseconds since 1970, in UTC; what is neither, or lies before 2000, is `otherwise`."""
    seconds = number(value)
    try:
        if seconds is not None:
            found = datetime.fromtimestamp(seconds / 1000 if seconds >= _MILLISECONDS_FROM else seconds, UTC)
        elif isinstance(value, str):
            written = datetime.fromisoformat(value.strip())
            found = written.replace(tzinfo=written.tzinfo or UTC).astimezone(UTC)
        else:
            return otherwise
    except (ValueError, OverflowError, OSError):
        return otherwise
    return found if found >= _EARLIEST else otherwise
