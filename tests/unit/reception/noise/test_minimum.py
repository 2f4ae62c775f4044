"""How often it must come before anybody hears of it."""

import itertools
from datetime import datetime

import pytest

from reception.noise.minimum import rule_for, waited
from tests.fakes.words import NIGHT, an_alert
from tests.unit.reception.noise.rules import MINUTE
from watchkeeper.quiet import Minimum, Scope

THREE = Minimum(count=3, within=10 * MINUTE)
FOR_CPU = Minimum(scope=Scope(alarms=("*-cpu-high", "checkout-cpu*")), count=2, within=5 * MINUTE)


@pytest.mark.parametrize(
    ("rules", "found"),
    [((), None), ((FOR_CPU, THREE), FOR_CPU), ((THREE, FOR_CPU), THREE), ((Minimum(scope=Scope(sources=("logs",)), count=2),), None)],
)
def test_the_first_rule_that_fits_counts(rules: tuple[Minimum, ...], found: Minimum | None) -> None:
    assert rule_for(an_alert(), rules) == found


@pytest.mark.parametrize(
    ("minutes", "enough"),
    [
        pytest.param([0], False, id="once"),
        pytest.param([0, 1], False, id="twice"),
        pytest.param([0, 1, 9], True, id="three times within ten minutes"),
        pytest.param([0, 1, 10], False, id="the first is too old"),
        pytest.param([0, 1, 10, 10.5], True, id="and then there are three again"),
        pytest.param([0, 5, 10, 15, 20, 25], False, id="steadily, but too slow"),
    ],
)
def test_it_is_enough_within_the_time(minutes: list[float], enough: bool) -> None:
    waiting: tuple[datetime, ...] = ()
    answers = []
    for minute in minutes:
        answer = waited(waiting, NIGHT + minute * MINUTE, THREE)
        waiting = answer.occurrences
        answers.append(answer.enough)
    assert answers[-1] is enough
    assert not any(answers[:-1])


@pytest.mark.parametrize("minutes", list(itertools.permutations([0, 1, 9])))
def test_the_order_of_arrival_does_not_matter(minutes: tuple[int, ...]) -> None:
    first, second, third = (NIGHT + minute * MINUTE for minute in minutes)
    two = waited(waited((), first, THREE).occurrences, second, THREE)
    assert not two.enough
    assert waited(two.occurrences, third, THREE).enough


def test_it_begins_at_nought_after_it_was_enough() -> None:
    answer = waited((NIGHT, NIGHT), NIGHT + MINUTE, THREE)
    assert (answer.occurrences, answer.says) == ((), "Came 3 of 3 within 10 min: enough to open an incident.")
    again = waited(answer.occurrences, NIGHT + 2 * MINUTE, THREE)
    assert (again.enough, again.says) == (False, "Came 1 of 3 within 10 min: not yet enough to open an incident.")


def test_several_at_once_count_as_several() -> None:
    assert waited((), NIGHT, THREE, times=2).occurrences == (NIGHT, NIGHT)
    assert waited((), NIGHT, THREE, times=10_000).enough
