"""Our own time for an analysis in a warm process, the wall time of collecting, and the prompt tokens of a call.

`analysis.own` runs the whole of it, from the message to the written analysis, over ports in memory, with an AWS and a model that
answer at once: claim, collect, join, redact, rules, prompt, check, file, write. `analysis.collecting` lets eleven collectors wait
for different times and compares with the slowest of them and with their sum. The tokens are those of every incident case of
evals/incidents and of the two nights of the tests, by our own count, which is more than is billed. Prints a line for each figure
and writes bench/results/analysis.json; with --check it exits 1 above a bound.
"""

import argparse
import json
import logging
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
if __name__ == "__main__":
    sys.path[0] = str(ROOT)  # this file is named as what it measures, and its own folder would be looked into first
    sys.path[1:1] = [str(ROOT / part) for part in ("src", "layers/shared", "layers/claude", "layers/tools")]

# ruff: noqa: E402 - for the same reason
from analysis.analyst.draft import draft
from analysis.analyst.ranking import ranked
from analysis.evidence.ask import Ask, Collector, Found
from analysis.evidence.gather import gather
from analysis.service import analyse
from analysis.thinking.assembled import Assembled
from analysis.thinking.thinker import Thinker
from analysis.thinking.tokens import tokens_of
from analysis.thought import Matter, Thought
from bench.prompt_tokens import DEEP_AIM, TRIAGE_AIM, measured, nights
from claude.question import Question, Said, T, Turn, Usage
from cli.judging.cases import case_of, read_cases
from tests.fakes.memory import MemoryBlobs, MemoryBudget
from tests.unit.analysis.stories import House, a_settings, an_ask, cpu_night
from watchkeeper.telemetry import logger

RESULTS = ROOT / "bench" / "results" / "analysis.json"
CASES = ROOT / "evals" / "incidents"
OWN_MS, PEER_MS = 30.0, 49.0
WAITS = tuple(0.02 * n for n in range(1, 12))


@dataclass(frozen=True)
class Figure:
    """One measure. `most` is the bound of --check; `beside` is what it is to be seen beside."""

    name: str
    value: float
    unit: str
    beside: str
    most: float | None = None

    @property
    def line(self) -> str:
        return f"{self.name} {self.value:.4g} {self.unit} ({self.beside})"

    @property
    def fault(self) -> str:
        over = self.most is not None and self.value > self.most
        return f"{self.name} is {self.value:.4g} {self.unit}, at most {self.most:g}" if over else ""


@dataclass(frozen=True)
class AtOnce:
    """A model that says what the rules say, at once, and asks for no tool."""

    matter: Matter

    def ready(self) -> None:
        """Always."""

    def ask(self, question: Question[T], seconds: float) -> Said[T]:  # noqa: ARG002 - the port has it
        return Said(self._answer(question), question.model, self._usage(question))

    def turn(self, question: Question[T], seconds: float) -> Turn[T]:  # noqa: ARG002 - the port has it
        return Turn(self._answer(question), (), "", [], question.model, self._usage(question))

    def _usage(self, question: Question[Any]) -> Usage:
        return Usage(fresh=tokens_of(question), out=500)

    def _answer(self, question: Question[T]) -> T:
        said = {**self.matter.draft.model_dump(mode="json"), "objections": [], "verdict": "stands"}
        return question.shape.model_validate({name: value for name, value in said.items() if name in question.shape.model_fields})


def thinking_at_once(budget: MemoryBudget, made: Callable[[Matter], Any] = AtOnce) -> Callable[[Matter, Callable[[], float]], Thought]:
    """As production thinks, with this model."""

    def think(matter: Matter, left: Callable[[], float]) -> Thought:
        return Assembled(Thinker(made(matter), budget, a_settings(), str), MemoryBlobs())(matter, left)

    return think


def own(rounds: int) -> list[Figure]:
    """Each round is another incident in a house of its own, so that no cache helps."""
    houses = [House(cpu_night(), think=thinking_at_once(MemoryBudget())) for _ in range(rounds + 5)]
    wall, cpu = [], []
    for number, house in enumerate(houses):
        began, busy = time.perf_counter(), time.process_time()
        analyse(house.asked, f"m{number}", house.wiring())
        wall.append(1000 * (time.perf_counter() - began))
        cpu.append(1000 * (time.process_time() - busy))
    wall, cpu = wall[5:], cpu[5:]
    peer = f"at most {OWN_MS:g}; a peer takes {PEER_MS:g} without a single tool"
    return [
        Figure("analysis.own_p50", statistics.median(cpu), "ms", f"of processor time; {peer}", most=OWN_MS),
        Figure("analysis.own_p95", statistics.quantiles(cpu, n=20)[-1], "ms", "of processor time"),
        Figure("analysis.own_wall_p50", statistics.median(wall), "ms", "by the clock, beside whatever else this machine does"),
    ]


def collecting() -> list[Figure]:
    """Eleven collectors that wait 20 to 220 ms."""

    def waiting(number: int, seconds: float) -> Collector:
        def collect(_: Ask) -> Found:
            time.sleep(seconds)
            return Found("came", "came")

        return Collector(f"waits-{number}", number, "a bench", lambda _: True, lambda _: "?", collect)

    ask = an_ask(cpu_night())
    took = []
    for _ in range(5):
        began = time.perf_counter()
        gather([waiting(number, seconds) for number, seconds in enumerate(WAITS)], ask, 5)
        took.append(time.perf_counter() - began)
    beside = f"times the slowest, at most 1.5; one after the other would be {sum(WAITS) / max(WAITS):.1f}"
    return [Figure("analysis.collecting", statistics.median(took) / max(WAITS), "x", beside, most=1.5)]


def tokens() -> list[Figure]:
    """Of every case as the analysis would have it."""
    known = nights()
    matters = [*known]
    for one in read_cases(CASES):
        case = case_of(one)
        ask = replace(known[0].ask, incident=case.incident, alerts=case.alerts)
        matters.append(Matter(case, ask, draft(case), ranked(case), "A"))
    taken = measured(matters)
    peer = "a peer takes 8,370 for one call and 25,600 with two tools"
    return [
        Figure("analysis.triage_tokens_p50", taken.triage[0], "tokens", f"at most {TRIAGE_AIM}; {peer}", most=TRIAGE_AIM),
        Figure("analysis.triage_tokens_most", taken.triage[1], "tokens", f"over {len(matters)} cases"),
        Figure("analysis.deep_tokens_p50", taken.deep[0], "tokens", f"the whole loop, at most {DEEP_AIM}", most=DEEP_AIM),
        Figure("analysis.deep_tokens_most", taken.deep[1], "tokens", f"over {len(matters)} cases", most=DEEP_AIM),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="exit 1 above a bound")
    parser.add_argument("--rounds", type=int, default=60, metavar="N", help="how many analyses are timed (60)")
    said = parser.parse_args()
    logger.setLevel(logging.CRITICAL)
    figures = [*own(said.rounds), *collecting(), *tokens()]
    for figure in figures:
        print(figure.line)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps([asdict(figure) for figure in figures], indent=2))
    faults = [figure.fault for figure in figures if figure.fault]
    for fault in faults:
        print(f"too much: {fault}", file=sys.stderr)
    return 1 if said.check and faults else 0


if __name__ == "__main__":
    sys.exit(main())
