"""Maintenance windows: active exactly within their intervals, by the clock of their zone, whatever that does."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from dateutil.rrule import DAILY, rrule
from hypothesis import given
from hypothesis import strategies as st

from reception.noise.calendar_text import read_calendar
from reception.noise.windows import active, next_end
from tests.fakes.words import NIGHT
from tests.unit.reception.noise.rules import DAY, HOUR, MINUTE, a_window, utc
from watchkeeper.cron import read_cron, zone

SUNDAYS = {"cron": "0 2 * * sun", "lasts": "3h"}
ONCE = {"start": "2027-01-16T22:00:00", "end": "2027-01-17T02:00:00"}


@pytest.mark.parametrize(
    ("window", "at", "ends"),
    [
        pytest.param({}, "2026-11-20T00:59:59", None, id="a second before"),
        pytest.param({}, "2026-11-20T01:00", "2026-11-20T03:00", id="its first moment"),
        pytest.param({}, "2026-11-20T02:59:59", "2026-11-20T03:00", id="a second before its end"),
        pytest.param({}, "2026-11-20T03:00", None, id="its end is outside"),
        pytest.param({}, "2026-07-20T00:00", "2026-07-20T02:00", id="an hour earlier in summer"),
        pytest.param({"zone": "UTC"}, "2026-07-20T02:00", "2026-07-20T04:00", id="but not in UTC"),
        pytest.param({"zone": "Asia/Kolkata"}, "2026-11-19T20:30", "2026-11-19T22:30", id="half an hour off"),
        pytest.param(SUNDAYS, "2026-11-22T01:30", "2026-11-22T04:00", id="on its day of the week"),
        pytest.param(SUNDAYS, "2026-11-21T01:30", None, id="on another one"),
        pytest.param({"cron": "0 22 * * *", "lasts": "8h"}, "2026-11-20T04:59", "2026-11-20T05:00", id="over midnight"),
        pytest.param({"cron": "0 0 1 * *", "lasts": "7d"}, "2026-11-07T22:59", "2026-11-07T23:00", id="seven days long"),
        pytest.param({"cron": "*/30 * * * *", "lasts": "10m"}, "2026-11-20T01:39", "2026-11-20T01:40", id="every half hour"),
        pytest.param({"cron": "*/30 * * * *", "lasts": "10m"}, "2026-11-20T01:40", None, id="and not in between"),
        pytest.param({"cron": "0 * * * *", "lasts": "90m"}, "2026-11-20T01:20", "2026-11-20T02:30", id="overlapping: the later end"),
        pytest.param(ONCE, "2027-01-16T20:59:59", None, id="before the one window"),
        pytest.param(ONCE, "2027-01-16T21:00", "2027-01-17T01:00", id="within it, by the clock of its zone"),
        pytest.param(ONCE, "2027-01-17T01:00", None, id="after it"),
        pytest.param(
            {"start": "2027-01-16T22:00:00Z", "end": "2027-01-16T23:00:00-05:00"}, "2027-01-17T03:59", "2027-01-17T04:00", id="with offsets"
        ),
        pytest.param({}, "2026-03-29T00:59", None, id="spring: 01:59, before the jump"),
        pytest.param({}, "2026-03-29T01:00", "2026-03-29T03:00", id="spring: what the clocks jump over begins where they land"),
        pytest.param({"cron": "30 2 * * *", "lasts": "1h"}, "2026-03-29T01:29", None, id="spring: half past two comes at half past three"),
        pytest.param({"cron": "30 2 * * *", "lasts": "1h"}, "2026-03-29T01:30", "2026-03-29T02:30", id="spring: and takes its hour"),
        pytest.param({}, "2026-10-25T00:00", "2026-10-25T02:00", id="autumn: the first two o'clock of two"),
        pytest.param({}, "2026-10-25T02:00", None, id="autumn: two hours are two hours"),
        pytest.param(
            {"cron": "0 1 * * *", "lasts": "3h", "zone": "America/New_York"}, "2026-11-01T07:59", "2026-11-01T08:00", id="New York"
        ),
    ],
)
def test_when_it_is_active_and_until_when(window: dict[str, Any], at: str, ends: str | None) -> None:
    found = a_window(**window)
    assert next_end(found, utc(at), {}) == (utc(ends) if ends else None)
    assert active(found, utc(at), {}) is (ends is not None)


ZONES = st.sampled_from(
    ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Asia/Kolkata", "Pacific/Apia"]
)
CRON = st.tuples(
    st.one_of(st.integers(0, 59).map(str), st.just("*/15"), st.just("5,35")),
    st.one_of(st.integers(0, 23).map(str), st.just("*"), st.just("1-3"), st.just("22-23,0-2/2")),
    st.one_of(st.just("*"), st.integers(1, 28).map(str), st.just("*/2")),
    st.one_of(st.just("*"), st.just("3,10-12"), st.just("mar")),
    st.one_of(st.just("*"), st.just("mon-fri"), st.just("sun"), st.just("7"), st.just("*/3")),
).map(" ".join)
MOMENTS = st.datetimes(datetime(2026, 1, 3), datetime(2027, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
CHANGES = st.builds(
    lambda day, minutes: day + timedelta(minutes=minutes),
    st.sampled_from(
        [utc("2026-03-29T01:00"), utc("2026-10-25T01:00"), utc("2026-03-08T07:00"), utc("2026-11-01T06:00"), utc("2026-10-03T15:30")]
    ),
    st.integers(-600, 600),
)


@given(CRON, ZONES, st.integers(1, 1800), st.one_of(MOMENTS, CHANGES))
def test_it_is_active_exactly_within_its_computed_intervals(cron: str, zone_name: str, minutes: int, at: datetime) -> None:
    """The oracle is dateutil, over all days from which a window can reach here."""
    lasts = timedelta(minutes=minutes)
    window = a_window(cron=cron, lasts=f"{minutes}m", zone=zone_name)
    local = at.astimezone(zone(zone_name)).replace(tzinfo=None)
    begin, end = (local - lasts - DAY).replace(hour=0, minute=0, second=0, microsecond=0), local + HOUR * 2
    starts = [start.replace(tzinfo=zone(zone_name)).astimezone(UTC) for start in by_dateutil(cron, begin, end)]
    ends = [start + lasts for start in starts if start <= at < start + lasts]
    assert next_end(window, at, {}) == max(ends, default=None)


def by_dateutil(cron: str, begin: datetime, end: datetime) -> list[datetime]:
    rule = read_cron(cron)
    weekdays = [(day - 1) % 7 for day in rule.weekdays]
    limits: dict[str, Any] = {"byhour": sorted(rule.hours), "byminute": sorted(rule.minutes), "bymonth": sorted(rule.months)}
    if rule.either_day:
        days = [{"bymonthday": sorted(rule.days)}, {"byweekday": weekdays}]
    else:
        days = [{"bymonthday": sorted(rule.days), "byweekday": weekdays}]
    return [found for either in days for found in rrule(DAILY, dtstart=begin, until=end, bysecond=0, **limits, **either)]


@given(CRON, ZONES, st.integers(1, 600), st.one_of(MOMENTS, CHANGES))
def test_its_end_is_ahead_and_no_further_than_it_lasts(cron: str, zone_name: str, minutes: int, at: datetime) -> None:
    end = next_end(a_window(cron=cron, lasts=f"{minutes}m", zone=zone_name), at, {})
    assert end is None or at < end <= at + minutes * MINUTE


CALENDAR = (
    "BEGIN:VCALENDAR\nX-CALENDAR-TYPE:DEFAULT_{}\nBEGIN:VEVENT\nDTSTART:20261120T030000Z\nDTEND:20261120T050000Z\nEND:VEVENT\nEND:VCALENDAR"
)


@pytest.mark.parametrize(
    ("kind", "quiet_while", "hours", "ends"),
    [
        pytest.param("CLOSED", "open", 0, 2, id="planned changes: quiet during them"),
        pytest.param("CLOSED", "open", 2, None, id="and not after them"),
        pytest.param("CLOSED", "closed", -1, 0, id="quiet where nothing is planned"),
        pytest.param("OPEN", "closed", 1, 2, id="a freeze: quiet during it"),
        pytest.param("OPEN", "closed", -1, None, id="and not before it"),
        pytest.param("OPEN", "open", 2, 7 * 24 + 2, id="with no end in sight somebody looks in a week"),
    ],
)
def test_a_window_by_calendar(kind: str, quiet_while: str, hours: int, ends: int | None) -> None:
    window = a_window(calendar="changes", quiet_while=quiet_while)
    calendars = {"changes": read_calendar(CALENDAR.format(kind))}
    assert next_end(window, NIGHT + hours * HOUR, calendars) == (None if ends is None else NIGHT + ends * HOUR)
    assert not active(window, NIGHT + hours * HOUR, {}), "a calendar that could not be read keeps nothing quiet"
