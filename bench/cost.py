"""What the model costs: calls, tokens and dollars for each incident by each route, over a thousand alerts of a week.

The week: sixty alarms of three services fire a thousand times, the loudest most often (Zipf's law, as pagers know it), half of the
alarms in bursts. An alert within ten minutes of the last of its kind joins that incident, as reception would have it; each other
one is an incident and is analysed by the real service with its cache, its router and its purses, over an AWS whose figures, times
and ids differ each time. Every thirtieth incident looks another way inside, as it does when the cause is another one. The model
agrees with the rules, looks at one more piece of evidence where it may, and is billed by our own count of tokens, which is more
than is billed in truth. The dearest route is played too, where every incident would be grave. Prints a line for each figure and
writes bench/results/cost.json; with --check it exits 1 above a bound.
"""

import argparse
import json
import logging
import random
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
if __name__ == "__main__":
    sys.path[0] = str(ROOT)  # this file is named as what it measures, and its own folder would be looked into first
    sys.path[1:1] = [str(ROOT / part) for part in ("src", "layers/shared", "layers/claude", "layers/tools")]

# ruff: noqa: E402 - for the same reason
from analysis.service import analyse
from analysis.thinking.assembled import Assembled
from analysis.thinking.shapes import Deep, Objections, Triage
from analysis.thinking.thinker import Thinker
from analysis.thinking.tokens import tokens_of
from analysis.thought import Matter, Thought
from bench.analysis import Figure
from claude.question import Question, Said, T, ToolUse, Turn, Usage
from tests.fakes.memory import MemoryAnalyses, MemoryBlobs, MemoryBudget, TickingClock
from tests.fakes.words import NIGHT
from tests.unit.analysis.stories import (
    House,
    a_settings,
    cpu_alert,
    cpu_incident,
    cpu_night,
    crash_alert,
    crash_incident,
    crash_night,
    series,
)
from watchkeeper.models import Analysis, Route, Severity
from watchkeeper.settings import AnalysisSettings
from watchkeeper.telemetry import logger

RESULTS = ROOT / "bench" / "results" / "cost.json"
ALERTS, ALARMS, WEEK = 1_000, 60, timedelta(days=7)
SETTLES = timedelta(minutes=10)
BURST = 4
OTHER_WAY = 30
KNOWN_USD, TEN_TIMES_LESS = 0.04, 0.004
FEWER_CALLS = 0.6
OUT: dict[Any, int] = {Triage: 450, Deep: 900, Objections: 250}


@dataclass(frozen=True)
class Firing:
    """One alert of the week."""

    at: datetime
    alarm: int


def week(chance: random.Random) -> Iterator[Firing]:
    """A thousand alerts in the order of time."""
    weights = [1 / (rank + 1) for rank in range(ALARMS)]
    fired: list[Firing] = []
    while len(fired) < ALERTS:
        alarm = chance.choices(range(ALARMS), weights)[0]
        start = NIGHT + chance.random() * WEEK
        burst = BURST if alarm % 2 else 1
        fired += [Firing(start + timedelta(minutes=2 * n), alarm) for n in range(burst)]
    yield from sorted(fired[:ALERTS], key=lambda one: (one.at, one.alarm))


def incidents(firings: Iterator[Firing]) -> Iterator[Firing]:
    """Those that open an incident."""
    last: dict[int, datetime] = {}
    for one in firings:
        before = last.get(one.alarm)
        last[one.alarm] = one.at
        if before is None or one.at - before > SETTLES:
            yield one


