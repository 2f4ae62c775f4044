"""How well the suspects are ranked, on folders like amazon-science/petshop-root-cause-analysis.

A scenario is a folder with graph.csv (row calls column), noissue/metrics.csv and train|test/*/{metrics.csv,target.json}; CSVs have
three header rows (node, metric, statistic). A case is scored by the rank of its true root node. Micro is the mean over cases; macro
the mean over faults (a root node with the metric that alarmed), each counting once. What is usual is noissue and the case's
periods that end before the alarm. False alarms: noissue cut in halves, each the history of the other; every window of four periods
after one is asked about latency and about errors, and an answer is false.

Prints a line per measure, writes bench/results/suspects.json. With --check exits 1 below the aims. --sweep repeats it over the
figures of the rule, to show what depends on them. The data is not part of the project: clone that repository and give the folder of
a scenario, e.g. dataset/low_traffic, or of several.
"""

import argparse
import csv
import itertools
import json
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import fsum
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "src"))

from analysis.signals.suspects import Judgement, Kind, Metrics, Node, availability, suspects  # noqa: E402  # only now are the sources on the path

DATA = ROOT.parent / "shared" / "data" / "petshop"
RESULTS = ROOT / "bench" / "results" / "suspects.json"
PERIOD = 300
KINDS = {"latency": Kind.LATENCY, "availability": Kind.ERRORS}
PEERS = "ranked correlation 0.65/0.81, traversal 0.57/0.80, z-score with topology 0.46/0.96"
AIMS = {"macro_top1": 0.75, "macro_top3": 0.95}
SWEEP: dict[str, tuple[Any, ...]] = {
    "usual": (0.8, 0.95, 0.99),
    "slack": (0.0, 0.1, 0.5),
    "least_time": (0.0, 0.01, 0.05),
    "least_failed": (0.0, 0.001, 0.005),
    "in_a_row": (1, 2, 3),
}

Columns = dict[tuple[str, str, str], list[float | None]]


@dataclass(frozen=True)
class Table:
    """A metrics.csv: the start of each period, and one column per node, metric and statistic."""

    times: list[float]
    columns: Columns

    def metrics(self, node: str, first: int, last: int) -> Metrics:
        def cut(metric: str, statistic: str) -> list[float | None]:
            return self.columns.get((node, metric, statistic), [])[first:last]

        return Metrics(cut("latency", "Average"), availability(cut("availability", "Average")), cut("requests", "Sum"))

    @property
    def nodes(self) -> list[str]:
        return list(dict.fromkeys(node for node, _, _ in self.columns))


@dataclass(frozen=True)
class Case:
    name: str
    roots: frozenset[str]
    alarming: str
    kind: Kind
    nodes: dict[str, Node]

    @property
    def fault(self) -> str:
        return f"{'+'.join(sorted(self.roots))} {self.kind}"


@dataclass(frozen=True)
class Scenario:
    name: str
    calls: dict[str, set[str]]
    noissue: Table
    cases: list[Case]


def read_table(path: Path) -> Table:
    with path.open(newline="") as lines:
        rows = list(csv.reader(lines))
    names = list(zip(*(row[1:] for row in rows[:3]), strict=True))
    body = [row for row in rows[3:] if row and row[0].replace(".", "", 1).isdigit()]
    columns: Columns = {
        (node, metric, statistic): [float(row[at]) if row[at] else None for row in body]
        for at, (node, metric, statistic) in enumerate(names, start=1)
    }
    return Table([float(row[0]) for row in body], columns)


def joined(*parts: Metrics) -> Metrics:
    return Metrics(*([value for part in parts for value in getattr(part, name)] for name in ("latency", "errors", "requests")))


def read_case(folder: Path, usual: Table) -> Case:
    """The alarm's own period and all after it are the trouble; what ended before it joins the history."""
    said = json.loads((folder / "target.json").read_text())
    table, target, roots = read_table(folder / "metrics.csv"), said["target"], said["root_cause"]
    first = sum(start + PERIOD <= target["timestamp"] for start in table.times)
    nodes = {
        name: Node(
            joined(usual.metrics(name, 0, len(usual.times)), table.metrics(name, 0, first)), table.metrics(name, first, len(table.times))
        )
        for name in table.nodes
    }
    found = frozenset(root["node"] for root in (roots if isinstance(roots, list) else [roots]))
    return Case(f"{folder.parent.name}/{folder.name}", found, target["node"], KINDS[target["metric"]], nodes)


def read_scenario(folder: Path) -> Scenario:
    with (folder / "graph.csv").open(newline="") as lines:
        head, *rows = list(csv.reader(lines))
    calls = {row[0]: {callee for callee, edge in zip(head[1:], row[1:], strict=True) if float(edge or 0)} for row in rows}
    usual = read_table(folder / "noissue" / "metrics.csv")
    cases = [read_case(path.parent, usual) for path in sorted(folder.glob("*/*/target.json"))]
    return Scenario(folder.name, calls, usual, cases)


def rank_of(case: Case, calls: Mapping[str, set[str]], rule: Judgement, kind: Kind | None) -> int | None:
    """From 1; none when no root is among the suspects."""
    ranked = [suspect.node for suspect in suspects(calls, case.nodes, case.alarming, kind, rule)]
    return next((place for place, node in enumerate(ranked, start=1) if node in case.roots), None)


