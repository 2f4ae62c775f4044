"""Are these the arguments that a tool advertises? Said before anything is sent. `jsonschema` is imported with the first question.

A schema is judged by schema_bounds first. Patterns are matched by an engine without backtracking, whose time grows with the text
and not with its powers; a pattern that this engine does not know is refused. Nothing is ever fetched.
"""

import json
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from typing import Any

from mcp_client.schema_bounds import Hostile, Schema, bounded

MOST_BYTES, MOST_DEPTH, MOST_NODES = 8 * 1024, 12, 300
Matches = Callable[[str], bool]


class Terms:
    """What one tool takes. Made once for a schema; Hostile where the schema is none that could be used."""

    def __init__(self, schema: object) -> None:
        draft, self.schema = bounded(schema)
        for pattern in _patterns(self.schema):
            linear(pattern)
        self._validator = _validator(draft, self.schema)

    def fault(self, arguments: object) -> str:
        """Why they do not fit, in our words; empty where they do."""
        why = _too_much(arguments)
        if why:
            return why
        try:
            error = next(iter(self._validator.iter_errors(arguments)), None)
        except Exception as trouble:  # noqa: BLE001 - a schema that trips its validator is the server's fault: nothing is sent, and this says so
            return f"cannot be held against what the tool advertises ({type(trouble).__name__})"
        if error is None:
            return ""
        where = ".".join(str(part)[:40] for part in list(error.absolute_path)[:6])
        return f"{where or 'the arguments'}: not as the tool advertises them ({str(error.validator)[:40]})"


def _too_much(arguments: object) -> str:
    if not isinstance(arguments, dict):
        return "the arguments are no object"
    try:
        raw = json.dumps(arguments, allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, TypeError, RecursionError):
        return "the arguments are not JSON"
    if len(raw) > MOST_BYTES:
        return f"the arguments are longer than {MOST_BYTES // 1024} KB"
    depth, nodes = _extent(arguments, 0)
    if depth > MOST_DEPTH or nodes > MOST_NODES:
        return "the arguments have too many parts"
    return ""


def _extent(value: object, depth: int) -> tuple[int, int]:
    """How deep, and of how many parts."""
    inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    deepest, nodes = depth, 1
    for one in inner:
        further, more = _extent(one, depth + 1)
        deepest, nodes = max(deepest, further), nodes + more
    return deepest, nodes


def _patterns(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("pattern"), str):
            yield node["pattern"]
        for value in node.values():
            yield from _patterns(value)
    elif isinstance(node, list):
        for value in node:
            yield from _patterns(value)


@lru_cache(maxsize=256)
def linear(pattern: str) -> Matches:
    """Does a text hold this pattern anywhere? By Rust's engine, which pydantic brings along: it never backtracks."""
    from pydantic_core import SchemaError, SchemaValidator, core_schema

    try:
        checked = SchemaValidator(core_schema.str_schema(pattern=pattern, regex_engine="rust-regex"))
    except SchemaError as error:
        raise Hostile("has a pattern that cannot be matched in bounded time") from error
    return checked.isinstance_python


def _pattern(_: Any, pattern: Any, instance: Any, __: Any) -> Iterator[Any]:
    from jsonschema import ValidationError

    if isinstance(instance, str) and not linear(pattern)(instance):
        yield ValidationError("does not match")


@cache
def _kind(draft: str) -> Any:
    import jsonschema
    from jsonschema.validators import extend

    return extend(getattr(jsonschema, draft), {"pattern": _pattern})


def _validator(draft: str, schema: Schema) -> Any:
    """The validator of this schema, which is itself valid. It knows no other document and no way to fetch one."""
    from jsonschema import FormatChecker, SchemaError
    from referencing import Registry

    kind = _kind(draft)
    try:
        kind.check_schema(schema, format_checker=FormatChecker(formats=()))
    except SchemaError as error:
        raise Hostile("is not valid") from error
    except Exception as error:
        raise Hostile(f"cannot be read ({type(error).__name__})") from error
    return kind(schema, registry=Registry())
