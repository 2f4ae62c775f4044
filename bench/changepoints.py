"""How well change points are told, on folders like numenta/NAB: CSVs of timestamp,value and combined_windows.json.

Scored by windows: a labelled window with a change that starts in it is found, every change outside of all windows is false, and what
a detector says in the first 15 % of a series does not count (NAB's probation). F1 over all series together, a series without windows
included. The start-time error is between the change and the middle of its window, where NAB puts the label, in samples. The floor
is an EWMA control chart with the same silence after each word, at the settings that come nearest to the known figure.
Left out: for each series the settings that are best on all others, scored on that one.

Prints a line per measure, writes bench/results/changepoints.json with every change. With --check exits 1 unless F1 beats the peer.
The data is not part of the project: clone numenta/NAB and give its folder; only series under realAWSCloudwatch count, or --series.
"""

import argparse
import csv
import itertools
import json
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "src"))

from analysis.signals.changepoints import Sensitivity, changes  # noqa: E402  # only now are the sources on the path

DATA = ROOT.parent / "shared" / "data" / "nab"
RESULTS = ROOT / "bench" / "results" / "changepoints.json"
PROBATION = 0.15
PEER, KNOWN_FLOOR = 0.61, 0.26
EWMA_WEIGHT, EWMA_SIGMAS = 0.05, 4.0
GRID: dict[str, tuple[Any, ...]] = {"margin": (0.2, 0.25, 0.3, 0.35, 0.4, 0.5), "learn": (144, 288), "settle": (12, 24)}

Points = list[tuple[datetime, float]]


@dataclass(frozen=True)
class Series:
    """`windows` are first and last sample, both in."""

    name: str
    points: Points
    windows: list[tuple[int, int]]


@dataclass(frozen=True)
class Tally:
    found: int = 0
    false: int = 0
    missed: int = 0
    errors: tuple[int, ...] = ()

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.found + other.found, self.false + other.false, self.missed + other.missed, self.errors + other.errors)

    @property
    def f1(self) -> float:
        """1 where there was nothing to find and nothing was said."""
        whole = 2 * self.found + self.false + self.missed
        return 2 * self.found / whole if whole else 1.0


def read(folder: Path, within: str) -> list[Series]:
    """Every labelled series under `within` whose CSV is there, by name; in our layout and in that of a clone of NAB."""
    labels = next((path for path in (folder / "combined_windows.json", folder / "labels" / "combined_windows.json") if path.exists()), None)
    named = json.loads(labels.read_text()) if labels else {}
    out = []
    for name, windows in sorted(named.items()):
        path = next((base / name for base in (folder, folder / "data") if (base / name).exists()), None)
        if path and name.startswith(within):
            points = _points(path)
            out.append(Series(name, points, [_samples(points, *window) for window in windows]))
    return out


def _points(path: Path) -> Points:
    with path.open(newline="") as rows:
        return [(_when(row["timestamp"]), float(row["value"])) for row in csv.DictReader(rows)]


def _when(said: str) -> datetime:
    return datetime.fromisoformat(said).replace(tzinfo=UTC)


def _samples(points: Points, first: str, last: str) -> tuple[int, int]:
    within = [at for at, (when, _) in enumerate(points) if _when(first) <= when <= _when(last)]
    return within[0], within[-1]


def ours(series: Series, sensitivity: Sensitivity) -> list[int]:
    place = {when: at for at, (when, _) in enumerate(series.points)}
    return [place[change.started] for change in changes(series.points, sensitivity)]


def ewma(series: Series, quiet: int) -> list[int]:
    """The classic chart: a sample more than so many deviations from the moving mean; then silence for `quiet` samples."""
    mean, variance, found = series.points[0][1], 0.0, list[int]()
    for at, (_, value) in enumerate(series.points[1:], start=1):
        off = value - mean
        if at > 30 and abs(off) > EWMA_SIGMAS * variance**0.5 and (not found or at - found[-1] > quiet):
            found.append(at)
        mean += EWMA_WEIGHT * off
        variance = (1 - EWMA_WEIGHT) * (variance + EWMA_WEIGHT * off * off)
    return found


