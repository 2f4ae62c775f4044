"""What a catalogue action declares. Data only: who may run it is the standing orders' word, how it runs is its runbook's."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from watchkeeper.models import Cause, Resource, Word


class Risk(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Parameters(Word):
    """The typed parameters of an action's runbook; each action subclasses it. Field names are the runbook's, in snake case."""

    def for_runbook(self) -> dict[str, list[str]]:
        """As SSM Automation takes them: CamelCase names, lists of text."""
        return {"".join(w.title() for w in name.split("_")): [str(value)] for name, value in dict(self).items()}


@dataclass(frozen=True)
class Action:
    """`parameters` makes the typed parameters from a trusted target; it raises ValueError when the target does not fit.

    `from_stack` are parameters of the runbook that the stack itself fills in, such as where its secret lies: no plan, no model
    and no person has a say in them. `left_to_do` says what a person still has to do when the runbook has run to its end: then
    no alarm can prove anything yet, and the incident is handed over with it.
    """

    name: str
    says: str
    target_type: str
    parameters: Callable[[Resource], Parameters]
    helps_with: tuple[Cause, ...]
    risk: Risk
    expected_effect: str
    ready_when: dict[str, tuple[str, ...]]
    inverse: str = ""
    why_irreversible: str = ""
    seconds: int = 600
    from_stack: tuple[str, ...] = ()
    left_to_do: str = ""
