"""What is asked, what was said, and what it used."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

T = TypeVar("T", bound=BaseModel)


class Effort(StrEnum):
    """How long a model may think before it answers, in its own scale."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True)
class Usage:
    """Tokens as they are billed; nothing at all when nothing was."""

    fresh: int = 0
    cache_written: int = 0
    cache_read: int = 0
    out: int = 0

    @property
    def prompt(self) -> int:
        return self.fresh + self.cache_written + self.cache_read


@dataclass(frozen=True)
class Question(Generic[T]):
    """One request to the Messages API. The answer is JSON in the shape of `shape`, and is validated against it.

    Where it `may_use_tools`, the answer may be that it wants to: a Turn without a value.
    """

    model: str
    system: list[dict[str, Any]]
    messages: list[dict[str, Any]]
    tools: list[dict[str, Any]]
    shape: type[T]
    max_tokens: int
    may_use_tools: bool = False
    effort: Effort = Effort.LOW

    @property
    def characters(self) -> int:
        """How long the prompt is, for an estimate of its tokens."""
        return len(str(self.system)) + len(str(self.messages)) + len(str(self.tools)) + len(str(self.shape.model_json_schema()))


@dataclass(frozen=True)
class Said(Generic[T]):
    """An answer in the shape that was asked for."""

    value: T
    model: str
    usage: Usage


@dataclass(frozen=True)
class ToolUse:
    """A tool that the model wants used. Its name and arguments are input to validate, as all that a model writes."""

    id: str
    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Turn(Generic[T]):
    """One answer of a conversation: the value that ends it, or tools to use first. `content` goes back into the messages as it is."""

    value: T | None
    uses: tuple[ToolUse, ...]
    says: str
    content: list[dict[str, Any]]
    model: str
    usage: Usage
