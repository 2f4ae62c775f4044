"""What a test of thinking needs: a model that does as it is told, on a clock that only it moves, and a case to think about."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from analysis.case import Case, Exhibit
from analysis.evidence.ec2_instance import COLLECTOR as EC2
from analysis.evidence.error_lines import COLLECTOR as LOGS
from analysis.evidence.gather import Answered
from analysis.evidence.keep import keep
from analysis.evidence.metric_window import COLLECTOR as METRIC
from analysis.opinion import Opinion
from analysis.thinking.built_in import BuiltIn
from analysis.thinking.purses import purses
from analysis.thinking.shapes import Deep, Triage
from analysis.thinking.thinker import Thinker
from analysis.thinking.tokens import tokens_of
from analysis.thinking.tools import Shelf, Toolbox, Toolboxes
from analysis.thought import Matter, Thought
from claude.question import Question, Said, T, ToolUse, Turn, Usage
from tests.fakes.memory import MemoryBlobs, MemoryBudget
from tests.fakes.words import NIGHT
from tests.unit.analysis.stories import REDACT, SERVICES, a_case, a_settings, an_ask, cpu_incident, cpu_night
from watchkeeper.models import Cause, Citation, Evidence, Hypothesis, Severity
from watchkeeper.team import Thinking

LINE = "first crossing at 2026-11-20T02:59:00Z with 91.5, 2 points in all"
CASE = a_case(
    {"alert": "title: CPU is high", "metric": f"metric: CPUUtilization\n{LINE}", "logs": "ERROR POST /checkout 504 upstream timed out"}
)
SAID: dict[str, Any] = {
    "summary": "The processor is saturated.",
    "root_cause": "CPU at 97 %.",
    "cause": "cpu_saturation",
    "confidence": 0.9,
    "severity": "sev2",
    "severity_why": "one host",
    "impact": "checkout",
    "contributing": [],
    "citations": [{"evidence_id": "E2", "quote": LINE}],
    "missing": [],
    "steps": ["Look."],
    "proposed": [{"action": "ec2-restart", "why": "it helps"}],
    "prevention": [],
    "plain_words": "The computer is busy.",
}
COLLECTORS = (METRIC, LOGS, EC2)
STANDS: dict[str, Any] = {"objections": [], "verdict": "stands"}


def a_draft(**but: Any) -> Opinion:
    facts = {**SAID, "confidence": 0.8, "citations": (Citation(evidence_id="E2", quote=LINE),), "root_cause": "The rules say CPU."}
    return Opinion.model_validate({**facts, **but})


def hypotheses(*causes: tuple[Cause, float]) -> tuple[Hypothesis, ...]:
    return tuple(Hypothesis(cause=cause, confidence=sure, sentence=f"It is {cause.value}.") for cause, sure in causes)


def a_matter(case: Case = CASE, draft: Opinion | None = None, likely: tuple[Hypothesis, ...] = (), **but: Any) -> Matter:
    ask = an_ask(cpu_night(), case.incident, services=SERVICES.services)
    return Matter(**{"case": case, "ask": ask, "draft": draft or a_draft(), "hypotheses": likely, "name": "A1", **but})


GRAVE = a_case({one.evidence.collector: one.text for one in CASE.exhibits}, cpu_incident(severity=Severity.SEV1))


def drawn(seed: int) -> random.Random:
    """Chance that comes out the same for the same seed."""
    return random.Random(seed)  # noqa: S311 - test data, nothing secret


@dataclass
class Clock:
    """Seconds that pass only when somebody lets them."""

    at: float = 0.0

    def __call__(self) -> float:
        return self.at


Turns = Callable[[Question[Any], int], "Sequence[ToolUse] | dict[str, Any] | Exception"]


def answers(_: Question[Any], __: int) -> dict[str, Any]:
    return SAID


@dataclass
class FakeModel:
    """Claude as a script: by the shape of the question, what it says. A dictionary is an answer, tool uses are wanted, an error is
    raised. `bills` is how many times our own count of the tokens is billed."""

    triage: "dict[str, Any] | Exception" = field(default_factory=lambda: SAID)
    deep: Turns = answers
    reader: "dict[str, Any] | Exception" = field(default_factory=lambda: STANDS)
    clock: Clock = field(default_factory=Clock)
    takes: float = 1.0
    prose: str = "I want to see more."
    bills: float = 0.8
    out: int = 200
    asked: list[Question[Any]] = field(default_factory=list)

    def ready(self) -> None:
        """Always."""

    def ask(self, question: Question[T], seconds: float) -> Said[T]:
        said = self.triage if question.shape is Triage else self.reader
        self._begun(question, seconds)
        if isinstance(said, Exception):
            raise said
        return Said(_shaped(said, question.shape), question.model, self._usage(question))

    def turn(self, question: Question[T], seconds: float) -> Turn[T]:
        number = len(self.of(Deep))
        self._begun(question, seconds)
        said = self.deep(question, number)
        if isinstance(said, Exception):
            raise said
        value = _shaped(said, question.shape) if isinstance(said, dict) else None
        uses = () if isinstance(said, dict) else tuple(said)
        return Turn(value, uses, "" if value else self.prose, [], question.model, self._usage(question))

    def of(self, shape: type[BaseModel]) -> list[Question[Any]]:
        return [one for one in self.asked if one.shape is shape]

    def _begun(self, question: Question[Any], seconds: float) -> None:
        self.asked.append(question)
        self.clock.at += min(self.takes, seconds)

    def _usage(self, question: Question[Any]) -> Usage:
        return Usage(fresh=round(tokens_of(question) * self.bills), out=self.out)


def _shaped(said: dict[str, Any], shape: type[T]) -> T:
    return shape.model_validate({name: value for name, value in said.items() if name in shape.model_fields})


def use(name: str = "search_evidence", number: int = 0, **arguments: Any) -> ToolUse:
    return ToolUse(f"toolu_model_{number}", name, arguments)


@dataclass
class Room:
    """A thinker with all that it needs, in memory."""

    model: FakeModel = field(default_factory=FakeModel)
    budget: MemoryBudget = field(default_factory=MemoryBudget)
    thinking: tuple[Thinking, ...] = ()
    withhold: Callable[[str], tuple[str, int]] = lambda text: (text, 0)
    seconds: float = 50.0
    settings: dict[str, Any] = field(default_factory=dict)
    tools: Callable[[Matter, Shelf], tuple[Toolbox, ...]] = lambda *_: ()

    def thinker(self) -> Thinker:
        return Thinker(
            self.model,
            self.budget,
            a_settings(**self.settings),
            REDACT,
            lambda: self.thinking,
            self.withhold,
            lambda: NIGHT,
            self.model.clock,
        )

    def think(self, matter: Matter | None = None) -> Thought:
        matter = matter or a_matter()
        shelf = a_shelf(matter.case.exhibits)
        boxes = Toolboxes((*self.tools(matter, shelf), BuiltIn(shelf, matter.ask, COLLECTORS, 5.0, self.model.clock)))
        money = purses(matter.case.incident, matter.ask.service, NIGHT, a_settings(**self.settings))
        return self.thinker()(matter, boxes, money, lambda: self.seconds - self.model.clock.at)


def a_shelf(exhibits: tuple[Exhibit, ...]) -> Shelf:
    blobs = MemoryBlobs()

    def kept(answered: Answered, number: int) -> Exhibit:
        return keep([answered], "INC/A1", number, NIGHT, REDACT, blobs)[0]

    return Shelf(exhibits, kept)


def evidence(name: str, collector: str, text: str, provenance: str = "a test") -> Exhibit:
    row = Evidence(id=name, collector=collector, answer="found" if text else "nothing", asked="?", summary="", collected_at=NIGHT)
    return Exhibit(row, text, provenance)
