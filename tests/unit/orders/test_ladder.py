"""How an order climbs and falls, and the interval that its climbing is measured by."""

from collections.abc import Iterable
from datetime import timedelta
from random import Random

import pytest

from tests.fakes.words import NIGHT
from watchkeeper.models import Run, Standing
from watchkeeper.orders.ladder import after_run, counted, lower_bound, mode_now, rungs
from watchkeeper.orders.model import Ladder, Mode, Order

OBSERVE, SUGGEST, TWO, ONE, AUTO = Mode.OBSERVE, Mode.SUGGEST, Mode.APPROVE_TWO, Mode.APPROVE, Mode.AUTO


def order(mode: Mode = AUTO, **ladder: object) -> Order:
    return Order(name="restart", action="ec2-restart", mode=mode, ladder=Ladder.model_validate({"runs": 5, "precision": 0.5, **ladder}))


def standing(rung: str = "", runs: Iterable[Run] = ()) -> Standing:
    return Standing(name="restart", rung=rung, runs=tuple(runs))


def run(at: int, rung: str, right: bool = True) -> Run:
    return Run(at=NIGHT + timedelta(minutes=at), incident_id=f"INC-{at}", rung=rung, right=right)


def played(order: Order, words: str, first: Standing | None = None) -> Standing:
    """So many runs, each on the rung of its time: + was right, - was wrong."""
    now = first or standing()
    for at, word in enumerate(words, start=len(now.runs)):
        now = after_run(order, now, run(at, mode_now(order, now).value, word == "+"))
    return now


@pytest.mark.parametrize(
    ("right", "runs", "bound"),
    [
        pytest.param(0, 0, 0.0, id="none says nothing"),
        pytest.param(0, 10, 0.0, id="never right"),
        pytest.param(1, 1, 0.2065, id="once is luck"),
        pytest.param(5, 10, 0.2366, id="half of ten"),
        pytest.param(10, 10, 0.7225, id="ten of ten"),
        pytest.param(15, 20, 0.5313, id="fifteen of twenty"),
        pytest.param(19, 20, 0.7639, id="nineteen of twenty"),
        pytest.param(20, 20, 0.8389, id="twenty of twenty"),
        pytest.param(81, 263, 0.2553, id="Newcombe's example: 0.2553 to 0.3662"),
        pytest.param(100, 100, 0.9630, id="all that are kept"),
    ],
)
def test_the_lower_end_of_wilsons_interval(right: int, runs: int, bound: float) -> None:
    """Newcombe, Statistics in Medicine 17 (1998) 857-872, and the closed form n/(n + z²) where all were right."""
    assert lower_bound(right, runs) == pytest.approx(bound, abs=0.00006)


def test_more_runs_of_the_same_share_raise_the_bound_and_never_above_the_share() -> None:
    bounds = [lower_bound(4 * n, 5 * n) for n in range(1, 200)]
    assert bounds == sorted(bounds)
    assert bounds[-1] < 0.8


@pytest.mark.parametrize(
    ("mode", "start", "expected"),
    [
        (AUTO, OBSERVE, [OBSERVE, SUGGEST, ONE, AUTO]),
        (AUTO, TWO, [OBSERVE, SUGGEST, TWO, ONE, AUTO]),
        (TWO, OBSERVE, [OBSERVE, SUGGEST, TWO]),
        (ONE, OBSERVE, [OBSERVE, SUGGEST, ONE]),
        (OBSERVE, OBSERVE, [OBSERVE]),
        (Mode.NEVER, OBSERVE, []),
    ],
)
def test_the_rungs_end_with_the_orders_mode(mode: Mode, start: Mode, expected: list[Mode]) -> None:
    assert list(rungs(order(mode, start=start))) == expected


@pytest.mark.parametrize(
    ("mode", "start", "rung", "now"),
    [
        pytest.param(AUTO, OBSERVE, "", OBSERVE, id="it begins at the start"),
        pytest.param(AUTO, OBSERVE, "suggest", SUGGEST, id="what it has earned"),
        pytest.param(AUTO, OBSERVE, "auto", AUTO, id="all of it"),
        pytest.param(ONE, OBSERVE, "auto", ONE, id="never above the order's mode"),
        pytest.param(Mode.NEVER, OBSERVE, "auto", Mode.NEVER, id="a never stays one"),
        pytest.param(AUTO, SUGGEST, "root", SUGGEST, id="a rung that nobody knows is the start"),
        pytest.param(AUTO, SUGGEST, "never", SUGGEST, id="never is no rung"),
        pytest.param(ONE, AUTO, "", ONE, id="a start above the mode"),
    ],
)
def test_what_it_may_do_now(mode: Mode, start: Mode, rung: str, now: Mode) -> None:
    assert mode_now(order(mode, start=start), standing(rung)) is now


