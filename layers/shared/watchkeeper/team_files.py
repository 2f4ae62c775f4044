"""How the team's files are read: strictly, with durations as people write them."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import BeforeValidator, Field, ValidationError

from watchkeeper.errors import Misconfigured
from watchkeeper.models import Word

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def _duration(value: object) -> object:
    if isinstance(value, str) and value[:-1].isdigit() and value[-1] in _UNITS:
        return timedelta(seconds=int(value[:-1]) * _UNITS[value[-1]])
    return value


_WRITTEN = Annotated[str, Field(pattern=r"^([0-9]+[smhd]|P.+)$")] | int
Duration = Annotated[timedelta, BeforeValidator(_duration, json_schema_input_type=_WRITTEN)]

W = TypeVar("W", bound=Word)


def read_yaml(path: Path, kind: type[W]) -> W:
    """The file as this type; Misconfigured names file, field and what is wrong, one line for each."""
    import yaml  # only when a file is read, so that nobody pays for it by importing an Order

    try:
        raw = path.read_bytes()
        return kind.model_validate(yaml.safe_load(raw) or {}, by_alias=True, by_name=False)  # a file has one word for a thing
    except FileNotFoundError as error:
        raise Misconfigured(f"{path.name}: not found in {path.parent}") from error
    except yaml.YAMLError as error:
        raise Misconfigured(f"{path.name}: not YAML: {' '.join(str(error).split())}") from error
    except ValidationError as error:
        faults = [f"{path.name}: {'.'.join(str(p) for p in e['loc'])}: {e['msg']}" for e in error.errors()]
        raise Misconfigured("\n".join(faults)) from error
