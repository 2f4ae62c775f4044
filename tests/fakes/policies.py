"""What policies say of one call, as IAM would: the part of its language that our runbooks' roles are written in, and refused beyond it."""

import re
from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

Statement = Mapping[str, Any]
Context = Mapping[str, str]
ALLOWED, FORBIDDEN, UNSAID = "allowed", "explicitDeny", "implicitDeny"
_READ = {"Sid", "Effect", "Action", "Resource", "Condition"}
_COMPARED: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": str.__eq__,
    "StringLike": fnmatchcase,
    "ArnLike": fnmatchcase,
    "ArnEquals": fnmatchcase,
}


def decision(statements: Iterable[Statement], action: str, resource: str, context: Context) -> str:
    """A deny wins over an allow, and what nobody allows is not allowed."""
    said = [one["Effect"] for one in statements if _speaks_of(one, action, resource, context)]
    if "Deny" in said:
        return FORBIDDEN
    return ALLOWED if "Allow" in said else UNSAID


def _speaks_of(statement: Statement, action: str, resource: str, context: Context) -> bool:
    return _names(statement, action, resource) and _holds(statement.get("Condition", {}), context)


def _names(statement: Statement, action: str, resource: str) -> bool:
    unread = set(statement) - _READ
    if unread:
        raise ValueError(f"a statement with {', '.join(sorted(unread))} is not understood here")
    actions = any(fnmatchcase(action.lower(), pattern.lower()) for pattern in _several(statement["Action"]))
    return actions and any(_matches(resource, pattern) for pattern in _several(statement["Resource"]))


def _matches(resource: str, pattern: str) -> bool:
    """A star stands for anything, slashes and colons too, as it does in IAM."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), resource) is not None


def _holds(conditions: Mapping[str, Mapping[str, Any]], context: Context) -> bool:
    """Keys are the same however they are written; one that nobody told fails its condition, unless that is the condition."""
    told = {key.lower(): value for key, value in context.items()}
    return all(
        _compared(operator, told.get(key.lower()), _several(wanted))
        for operator, keys in conditions.items()
        for key, wanted in keys.items()
    )


def _compared(operator: str, value: str | None, wanted: list[Any]) -> bool:
    if operator == "Null":
        return (value is None) == (str(wanted[0]).lower() == "true")
    compare = _COMPARED.get(operator)
    if compare is None:
        raise ValueError(f"the condition {operator} is not understood here")
    return value is not None and any(compare(value, str(one)) for one in wanted)


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