def test_without_a_ladder_it_has_its_mode_and_keeps_it() -> None:
    plain = Order(name="restart", action="ec2-restart", mode=AUTO)
    assert mode_now(plain, standing("observe")) is AUTO
    assert mode_now(plain, played(plain, "----")) is AUTO


@pytest.mark.parametrize(
    ("words", "now"),
    [
        pytest.param("", OBSERVE, id="nothing yet"),
        pytest.param("++++", OBSERVE, id="too few"),
        pytest.param("+++++", SUGGEST, id="enough"),
        pytest.param("+++++" * 2, ONE, id="a rung at a time"),
        pytest.param("+++++" * 3, AUTO, id="to the top"),
        pytest.param("+++++" * 4, AUTO, id="and no further"),
        pytest.param("+++++" * 3 + "-", ONE, id="one failure, one rung, at once"),
        pytest.param("+++++" * 3 + "--", SUGGEST, id="two failures, two rungs"),
        pytest.param("+++++" * 3 + "-----", OBSERVE, id="never below the lowest"),
        pytest.param("+++++" * 3 + "-++++", ONE, id="the count begins anew"),
        pytest.param("+++++" * 3 + "-+++++", AUTO, id="and is earned again"),
        pytest.param("--+++", OBSERVE, id="on the lowest rung what was wrong stays in the count"),
        pytest.param("--+++++++++", SUGGEST, id="until enough were right: nine of eleven"),
    ],
)
def test_it_climbs_by_what_was_right_and_falls_by_what_was_wrong(words: str, now: Mode) -> None:
    ladder = order()
    assert mode_now(ladder, played(ladder, words)) is now


def test_it_climbs_when_the_bound_reaches_the_precision_and_not_before() -> None:
    """Of n that were all right the bound is n / (n + 3.84): 0.8 is reached by the 16th and 0.9 by the 35th."""
    for precision, needed in ((0.8, 16), (0.9, 35)):
        ladder = order(precision=precision)
        assert mode_now(ladder, played(ladder, "+" * (needed - 1))) is OBSERVE
        assert mode_now(ladder, played(ladder, "+" * needed)) is SUGGEST


def test_it_does_not_climb_above_a_mode_that_was_lowered() -> None:
    high = played(order(), "+" * 15)
    assert high.rung == "auto"
    assert played(order(SUGGEST), "+++++", high).rung == "suggest"


def test_runs_that_were_meant_on_another_rung_do_not_count() -> None:
    ladder = order(start=SUGGEST)
    now = standing("suggest")
    for at in range(20):
        now = after_run(ladder, now, run(at, "observe"))
    assert (now.rung, counted(ladder, now)) == ("suggest", (0, 0))


def test_a_run_told_twice_counts_once() -> None:
    ladder = order()
    first = after_run(ladder, standing(), run(1, "observe"))
    assert after_run(ladder, first, run(1, "observe")) is first
    fallen = played(ladder, "+++++-")
    assert after_run(ladder, fallen, fallen.runs[-1]) is fallen


def test_news_of_an_older_run_does_not_bring_back_what_counted_before() -> None:
    """What was said late of a run before the last step: it takes a rung, and nothing from before that step counts again."""
    ladder = order(start=SUGGEST)
    now = played(ladder, "+++++-+++")
    assert (now.rung, counted(ladder, now)) == ("suggest", (3, 3))
    late = after_run(ladder, now, run(0, "suggest", right=False))
    assert (late.rung, late.since) == ("observe", now.since)


def test_the_last_hundred_runs_are_kept_and_each_write_is_the_next_revision() -> None:
    ladder = order(precision=0.99)
    now = played(ladder, "+" * 103)
    assert (len(now.runs), now.runs[0].incident_id, now.revision) == (100, "INC-3", 103)


@pytest.mark.parametrize(("share", "least", "most"), [(0.5, 0, 0), (0.8, 0, 0), (0.99, 16, 20)])
def test_what_is_right_eight_times_of_ten_never_comes_to_act_alone_and_what_is_nearly_always_right_does(
    share: float, least: int, most: int
) -> None:
    """Twenty actions that nobody has seen before, 150 runs each, on the ladder as it is where nobody says otherwise."""
    chance = Random(7)  # noqa: S311 - the same runs in every test
    ladder, there = Order(name="restart", action="ec2-restart", mode=AUTO, ladder=Ladder()), 0
    for _ in range(20):
        now, alone = standing(), False
        for at in range(150):
            now = after_run(ladder, now, run(at, mode_now(ladder, now).value, chance.random() < share))
            alone = alone or mode_now(ladder, now) is AUTO
        there += alone
    assert least <= there <= most
