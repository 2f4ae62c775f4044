"""`{{ Name }}` and `$.Path` in a runbook: what they stand for."""

import json
import re
from collections.abc import Mapping
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

_TOKEN = re.compile(r"\{\{\s*([A-Za-z0-9_.:-]+)\s*\}\}")
_WANTED = re.compile(r"\?\(@\.([A-Za-z0-9_]+)\s*==\s*(?:'([^']*)'|\"([^\"]*)\")\)")


class Unresolved(Exception):
    """A token that names nothing, or a selector that cannot be read."""


def tokens(value: Any) -> set[str]:
    """Every name that the value speaks of in `{{ }}`."""
    return set(_TOKEN.findall(json.dumps(value, default=str)))


def resolve(value: Any, known: Mapping[str, Any]) -> Any:
    """The value with its tokens replaced. A text that is nothing but one token becomes what the token stands for, type and all."""
    if isinstance(value, dict):
        return {key: resolve(item, known) for key, item in value.items()}
    if isinstance(value, list):
        return [resolve(item, known) for item in value]
    if not isinstance(value, str):
        return value
    whole = _TOKEN.fullmatch(value.strip())
    if whole:
        return _look_up(whole[1], known)
    return _TOKEN.sub(lambda found: _as_text(_look_up(found[1], known)), value)


def _look_up(name: str, known: Mapping[str, Any]) -> Any:
    if name not in known:
        raise Unresolved(f"{{{{ {name} }}}} names no parameter and no output of a step that has run")
    return known[name]


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)


def select(selector: str, document: Any) -> Any:
    """What a JSONPath selector finds: names, indexes, `[*]` and `[?(@.Key=='x')]`. Nothing found is None."""
    if not selector.startswith("$"):
        raise Unresolved(f"selector {selector!r} must start with $")
    if ".." in selector:
        raise Unresolved(f"selector {selector!r}: the simulator does not look at any depth (`..`)")
    path = _WANTED.sub(lambda m: f"?{m[1]}=='{m[2] or m[3] or ''}'", selector[1:].lstrip("."))
    try:
        return jmespath.search(path or "@", document)
    except JMESPathError as error:
        raise Unresolved(f"selector {selector!r} cannot be read: {error}") from error


def as_output(value: Any) -> list[str]:
    """A value as the API shows outputs: a list of texts."""
    if value is None:
        return []
    items = value if isinstance(value, list) else [value]
    return [_as_text(item) for item in items]
