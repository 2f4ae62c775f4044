"""The rule of change points on series whose truth is known."""

import itertools
import math
import os
import random
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.signals.changepoints import MOST_STRENGTH, Direction, Sensitivity, Shape, changes

START = datetime(2026, 11, 1, tzinfo=UTC)
STEP = timedelta(minutes=5)
DAY = 288
BRISK = Sensitivity(learn=40, quiet=30, level=6, settle=12)
SOURCES = Path(__file__).parents[3] / "src"

Points = list[tuple[datetime, float]]


def a_series(length: int, value: Callable[[int], float]) -> Points:
    return [(START + at * STEP, value(at)) for at in range(length)]


def noisy(length: int, level: Callable[[int], float] = lambda _: 50.0, spread: float = 1.0, seed: int = 7) -> Points:
    chance = random.Random(seed)  # noqa: S311  # made-up noise, the same each time
    return a_series(length, lambda at: level(at) + chance.uniform(-spread, spread))


def starts(points: Points, sensitivity: Sensitivity | None = None) -> list[int]:
    return [(change.started - START) // STEP for change in changes(points, sensitivity)]


TRUTH: list[tuple[str, Points, list[tuple[int, Direction]]]] = [
    ("noise is no change", noisy(4 * DAY), []),
    ("flat is no change", a_series(4 * DAY, lambda _: 33.0), []),
    ("rounding of a flat line is no change", a_series(4 * DAY, lambda at: 33.0 + (1e-9 if at == 900 else 0)), []),
    ("a first spike", noisy(4 * DAY, lambda at: 90.0 if at == 700 else 50.0), [(700, Direction.UP)]),
    ("a first dip", noisy(4 * DAY, lambda at: 10.0 if at == 700 else 50.0), [(700, Direction.DOWN)]),
    ("a shift", noisy(4 * DAY, lambda at: 80.0 if at >= 700 else 50.0), [(700, Direction.UP)]),
    ("a shift, and its end", noisy(1500, lambda at: 80.0 if 500 <= at < 1000 else 50.0), [(500, Direction.UP), (1000, Direction.DOWN)]),
    ("what comes each night is known", noisy(8 * DAY, lambda at: 90.0 if at % DAY == 12 else 50.0), []),
    ("a day's wave is known", noisy(8 * DAY, lambda at: 50 + 30 * math.sin(2 * math.pi * at / DAY)), []),
    ("the same again later is known", noisy(8 * DAY, lambda at: 90.0 if at in (700, 1500) else 50.0), [(700, Direction.UP)]),
    ("worse is news", noisy(1600, lambda at: {700: 90.0, 1500: 150.0}.get(at, 50.0)), [(700, Direction.UP), (1500, Direction.UP)]),
    ("a storm is said once", noisy(4 * DAY, lambda at: 60.0 + 10 * (at - 700) if 700 <= at < 720 else 50.0), [(700, Direction.UP)]),
    ("the first error of a clean count", a_series(3 * DAY, lambda at: 1.0 if at == 600 else 0.0), [(600, Direction.UP)]),
    ("nothing before it has learnt", noisy(200, lambda at: 90.0 if at == 150 else 50.0), []),
]  # fmt: skip  # a truth table reads by the row


@pytest.mark.parametrize(("points", "truth"), [pytest.param(points, truth, id=name) for name, points, truth in TRUTH])
def test_the_truth_table(points: Points, truth: list[tuple[int, Direction]]) -> None:
    assert [((change.started - START) // STEP, change.direction) for change in changes(points)] == truth


def test_a_lasting_shift_is_heard_among_wider_single_samples() -> None:
    points = a_series(3 * DAY, lambda at: 76.0 if at >= 601 else 78.0 if at % 10 == 0 else 50.0)
    [change] = changes(points)
    assert (change.shape, change.direction) == (Shape.LEVEL, Direction.UP)
    assert 600 <= (change.started - START) // STEP <= 601
    assert timedelta(0) <= change.seen - change.started <= 12 * STEP


def test_a_new_regime_is_learnt_before_anything_is_said_of_it() -> None:
    after = {700: 300.0, 900: 450.0}
    points = noisy(1100, lambda at: after.get(at, 200.0 if at >= 600 else 50.0))
    assert starts(points) == [600]
    assert starts(points, Sensitivity(learn=100, quiet=50)) == [600, 900]  # 700 comes while the regime of 600 is still being learnt


def test_strength_is_in_reaches_and_bounded() -> None:
    points = noisy(600, lambda at: 60.0 if at == 500 else 50.0)
    [change] = changes(points)
    assert change.strength == pytest.approx(9, abs=1.2)  # ten above the middle, of which one is the usual reach
    [first] = changes(a_series(600, lambda at: float(at == 500)))
    assert first.strength == MOST_STRENGTH


@pytest.mark.parametrize("points", [[], [(START, 1.0)], [(START, math.nan)] * 3, a_series(500, lambda at: math.inf if at == 400 else 1.0)])
def test_little_or_no_data_says_nothing(points: Points) -> None:
    assert changes(points) == []


def test_the_order_and_repetition_of_points_do_not_matter() -> None:
    points = noisy(900, lambda at: 80.0 if at >= 700 else 50.0)
    shuffled = points + points
    random.Random(1).shuffle(shuffled)  # noqa: S311  # an order, no secret
    assert changes(shuffled) == changes(points) != []


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=200), st.integers(0, 200))
def test_time_only_adds(values: list[float], cut: int) -> None:
    """What was said is never taken back, starts and sightings ascend, and a change starts no later than it is seen."""
    points = a_series(len(values), values.__getitem__)
    all_of_it, early = changes(points, BRISK), changes(points[:cut], BRISK)
    assert all_of_it[: len(early)] == early
    assert [change.seen for change in all_of_it] == sorted({change.seen for change in all_of_it})
    assert all(later.seen - earlier.seen > BRISK.quiet * STEP for earlier, later in itertools.pairwise(all_of_it))
    assert all(change.started <= change.seen for change in all_of_it)
    assert all(change.strength > BRISK.margin for change in all_of_it)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(-1000, 1000), min_size=60, max_size=200), st.sampled_from([0.25, 2, 1024]))
def test_the_unit_does_not_matter(values: list[int], unit: float) -> None:
    plain = a_series(len(values), lambda at: float(values[at]))
    scaled = [(at, unit * value) for at, value in plain]
    assert starts(plain, BRISK) == starts(scaled, BRISK)


def test_upside_down_is_the_same_the_other_way() -> None:
    points = noisy(2000, lambda at: {700: 90.0, 1300: 20.0}.get(at, 50.0))
    mirrored = [(at, -value) for at, value in points]
    turned = {Direction.UP: Direction.DOWN, Direction.DOWN: Direction.UP}
    assert [(c.started, turned[c.direction]) for c in changes(mirrored)] == [(c.started, c.direction) for c in changes(points)]


def test_no_hash_seed_shows() -> None:
    program = (
        "from datetime import datetime, timedelta, UTC\n"
        "from analysis.signals.changepoints import changes\n"
        "t = datetime(2026, 11, 1, tzinfo=UTC)\n"
        "print(changes({(t + i * timedelta(minutes=5), float(i * 7919 % 13 + 40 * (i > 700))) for i in range(1000)}))"
    )
    said = {
        subprocess.run(  # noqa: S603  # our own interpreter and the text above
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONPATH": str(SOURCES), "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "4711")
    }
    assert len(said) == 1
    assert "Change(" in said.pop()
