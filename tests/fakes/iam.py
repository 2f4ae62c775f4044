"""As much of IAM's judgement as our policies use: explicit Deny, Allow, wildcards, and the conditions that we write.

Strict where AWS is lenient: an operator or an element that it does not know is an error, so that no policy passes unread.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

ALLOWED, IMPLICIT, EXPLICIT = "allowed", "implicitDeny", "explicitDeny"
KNOWN = {"Sid", "Effect", "Action", "Resource", "Condition"}
Statement = Mapping[str, Any]


def decide(statements: Iterable[Statement], action: str, resource: str = "*", context: Mapping[str, str] | None = None) -> str:
    """What these statements together say to one call on one resource."""
    effects = {one["Effect"] for one in statements if _speaks(one, action, resource, context or {})}
    return EXPLICIT if "Deny" in effects else ALLOWED if "Allow" in effects else IMPLICIT


def both(session: Iterable[Statement], role: Iterable[Statement], action: str, resource: str = "*", **context: str) -> str:
    """A session with a policy of its own may do what both allow, and nothing that one denies."""
    said = [decide(statements, action, resource, context) for statements in (session, role)]
    return EXPLICIT if EXPLICIT in said else ALLOWED if said == [ALLOWED, ALLOWED] else IMPLICIT


def several(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _speaks(one: Statement, action: str, resource: str, context: Mapping[str, str]) -> bool:
    assert set(one) <= KNOWN, one
    named = any(_like(action.lower(), pattern.lower()) for pattern in several(one["Action"]))
    reached = any(_like(resource, pattern) or resource == "*" == pattern for pattern in several(one["Resource"]))
    return named and reached and all(_holds(test, wanted, context) for test, wanted in one.get("Condition", {}).items())


def _holds(test: str, wanted: Mapping[str, Any], context: Mapping[str, str]) -> bool:
    matches = {"StringEquals": str.__eq__, "ArnLike": _like, "ArnEquals": _like, "StringLike": _like}[test]
    there = {key.lower(): value for key, value in context.items()}
    return all(key.lower() in there and any(matches(there[key.lower()], one) for one in several(values)) for key, values in wanted.items())


def _like(text: str, pattern: str) -> bool:
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), text, re.DOTALL) is not None