def tally(series: Series, starts: list[int], probation: float = PROBATION) -> Tally:
    told = [at for at in starts if at >= int(probation * len(series.points))]
    firsts = [next((at for at in told if first <= at <= last), None) for first, last in series.windows]
    errors = tuple(at - (first + last) // 2 for at, (first, last) in zip(firsts, series.windows, strict=True) if at is not None)
    outside = sum(not any(first <= at <= last for first, last in series.windows) for at in told)
    return Tally(len(errors), outside, len(firsts) - len(errors), errors)


def total(tallies: list[Tally]) -> Tally:
    return sum(tallies, Tally())


def left_out(all_series: list[Series]) -> tuple[Tally, float]:
    """What settings that never saw a series score on it, and the worst F1 of any settings on all of them."""
    settings = [Sensitivity(**dict(zip(GRID, figures, strict=True))) for figures in itertools.product(*GRID.values())]
    scored = [[tally(series, ours(series, one)) for series in all_series] for one in settings]
    held = []
    for out in range(len(all_series)):
        best = max(scored, key=lambda row, out=out: total(row[:out] + row[out + 1 :]).f1)  # type: ignore[misc]  # mypy cannot type a lambda with a default; a draw falls to the first
        held.append(best[out])
    return total(held), min(total(row).f1 for row in scored)


def measure(all_series: list[Series], *, cross: bool) -> dict[str, Any]:
    rule = Sensitivity()
    began = time.perf_counter()
    starts = {series.name: ours(series, rule) for series in all_series}
    seconds = time.perf_counter() - began
    score = total([tally(series, starts[series.name]) for series in all_series])
    floor = total([tally(series, ewma(series, rule.quiet)) for series in all_series])
    throughout = total([tally(series, starts[series.name], probation=0) for series in all_series])
    out: dict[str, Any] = {"series": len(all_series), "f1": score.f1, **asdict(score), "floor_f1": floor.f1, "starts": starts}
    out["throughout_f1"] = throughout.f1
    out["start_error"] = statistics.median(abs(error) for error in score.errors) if score.errors else None
    out["us_per_sample"] = 1e6 * seconds / sum(len(series.points) for series in all_series)
    if cross:
        held, worst = left_out(all_series)
        out |= {"left_out_f1": held.f1, "left_out": asdict(held), "worst_f1": worst}
    return out


def lines(measured: dict[str, Any]) -> Iterator[str]:
    counts = f"{measured['found']} found, {measured['false']} false, {measured['missed']} missed in {measured['series']} series"
    floor = f"floor EWMA {measured['floor_f1']:.2f} here, {KNOWN_FLOOR} known; peer HTM {PEER}"
    yield f"changepoints.f1 {measured['f1']:.2f} F1, {counts} ({floor})"
    yield f"changepoints.throughout {measured['throughout_f1']:.2f} F1 when the first 15 % of each series count as well"
    if "left_out_f1" in measured:
        yield f"changepoints.left_out {measured['left_out_f1']:.2f} F1 with settings chosen on the other series (peer HTM {PEER})"
        yield f"changepoints.worst {measured['worst_f1']:.2f} F1 of the worst settings of the grid (floor EWMA {measured['floor_f1']:.2f})"
    if measured["start_error"] is not None:
        yield f"changepoints.start_error {measured['start_error']:.0f} samples at the median, each {sorted(map(abs, measured['errors']))}"
    yield f"changepoints.time {measured['us_per_sample']:.1f} µs per sample"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("data", nargs="?", type=Path, help="the folder with combined_windows.json, or a clone of numenta/NAB")
    parser.add_argument("--series", default="realAWSCloudwatch/", help="only series whose name begins so")
    parser.add_argument("--check", action="store_true", help=f"exit 1 unless F1 is above {PEER}")
    parser.add_argument("--quick", action="store_true", help="without leaving each series out in turn")
    options = parser.parse_args()
    data: Path = options.data or DATA
    all_series = read(data, options.series)
    if not all_series:
        print(f"changepoints: no labelled series under {options.series} in {data}; clone numenta/NAB and give its folder")
        return 2 if options.data or options.check else 0
    measured = measure(all_series, cross=not options.quick)
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(measured, indent=2) + "\n")
    print("\n".join(lines(measured)))
    if options.check and measured["f1"] <= PEER:
        print(f"F1 {measured['f1']:.2f} is not above the peer's {PEER}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
