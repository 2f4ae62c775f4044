"""What is asked, what was said, and what it used."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

T = TypeVar("T", bound=BaseModel)


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
    """One request to the Messages API. The answer is JSON in the shape of `shape`, and is validated against it."""

    model: str
    system: list[dict[str, Any]]
    messages: list[dict[str, Any]]
    tools: list[dict[str, Any]]
    shape: type[T]
    max_tokens: int

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
