"""The benches of change points and suspects read their formats, score by their rules, and say when there is nothing to read."""

import csv
import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType

import pytest

from analysis.signals.changepoints import Sensitivity
from analysis.signals.suspects import Judgement, Kind
from bench import changepoints, suspects
from bench.changepoints import Series, Tally, tally

START = datetime(2026, 11, 1, tzinfo=UTC)
A_SERIES = Series("s", [(START + at * timedelta(minutes=5), 0.0) for at in range(1000)], [(200, 300), (600, 700)])


@pytest.mark.parametrize(
    ("starts", "expected"),
    [
        pytest.param([], Tally(missed=2), id="silence misses all"),
        pytest.param([260, 640], Tally(found=2, errors=(10, -10)), id="both, measured from the middle"),
        pytest.param([210, 250, 299], Tally(found=1, missed=1, errors=(-40,)), id="several in a window are one, the first counts"),
        pytest.param([200, 700], Tally(found=2, errors=(-50, 50)), id="the ends of a window are in it"),
        pytest.param([199, 301, 302], Tally(false=3, missed=2), id="each one outside is false"),
        pytest.param([10, 149], Tally(missed=2), id="probation does not count"),
    ],
)
def test_windows_are_scored(starts: list[int], expected: Tally) -> None:
    assert tally(A_SERIES, starts) == expected


def test_f1_is_of_windows() -> None:
    assert Tally(found=9, missed=5).f1 == pytest.approx(18 / 23)
    assert Tally().f1 == 1
    assert Tally(false=1).f1 == 0


def test_a_folder_of_series_is_read_and_scored(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "realAWSCloudwatch"  # the layout of a clone
    folder.mkdir(parents=True)
    (tmp_path / "labels").mkdir()
    stamps = [(datetime(2026, 11, 1, tzinfo=UTC) + at * timedelta(minutes=5)).strftime("%Y-%m-%d %H:%M:%S") for at in range(900)]
    values = [90.0 if at == 700 else 50.0 + at % 3 for at in range(900)]
    with (folder / "cpu.csv").open("w", newline="") as lines:
        csv.writer(lines).writerows([("timestamp", "value"), *zip(stamps, values, strict=True)])
    windows = {"realAWSCloudwatch/cpu.csv": [[f"{stamps[650]}.000000", f"{stamps[750]}.000000"]], "realAWSCloudwatch/absent.csv": []}
    (tmp_path / "labels" / "combined_windows.json").write_text(json.dumps(windows))
    [series] = changepoints.read(tmp_path, "realAWSCloudwatch/")
    assert changepoints.ours(series, Sensitivity()) == [700]
    measured = changepoints.measure([series], cross=True)
    assert (measured["f1"], measured["left_out_f1"], measured["start_error"]) == (1, 1, 0)


HEADS = [(node, metric, statistic) for node in ("front", "back") for metric, statistic in
         (("latency", "Average"), ("availability", "Average"), ("requests", "Sum"))]  # fmt: skip


def write_metrics(path: Path, rows: list[list[float | str]]) -> None:
    path.parent.mkdir(parents=True)
    titles: list[list[float | str]] = [
        [name, *(head[at] for head in HEADS)] for at, name in enumerate(("microservice", "metric", "statistic"))
    ]
    with path.open("w", newline="") as lines:
        csv.writer(lines).writerows([*titles, ["unix_timestamp", *[""] * len(HEADS)], *rows])


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    """front calls back; back fails for a fifth from the third period on, front with it."""
    folder = tmp_path / "small"
    usual: list[list[float | str]] = [[300.0 * at, 0.2 + at % 5 / 100, 100, 50, 0.1, 100, 40] for at in range(120)]
    write_metrics(folder / "noissue" / "metrics.csv", usual)
    bad: list[list[float | str]] = [[600.0 + 300 * at, 0.2, 84, 50, "", 80, 40] for at in range(3)]
    write_metrics(folder / "test" / "issue_0" / "metrics.csv", [*usual[:2], *bad])
    (folder / "graph.csv").write_text(",front,back\nfront,0.0,1.0\nback,0.0,0.0\n")
    target = {"target": {"node": "front", "metric": "availability", "timestamp": 610}, "root_cause": {"node": "back", "metric": None}}
    (folder / "test" / "issue_0" / "target.json").write_text(json.dumps(target))
    return folder


def test_a_scenario_is_read_and_scored(scenario: Path) -> None:
    read = suspects.read_scenario(scenario)
    [case] = read.cases
    assert (read.calls["front"], case.kind, case.roots, case.fault) == ({"back"}, Kind.ERRORS, frozenset({"back"}), "back errors")
    assert case.nodes["back"].during.errors == pytest.approx([0.2] * 3)
    assert case.nodes["back"].during.latency == [None] * 3
    assert len(case.nodes["back"].before.errors) == 120 + 2
    measured = suspects.measure(read, swept=False)
    assert [measured[name] for name in ("micro_top1", "micro_top3", "macro_top1", "macro_top3")] == [1, 1, 1, 1]
    assert measured["false_alarms"] == 0 < measured["quiet_windows"]


def test_macro_counts_each_fault_once(scenario: Path) -> None:
    read = suspects.read_scenario(scenario)
    [case] = read.cases
    lost = suspects.Case("lost", frozenset({"nowhere"}), "front", Kind.ERRORS, case.nodes)
    again = suspects.Case("again", case.roots, "front", Kind.ERRORS, case.nodes)
    measured = suspects.scores(suspects.Scenario("s", read.calls, read.noissue, [case, again, lost]), Judgement())
    assert (measured["micro_top1"], measured["macro_top1"]) == (pytest.approx(2 / 3), 0.5)
    assert measured["ranks"]["lost"] is None


def test_left_out_takes_the_worst_of_settings_that_draw() -> None:
    def one(a: float, b: float) -> dict[str, object]:
        return {"faults": {"a": {1: a}, "b": {1: b}}}

    assert suspects.left_out([one(1.0, 1.0), one(0.2, 1.0), one(0.0, 0.0)], 1) == pytest.approx((0.2 + 1.0) / 2)


@pytest.mark.parametrize("bench", [changepoints, suspects])
def test_missing_data_is_said_in_a_line(
    bench: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["bench", str(tmp_path)])
    assert bench.main() == 2
    assert "clone" in capsys.readouterr().out
