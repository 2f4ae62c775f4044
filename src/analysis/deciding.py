"""From everything that is known to the analysis of record. Pure: the same inputs give the same bytes, tonight and in a replay."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from analysis.analyst.draft import draft
from analysis.analyst.ranking import ranked
from analysis.asked import with_the_wish
from analysis.case import Case
from analysis.check import Checked, check
from analysis.conclusion import Made, conclude
from analysis.memory import remembered
from analysis.opinion import Opinion
from analysis.thought import Thought
from watchkeeper.models import Analysis, Engine, Route
from watchkeeper.team import Service, Services

OF_THAT_DAY = "its citations are of today's evidence, figures in its text may be of that day"
SET_ASIDE = "a cached analysis was set aside: the evidence no longer shows what it cites"


@dataclass(frozen=True)
class Inputs:
    """All of it. `cached` is what the memory holds under this signature, `notes` are what went wrong on the way, `team` the services
    whose names anybody may use."""

    case: Case
    name: str
    at: datetime
    signature: str
    cached: Analysis | None = None
    thought: Thought = field(default_factory=lambda: Thought(None))
    notes: tuple[str, ...] = ()
    team: tuple[Service, ...] = ()

    def checked(self, opinion: Opinion, case: Case) -> Checked:
        """As far as it holds. The second reader's doubt is about the model's opinion alone."""
        faith = self.thought.faith if opinion is self.thought.opinion else 1.0
        return check(opinion, case, draft(self.case), faith, hypotheses=ranked(self.case), team=Services(services=self.team))

    @property
    def whole(self) -> Case:
        """The case with what tools brought back on the way."""
        return replace(self.case, exhibits=(*self.case.exhibits, *self.thought.exhibits))

    def made(self, engine: Engine, thought: Thought, *notes: str) -> Made:
        return Made(engine, self.name, self.at, self.signature, thought, ranked(self.case), (*notes, *self.notes))


def from_memory(inputs: Inputs) -> Analysis | None:
    """The cached analysis on today's evidence, if each line that it cites is there again; else none."""
    cached = inputs.cached
    opinion = remembered(cached, inputs.case) if cached else None
    if cached is None or opinion is None:
        return None
    checked = inputs.checked(opinion, inputs.case)
    if not checked.opinion.citations:
        return None
    whose = f"taken from the cache; {cached.model or cached.engine.value} made it at {cached.made_at:%Y-%m-%d %H:%M} UTC as {cached.id}"
    thought = Thought(None, route=Route.CACHE, model=cached.model)
    return conclude(checked, inputs.case, inputs.made(Engine.CACHE, thought, whose, OF_THAT_DAY))


def decide(inputs: Inputs) -> Analysis:
    """The analysis of record, with what a person who asked is told to say."""
    return with_the_wish(_decided(inputs), inputs.case)


def _decided(inputs: Inputs) -> Analysis:
    """The memory's analysis where it holds; else the model's opinion if one of its citations survives the check; else what the
    rules say, with the reason why nobody better was heard."""
    kept = from_memory(inputs)
    if kept is not None:
        return kept
    case, thought = inputs.whole, inputs.thought
    ours = draft(inputs.case)
    notes = (SET_ASIDE,) if inputs.cached else ()
    why = thought.why
    if thought.opinion is not None:
        checked = inputs.checked(thought.opinion, case)
        if checked.opinion.citations:
            return conclude(checked, case, inputs.made(Engine.CLAUDE, thought, thought.why, *notes, *thought.objections))
        why = f"Claude's analysis was set aside: none of its {checked.dropped} citations is in the evidence"
    checked = inputs.checked(ours, case)
    return conclude(checked, case, inputs.made(Engine.DETERMINISTIC, replace(thought, route=Route.RULES), why, *notes))
