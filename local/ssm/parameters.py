"""The parameters that a document declares, and whether what it is given fits them. The same rules for runbooks and commands."""

import json
import re
from collections.abc import Mapping
from typing import Any

Declared = Mapping[str, Mapping[str, Any]]


class Unfitting(Exception):
    """What was given does not fit what is declared; the message names the parameter."""


def values(document: str, declared: Declared, given: Mapping[str, list[str]]) -> dict[str, Any]:
    """Every declared parameter: typed, defaults filled in, checked as declared."""
    unknown = sorted(set(given) - set(declared))
    if unknown:
        raise Unfitting(f"{document} has no parameter called {', '.join(unknown)}")
    return {name: _value(name, one, given.get(name)) for name, one in declared.items()}


def _value(name: str, declared: Mapping[str, Any], given: list[str] | None) -> Any:
    kind = declared.get("type", "String")
    if given is None:
        if "default" not in declared:
            raise Unfitting(f"parameter {name} is missing and has no default")
        return declared["default"]
    if kind != "StringList" and len(given) != 1:
        raise Unfitting(f"parameter {name} is a {kind}: it takes one value, not {len(given)}")
    for value in given:
        pattern, allowed = declared.get("allowedPattern"), declared.get("allowedValues")
        if pattern and not re.search(pattern, value):
            raise Unfitting(f"parameter {name}: {value!r} does not match {pattern}")
        if allowed and value not in allowed:
            raise Unfitting(f"parameter {name}: {value!r} is none of {', '.join(allowed)}")
    return list(given) if kind == "StringList" else _typed(name, kind, given[0])


def _typed(name: str, kind: str, value: str) -> Any:
    if kind not in {"Integer", "Boolean", "StringMap", "MapList"}:
        return value
    try:
        return json.loads(value.lower() if kind == "Boolean" else value)
    except json.JSONDecodeError as error:
        raise Unfitting(f"parameter {name}: {value!r} is no {kind}") from error
