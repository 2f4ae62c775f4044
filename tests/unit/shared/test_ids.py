"""Names: incidents sort by time, what may be written twice is named the same twice."""

import uuid
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.words import NIGHT
from watchkeeper.ids import digest, incident_id, now, token, ulid


def test_a_ulid_is_time_then_chance() -> None:
    assert ulid(datetime(2016, 7, 30, 23, 54, 10, 259000, UTC), lambda n: b"\0" * n) == "01ARZ3NDEK" + "0" * 16
    assert ulid(NIGHT, lambda n: b"\xff" * n).endswith("Z" * 16)


@given(st.datetimes(datetime(1971, 1, 1), datetime(2400, 1, 1), timezones=st.just(UTC)), st.integers(1, 10**9))  # noqa: DTZ001 - hypothesis adds the zone
def test_incidents_sort_by_time_as_text(at: datetime, later_ms: int) -> None:
    assert incident_id(at) < incident_id(at + timedelta(milliseconds=later_ms))


def test_two_incidents_of_one_moment_have_two_names() -> None:
    assert len({incident_id(NIGHT) for _ in range(1000)}) == 1000


def test_a_token_is_a_uuid_that_is_the_same_for_the_same_things() -> None:
    assert token("INC-1", "ec2-restart", "1") == token("INC-1", "ec2-restart", "1")
    assert uuid.UUID(token("a")).version == 5


def test_a_token_does_not_confuse_where_one_part_ends() -> None:
    assert token("ab", "c") != token("a", "bc") != token("abc")


@given(st.dictionaries(st.text(), st.one_of(st.integers(), st.text(), st.booleans(), st.none())))
def test_a_digest_does_not_see_the_order_of_keys(value: dict[str, object]) -> None:
    assert digest(value) == digest(dict(reversed(value.items())))


def test_a_digest_sees_every_value() -> None:
    values: tuple[object, ...] = ({"a": 1}, {"a": "1"}, {"a": [1]}, {"b": 1}, {}, [], None)
    assert len({digest(value) for value in values}) == len(values)


def test_now_has_a_zone() -> None:
    assert now().tzinfo is UTC