@dataclass
class Bill:
    """Every call of the model, by what it was asked for."""

    calls: dict[Any, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def total(self) -> int:
        return sum(self.calls.values())


@dataclass
class Agreeing:
    """Says what the rules say, after one look at the longest evidence where it may use tools."""

    matter: Matter
    bill: Bill
    turns: int = 0

    def ready(self) -> None:
        """Always."""

    def ask(self, question: Question[T], seconds: float) -> Said[T]:  # noqa: ARG002 - the port has it
        return Said(self._answer(question), question.model, self._usage(question))

    def turn(self, question: Question[T], seconds: float) -> Turn[T]:  # noqa: ARG002 - the port has it
        usage, self.turns = self._usage(question), self.turns + 1
        if self.turns > 1 or not question.may_use_tools:
            return Turn(self._answer(question), (), "", [], question.model, usage)
        longest = max(self.matter.case.exhibits, key=lambda one: len(one.text))
        use = ToolUse("toolu_1", "read_evidence", {"evidence_id": longest.evidence.id, "from_line": 1})
        return Turn(None, (use,), "I read on.", [], question.model, usage)

    def _usage(self, question: Question[Any]) -> Usage:
        self.bill.calls[question.shape] += 1
        return Usage(fresh=tokens_of(question), out=OUT[question.shape])

    def _answer(self, question: Question[T]) -> T:
        said = {**self.matter.draft.model_dump(mode="json"), "objections": [], "verdict": "stands"}
        return question.shape.model_validate({name: value for name, value in said.items() if name in question.shape.model_fields})


@dataclass
class Expiring(MemoryAnalyses):
    """The cache with its time to live, by the clock of the week."""

    clock: TickingClock = field(default_factory=TickingClock)
    kept_at: dict[str, datetime] = field(default_factory=dict)
    ttl: timedelta = timedelta(hours=a_settings().cache_hours)

    def keep(self, analysis: Analysis) -> None:
        self.kept_at[analysis.signature] = self.clock.at
        super().keep(analysis)

    def find(self, signature: str) -> Analysis | None:
        fresh = self.clock.at - self.kept_at.get(signature, self.clock.at - self.ttl) < self.ttl
        return super().find(signature) if fresh else None


def a_house(one: Firing, number: int, chance: random.Random, cache: Expiring, think: Any, severity: Severity) -> House:
    """The incident as this alarm tells it, with figures and ids of its own. Inside, every night is the same night; the cache's
    clock is the week's."""
    facts: dict[str, Any] = {"id": f"INC-{number:026d}", "fingerprint": f"fp-{one.alarm}", "severity": severity}
    line = f"ERROR POST /checkout/confirm 504 upstream timed out request={chance.randrange(16**8):08x}"
    odd = number % OTHER_WAY == OTHER_WAY - 1
    if (one.alarm + odd) % 2:
        aws, incident, alert = crash_night(line), crash_incident(**facts), crash_alert(fingerprint=f"fp-{one.alarm}")
    else:
        aws, incident, alert = cpu_night(line), cpu_incident(**facts), cpu_alert(fingerprint=f"fp-{one.alarm}")
        aws.answers["get_metric_data"] = series(
            [chance.uniform(15, 30) for _ in range(20)] + [chance.uniform(91, 95), chance.uniform(96, 99)]
        )
    cache.clock.at = one.at
    return House(aws, incident=incident, alert=alert, cache=cache, think=think)


@dataclass(frozen=True)
class Run:
    """A week, analysed."""

    analyses: tuple[Analysis, ...]
    calls: int

    def by(self, route: Route) -> list[Analysis]:
        return [one for one in self.analyses if one.route is route]


def analysed(severity: Severity, settings: AnalysisSettings) -> Run:
    chance, bill, budget = random.Random(11), Bill(), MemoryBudget()
    clock = TickingClock(NIGHT)
    cache = Expiring(clock=clock)

    def think(matter: Matter, left: Callable[[], float]) -> Thought:
        thinker = Thinker(Agreeing(matter, bill), budget, settings, str, clock=lambda: clock.at)
        return Assembled(thinker, MemoryBlobs())(matter, left)

    made = []
    for number, one in enumerate(incidents(week(chance))):
        house = a_house(one, number, chance, cache, think, severity)
        analyse(house.asked, f"m{number}", house.wiring())
        made += house.incidents.rows(house.incident.id, Analysis)
    return Run(tuple(made), bill.total)


def figures() -> list[Figure]:
    plenty = a_settings(budget_per_day_usd=1_000, budget_per_month_usd=10_000)
    usual = analysed(Severity.SEV3, plenty)
    grave = analysed(Severity.SEV1, plenty)
    told = []
    for name, run in (("usual", usual), ("all_grave", grave)):
        count, usd = len(run.analyses), sum(one.cost_usd for one in run.analyses)
        thought = len([one for one in run.analyses if one.route is not Route.CACHE])
        beside = f"{count} incidents of {ALERTS} alerts, {thought} of them thought about, {run.calls} calls"
        most = 1 - FEWER_CALLS if name == "usual" else None
        told += [
            Figure(f"cost.{name}.calls_per_incident", run.calls / count, "calls", f"{beside}; at most {1 - FEWER_CALLS:.1f} usually", most),
            Figure(f"cost.{name}.usd_per_alert", usd / ALERTS, "$", f"a known figure is ${KNOWN_USD}; at most a tenth", TEN_TIMES_LESS),
        ]
        for route in Route:
            mine = run.by(route)
            if mine:
                tokens = sum(one.tokens_in + one.tokens_out for one in mine) / len(mine)
                told.append(Figure(f"cost.{name}.{route.value}.tokens", tokens, "tokens/incident", f"{len(mine)} incidents"))
                each = sum(one.cost_usd for one in mine) / len(mine)
                told.append(Figure(f"cost.{name}.{route.value}.usd", each, "$/incident", f"{len(mine)} incidents"))
    return told


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="exit 1 above a bound")
    said = parser.parse_args()
    logger.setLevel(logging.CRITICAL)
    found = figures()
    for figure in found:
        print(figure.line)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps([asdict(figure) for figure in found], indent=2))
    faults = [figure.fault for figure in found if figure.fault]
    for fault in faults:
        print(f"too much: {fault}", file=sys.stderr)
    return 1 if said.check and faults else 0


if __name__ == "__main__":
    sys.exit(main())
