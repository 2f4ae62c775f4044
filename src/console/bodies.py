"""Bodies that say one thing. What could be read in two ways is refused, so that no reader after us reads it in the other."""

import json
from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from pydantic import BaseModel, ValidationError

from console.refusals import WrongType
from watchkeeper.errors import BadPayload

M = TypeVar("M", bound=BaseModel)


def must_be(kind: str, headers: Mapping[str, str]) -> None:
    """WrongType unless the body is said to be of this media type."""
    said = headers.get("content-type", "").partition(";")[0].strip().lower()
    if said != kind:
        raise WrongType(f"send content-type: {kind}", field="content-type")


def only_field(raw: bytes, name: str) -> str:
    """The value of the form's one field."""
    try:
        fields = parse_qsl(raw.decode("ascii"), keep_blank_values=True, strict_parsing=True, encoding="utf-8", errors="strict")
    except ValueError as error:  # UnicodeDecodeError is one
        raise BadPayload("it is no form", field=name) from error
    if [field for field, _ in fields] != [name]:
        raise BadPayload(f"send the field {name}, once, and no other", field=name)
    return fields[0][1]


def read_json(text: str | bytes, kind: type[M], field: str = "body") -> M:
    """The object as this type; BadPayload names the first field that is wrong, and never its value."""
    try:
        return kind.model_validate(json.loads(text, object_pairs_hook=_once))
    except ValidationError as error:
        first = error.errors(include_input=False, include_context=False, include_url=False)[0]
        raise BadPayload(f"{first['msg']}", field=".".join(map(str, first["loc"])) or field) from error
    except (ValueError, RecursionError) as error:
        raise BadPayload("it is not JSON that can be read in one way", field=field) from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name comes twice")
    return found
