"""The tools that a model may ask for while it thinks. All of them only read; what would change something is offered by nobody.

A toolbox is whatever offers tools: the ones that are built in, those of an MCP server. What a tool brings back from outside
becomes evidence before anybody reads it: redacted, numbered and stored like all other evidence, on the Shelf.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from analysis.case import Exhibit
from analysis.evidence.gather import Answered
from watchkeeper.errors import WatchkeeperError
from watchkeeper.models import Answer


@dataclass(frozen=True)
class Tool:
    """What the model is told of a tool. `arguments` is their JSON schema."""

    name: str
    description: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Part:
    """A piece of one exhibit. `first` is the number of the line it begins with; 0 where it is the whole, to be shown by its
    most telling lines."""

    exhibit: Exhibit
    text: str
    first: int = 0


@dataclass(frozen=True)
class Shown:
    """What a tool answers. `says` is a sentence of ours about it, for people."""

    parts: tuple[Part, ...]
    says: str


@dataclass(frozen=True)
class Refusal:
    """Nothing was looked at, and why, for the model and for people. `unknown` where nobody offers a tool of this name."""

    says: str
    unknown: bool = False


@dataclass(frozen=True)
class Proposal:
    """The tool would change something: nothing was done, and a person has to say yes first."""

    says: str


Outcome = Shown | Refusal | Proposal


class Toolbox(Protocol):
    """`use` never raises for what the arguments, AWS or a server do: that is a refusal or evidence that says so."""

    def offered(self) -> Sequence[Tool]:
        """Its tools, in an order that does not change."""

    def use(self, name: str, arguments: dict[str, Any], seconds: float) -> Outcome:
        """What the tool brings back, after `seconds` at the latest. The arguments are a model's, so they are validated here."""


@dataclass
class Shelf:
    """All evidence of one analysis: the case's, and what tools add to it. `keep` redacts, numbers and stores one answer."""

    of_case: tuple[Exhibit, ...]
    keep: Callable[[Answered, int], Exhibit]
    added: list[Exhibit] = field(default_factory=list)

    @property
    def all(self) -> tuple[Exhibit, ...]:
        return (*self.of_case, *self.added)

    def find(self, evidence_id: str) -> Exhibit | None:
        return next((one for one in self.all if one.evidence.id == evidence_id), None)

    def put(self, answered: Answered) -> Shown:
        """The answer as new evidence, numbered on from the last."""
        numbers = [int(one.evidence.id[1:]) for one in self.all if one.evidence.id[1:].isdecimal()]
        exhibit = self.keep(answered, 1 + max(numbers, default=0))
        self.added.append(exhibit)
        evidence = exhibit.evidence
        found = evidence.answer is Answer.FOUND
        return Shown((Part(exhibit, exhibit.text),), f"{evidence.id}: {evidence.summary if found else evidence.why or evidence.summary}")


@dataclass(frozen=True)
class Toolboxes:
    """Several toolboxes as one. Where two offer the same name, the first has it."""

    boxes: tuple[Toolbox, ...] = ()

    def offered(self) -> Sequence[Tool]:
        tools: dict[str, Tool] = {}
        for box in self.boxes:
            for tool in box.offered():
                tools.setdefault(tool.name, tool)
        return tuple(tools.values())

    def use(self, name: str, arguments: dict[str, Any], seconds: float) -> Outcome:
        for box in self.boxes:
            if any(tool.name == name for tool in box.offered()):
                try:
                    return box.use(name, arguments, seconds)
                except WatchkeeperError as error:
                    return Refusal(f"{name} failed: {error}")
        return Refusal(f"there is no tool {name[:60]!r}; use those that are offered, or answer", unknown=True)
