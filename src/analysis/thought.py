"""What is thought about, and what that came to: an opinion that is still to be checked, or why there is none; and what it took."""

from collections.abc import Callable
from dataclasses import dataclass, field

from analysis.case import Case, Exhibit
from analysis.evidence.ask import Ask
from analysis.opinion import Opinion
from claude.question import Usage
from watchkeeper.models import Hypothesis, Route, Step


def untold(_: Step) -> None:
    """Where nobody watches."""


@dataclass(frozen=True)
class Matter:
    """The case, what the rules make of it, and how more could be asked. `name` is the analysis's id; `tell` hears of each step, and
    `steps` are those that were told before."""

    case: Case
    ask: Ask
    draft: Opinion
    hypotheses: tuple[Hypothesis, ...]
    name: str
    tell: Callable[[Step], None] = untold
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True)
class Thought:
    """`steps` are what people may follow; `exhibits` is evidence that tools brought back on the way, numbered on from the case's.

    `objections` are a second reader's, a sentence each; `faith` is the factor between 0 and 1 that they leave of the confidence.
    """

    opinion: Opinion | None
    why: str = ""
    route: Route = Route.RULES
    model: str = ""
    usage: Usage = field(default_factory=Usage)
    cost_usd: float = 0.0
    steps: tuple[Step, ...] = ()
    exhibits: tuple[Exhibit, ...] = ()
    objections: tuple[str, ...] = ()
    faith: float = 1.0