def scores(scenario: Scenario, rule: Judgement, *, tell_kind: bool = True) -> dict[str, Any]:
    began = time.perf_counter()
    ranks = {case.name: rank_of(case, scenario.calls, rule, case.kind if tell_kind else None) for case in scenario.cases}
    each = (time.perf_counter() - began) / max(1, len(ranks))
    faults: dict[str, list[int | None]] = defaultdict(list)
    for case in scenario.cases:
        faults[case.fault].append(ranks[case.name])
    by_fault = {fault: {top: _within(places, top) for top in (1, 3)} for fault, places in sorted(faults.items())}
    out: dict[str, Any] = {"cases": len(ranks), "ms": 1000 * each, "ranks": ranks, "faults": by_fault}
    for top in (1, 3):
        out[f"micro_top{top}"] = _within(list(ranks.values()), top)
        out[f"macro_top{top}"] = statistics.mean(one[top] for one in by_fault.values())
    return out


def _within(places: list[int | None], top: int) -> float:
    return sum(place is not None and place <= top for place in places) / len(places)


def quiet_windows(scenario: Scenario, periods: int = 4) -> Iterator[tuple[str, int, dict[str, Node]]]:
    """Every alarming node of the scenario over windows of a half of noissue, with the other half as history."""
    table, middle, end = scenario.noissue, len(scenario.noissue.times) // 2, len(scenario.noissue.times)
    for history, window in (((0, middle), (middle, end)), ((middle, end), (0, middle))):
        usual = {name: table.metrics(name, *history) for name in table.nodes}
        for at in range(window[0] + 1, window[1] - periods + 1, periods):
            nodes = {
                name: Node(joined(usual[name], table.metrics(name, at - 1, at)), table.metrics(name, at, at + periods))
                for name in table.nodes
            }
            for alarming in sorted({case.alarming for case in scenario.cases}):
                yield alarming, at, nodes


def false_alarms(scenario: Scenario, rule: Judgement) -> tuple[int, int]:
    answers = [
        bool(suspects(scenario.calls, nodes, alarming, kind, rule)) for alarming, _, nodes in quiet_windows(scenario) for kind in Kind
    ]
    return sum(answers), len(answers)


def sweep(scenario: Scenario) -> list[dict[str, Any]]:
    out = []
    for figures in itertools.product(*SWEEP.values()):
        chosen = dict(zip(SWEEP, figures, strict=True))
        measured = scores(scenario, replace(Judgement(), **chosen))
        out.append(chosen | {name: measured[name] for name in ("faults", "macro_top1", "macro_top3")})
    return out


def left_out(swept: list[dict[str, Any]], top: int) -> float:
    """Each fault by settings that are best on all other faults; of several that draw, by the one that does worst on it."""

    def on_others(one: dict[str, Any], fault: str) -> float:
        return fsum(reached[top] for name, reached in one["faults"].items() if name != fault)

    worst: list[float] = []
    for fault in swept[0]["faults"]:
        best = max(on_others(one, fault) for one in swept)
        worst.append(min(one["faults"][fault][top] for one in swept if on_others(one, fault) == best))
    return statistics.mean(worst)


def measure(scenario: Scenario, *, swept: bool) -> dict[str, Any]:
    rule = Judgement()
    told, untold, (false, asked) = scores(scenario, rule), scores(scenario, rule, tell_kind=False), false_alarms(scenario, rule)
    out = {"scenario": scenario.name, **told, "kind_untold": untold, "false_alarms": false, "quiet_windows": asked}
    return out | ({"sweep": sweep(scenario)} if swept else {})


def lines(measured: dict[str, Any]) -> Iterator[str]:
    name, untold = f"suspects.{measured['scenario']}", measured["kind_untold"]
    for way in ("macro", "micro"):
        yield f"{name}.{way} {measured[way + '_top1']:.2f}/{measured[way + '_top3']:.2f} top-1/top-3 of {measured['cases']} ({PEERS})"
    yield f"{name}.kind_untold {untold['macro_top1']:.2f}/{untold['macro_top3']:.2f} macro top-1/top-3, not told latency or errors"
    rate = measured["false_alarms"] / max(1, measured["quiet_windows"])
    yield f"{name}.false_alarms {rate:.3f} of {measured['quiet_windows']} quiet windows ({measured['false_alarms']}; aim 0)"
    yield f"{name}.time {measured['ms']:.1f} ms per case"
    if swept := measured.get("sweep"):
        held, worst = (left_out(swept, 1), left_out(swept, 3)), min(swept, key=lambda one: one["macro_top1"])
        yield f"{name}.left_out {held[0]:.2f}/{held[1]:.2f} macro top-1/top-3, a fault by settings best on the others, draws at worst"
        whole = sum(one["macro_top1"] >= AIMS["macro_top1"] and one["macro_top3"] >= AIMS["macro_top3"] for one in swept)
        yield f"{name}.sweep {whole} of {len(swept)} reach the aim; worst {worst['macro_top1']:.2f}/{worst['macro_top3']:.2f} macro"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("data", nargs="?", type=Path, help="a scenario's folder, or one that holds several")
    parser.add_argument("--check", action="store_true", help="exit 1 below the aims")
    parser.add_argument("--sweep", action="store_true", help="repeat over the figures of the rule")
    options = parser.parse_args()
    data: Path = options.data or DATA
    folders = sorted(path.parent for path in [*data.glob("graph.csv"), *data.glob("*/graph.csv")])
    if not folders:
        print(f"suspects: no graph.csv in {data}; clone amazon-science/petshop-root-cause-analysis and give its dataset folder")
        return 2 if options.data or options.check else 0
    measured = [measure(read_scenario(folder), swept=options.sweep) for folder in folders]
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(measured, indent=2) + "\n")
    print("\n".join(line for one in measured for line in lines(one)))
    missed = [
        f"{one['scenario']}: {aim} {one[aim]:.2f}, aim {least}" for one in measured for aim, least in AIMS.items() if one[aim] < least
    ]
    if options.check and missed:
        print("\n".join(missed), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
