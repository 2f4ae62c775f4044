"""How many prompt tokens a triage and a deep look take, on any matters: the part of bench/analysis.py that needs no clock.

Every matter is triaged, then looked into as a sev1 by a model that uses tools in every turn in which it may, and reads the longest
evidence with them. Tokens are counted as analysis.thinking.tokens counts them, which is more than is billed. By itself it measures
the two nights of the tests: `python bench/prompt_tokens.py`.
"""

import statistics
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), *(str(ROOT / part) for part in ("src", "layers/shared", "layers/claude", "layers/tools"))]

from analysis.thinking.built_in import BuiltIn  # noqa: E402 - the paths come first
from analysis.thinking.shapes import Deep, Objections, Triage  # noqa: E402 - as above
from analysis.thinking.thinker import Thinker  # noqa: E402 - as above
from analysis.thinking.tokens import tokens_of  # noqa: E402 - as above
from analysis.thinking.tools import Shelf, Toolboxes  # noqa: E402 - as above
from analysis.thought import Matter  # noqa: E402 - as above
from claude.question import Question, Said, T, ToolUse, Turn, Usage  # noqa: E402 - as above
from tests.fakes.memory import MemoryBlobs, MemoryBudget  # noqa: E402 - as above
from watchkeeper.models import Severity  # noqa: E402 - as above
from watchkeeper.settings import AnalysisSettings  # noqa: E402 - as above

TRIAGE_AIM, DEEP_AIM = 4_000, 12_000
NAMES = {"incidents_table": "i", "audit_table": "a", "bucket": "b", "remediation_queue_url": "r", "analyses_table": "c"}


@dataclass(frozen=True)
class Taken:
    """Prompt tokens: the median and the most of a triage, of a whole deep loop, and of that loop with its second reader."""

    triage: tuple[float, int]
    deep: tuple[float, int]
    with_reader: tuple[float, int]
    turns: float


def measured(matters: Iterable[Matter]) -> Taken:
    """What these matters take."""
    counts = [_counted(matter) for matter in matters]
    triage, deep, reader = ([sum(one[shape]) for one in counts] for shape in (Triage, Deep, Objections))
    both = [a + b for a, b in zip(deep, reader, strict=True)]
    turns = statistics.mean(len(one[Deep]) for one in counts)
    return Taken(_spread(triage), _spread(deep), _spread(both), turns)


def _spread(counts: list[int]) -> tuple[float, int]:
    return statistics.median(counts), max(counts)


def _counted(matter: Matter) -> dict[type, list[int]]:
    grave = replace(matter.case, incident=matter.case.incident.but(severity=Severity.SEV1))
    about = replace(matter, case=grave)
    model = _Curious(about)
    shelf = Shelf(grave.exhibits, _never)
    thinker = Thinker(model, MemoryBudget(), AnalysisSettings.model_validate(NAMES), str, ticks=float)
    thinker(about, Toolboxes((BuiltIn(shelf, about.ask, ()),)), {}, lambda: 60.0)
    return model.counts


def _never(*_: Any) -> Any:
    raise AssertionError("no collector is asked here")


@dataclass
class _Curious:
    """Reads on wherever it may."""

    matter: Matter
    counts: dict[type, list[int]] = field(default_factory=lambda: {Triage: [], Deep: [], Objections: []})

    def ready(self) -> None:
        """Always."""

    def ask(self, question: Question[T], seconds: float) -> Said[T]:  # noqa: ARG002 - the port has it
        return Said(self._answer(question), question.model, self._counted(question))

    def turn(self, question: Question[T], seconds: float) -> Turn[T]:  # noqa: ARG002 - the port has it
        usage = self._counted(question)
        if not question.may_use_tools:
            return Turn(self._answer(question), (), "", [], question.model, usage)
        longest = sorted(self.matter.case.exhibits, key=lambda one: -len(one.text))[:3]
        line = 1 + 20 * len(self.counts[Deep])
        uses = [ToolUse(f"t{n}", "read_evidence", {"evidence_id": one.evidence.id, "from_line": line}) for n, one in enumerate(longest)]
        return Turn(None, tuple(uses), "I want to read on.", [], question.model, usage)

    def _counted(self, question: Question[Any]) -> Usage:
        self.counts[question.shape].append(tokens_of(question))
        return Usage(fresh=tokens_of(question), out=300)

    def _answer(self, question: Question[T]) -> T:
        draft = self.matter.draft.model_dump(mode="json")
        said = {**draft, "objections": [], "verdict": "stands"}
        return question.shape.model_validate({name: value for name, value in said.items() if name in question.shape.model_fields})


def nights() -> list[Matter]:
    """The two nights of the tests, gathered as they are in production."""
    from analysis.analyst.draft import draft
    from analysis.case import Case
    from analysis.evidence import collectors
    from analysis.evidence.gather import gather
    from analysis.evidence.keep import keep
    from tests.fakes.words import NIGHT
    from tests.unit.analysis.stories import REDACT, SERVICES, an_ask, cpu_incident, cpu_night, crash_alert, crash_incident, crash_night

    told: list[Matter] = []
    asks: list[Callable[[], Any]] = [
        lambda: an_ask(cpu_night(), cpu_incident()),
        lambda: an_ask(crash_night(), crash_incident(), crash_alert(), service=SERVICES.services[1]),
    ]
    for make in asks:
        ask = make()
        kept = keep(gather(collectors(), ask, 5), "INC/A", 1, NIGHT, REDACT, MemoryBlobs())
        case = Case(ask.incident, ask.alerts, tuple(kept))
        told.append(Matter(case, ask, draft(case), (), "A"))
    return told


def main() -> None:
    taken = measured(nights())
    for name, (median, most), aim in (("triage", taken.triage, TRIAGE_AIM), ("deep", taken.deep, DEEP_AIM)):
        print(f"{name}_prompt_tokens_p50 {median:.0f} tokens (aim {aim}, most {most})")
    print(f"deep_with_reader_prompt_tokens_p50 {taken.with_reader[0]:.0f} tokens (aim {DEEP_AIM}, most {taken.with_reader[1]})")
    print(f"deep_turns {taken.turns:.1f} turns")


if __name__ == "__main__":
    main()
