"""How often it came: exact within the buckets, bounded, and the same whatever the order."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reception.noise.frequency import Frequency, counted, frequency
from tests.fakes.words import NIGHT
from tests.unit.reception.noise.rules import DAY, HOUR, MINUTE
from watchkeeper.episodes import Seen

AGES = st.lists(st.integers(0, 12 * 86400), max_size=60)


def after(*ages: timedelta) -> Seen:
    seen = Seen()
    for age in ages:
        seen = counted(seen, NIGHT - age)
    return seen


@pytest.mark.parametrize(
    ("ages", "found"),
    [
        pytest.param((), Frequency(0, 0, 0), id="never"),
        pytest.param((0 * HOUR,), Frequency(1, 1, 1), id="once"),
        pytest.param((54 * MINUTE, 0 * HOUR), Frequency(2, 2, 2), id="twice in an hour"),
        pytest.param((61 * MINUTE, 0 * HOUR), Frequency(1, 2, 2), id="more than an hour apart"),
        pytest.param((25 * HOUR, 0 * HOUR), Frequency(1, 1, 2), id="more than a day apart"),
        pytest.param((8 * DAY, 0 * HOUR), Frequency(1, 1, 1), id="more than a week apart"),
        pytest.param((0 * HOUR, 8 * DAY), Frequency(1, 1, 1), id="what was long ago comes late"),
    ],
)
def test_it_counts_what_came_within(ages: tuple[timedelta, ...], found: Frequency) -> None:
    assert frequency(after(*ages), NIGHT) == found


def test_what_was_counted_grows_old() -> None:
    seen = counted(Seen(), NIGHT, times=7)
    assert frequency(seen, NIGHT + 2 * HOUR) == Frequency(0, 7, 7)
    assert frequency(seen, NIGHT + 8 * DAY) == Frequency(0, 0, 0)


@given(AGES, st.randoms())
def test_the_order_of_arrival_does_not_matter(ages: list[int], chance: "object") -> None:
    spans = [timedelta(seconds=age) for age in ages]
    shuffled = list(spans)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert after(*spans) == after(*shuffled)


@given(AGES)
def test_it_is_bounded_and_as_many_as_there_were(ages: list[int]) -> None:
    seen = after(*(timedelta(seconds=age) for age in ages))
    assert len(seen.fives) <= 12
    assert len(seen.hours) <= 24
    assert len(seen.days) <= 7
    found = frequency(seen, NIGHT)
    assert sum(age < 55 * 60 for age in ages) <= found.hour <= sum(age < 60 * 60 for age in ages)
    assert sum(age < 23 * 3600 for age in ages) <= found.day <= sum(age < 24 * 3600 for age in ages)
    assert sum(age < 6 * 86400 for age in ages) <= found.week <= sum(age < 7 * 86400 for age in ages)


@pytest.mark.parametrize(
    ("found", "says"),
    [
        (Frequency(0, 0, 1), ""),
        (Frequency(0, 2, 2), "2 times in the last day, 2 times in the last week"),
        (Frequency(3, 4, 9), "3 times in the last hour, 4 times in the last day, 9 times in the last week"),
    ],
)
def test_it_says_so(found: Frequency, says: str) -> None:
    assert found.says == says


def test_it_survives_its_row() -> None:
    seen = after(0 * HOUR, 3 * HOUR, 3 * DAY)
    assert Seen.model_validate_json(seen.model_dump_json()) == seen
