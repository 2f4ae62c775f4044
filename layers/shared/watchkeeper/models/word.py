"""What every word has in common: it is frozen, it is strict about names, and it says its version."""

from datetime import datetime
from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, BaseModel, ConfigDict


def _zoned(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("a time needs a zone")
    return value


Time = Annotated[datetime, AfterValidator(_zoned)]


class Word(BaseModel):
    """A frozen value. An unknown field is a mistake, so that a renamed field cannot be lost in silence."""

    # Each type's validator is built when it is first used: no Lambda uses them all, and to build them all costs a tenth of a start.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    def but(self, **changes: object) -> Self:
        """The same, with these fields changed, validated again."""
        return type(self).model_validate({**dict(self), **changes})


class Row(Word):
    """A word that lies in an incident's partition, under its prefix and key. An older reader ignores newer fields."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    prefix: ClassVar[str]
    schema_version: int = 1

    @property
    def key(self) -> str:
        """What tells it from its neighbours of the same prefix."""
        raise NotImplementedError

    @property
    def sort_key(self) -> str:
        return f"{self.prefix}#{self.key}"
