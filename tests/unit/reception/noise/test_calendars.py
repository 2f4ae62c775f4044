"""AWS Change Calendars: their text, their recurrence, the state they are in."""

import contextlib
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reception.noise.calendar_text import read_calendar
from reception.noise.calendars import LOOK_AGAIN, Calendar, Event, state
from tests.unit.reception.noise.rules import DAY, HOUR, MINUTE, utc
from watchkeeper.errors import Misconfigured


def calendar(*events: str, kind: str = "DEFAULT_OPEN", head: str = "") -> str:
    """As SSM stores it: the type, a note that events are to be added, the events, in lines that end as on the network."""
    note = "BEGIN:VTODO\nDTSTAMP:20260101T000000Z\nUID:todo\nSUMMARY:Add events to this calendar.\nEND:VTODO"
    inside = "\n".join(f"BEGIN:VEVENT\n{event}\nEND:VEVENT" for event in events)
    first = f"PRODID:-//AWS//Change Calendar 1.0//EN\nVERSION:2.0\nX-CALENDAR-TYPE:{kind}"
    text = f"BEGIN:VCALENDAR\n{first}\n{head}\n{note}\n{inside}\nEND:VCALENDAR\n"
    return text.replace("\n", "\r\n")


ONE = "UID:1\nSUMMARY:Move the database\nDTSTART:20261120T220000Z\nDTEND:20261121T020000Z"
NIGHTLY = "UID:2\nDTSTART;TZID=Europe/Berlin:20261001T020000\nDTEND;TZID=Europe/Berlin:20261001T040000\nRRULE:FREQ=DAILY"
WEEKLY = "UID:3\nDTSTART;TZID=America/New_York:20261102T200000\nDURATION:PT90M\nRRULE:FREQ=WEEKLY;BYDAY=MO,WE;COUNT=4"
UNTIL = "UID:4\nDTSTART:20261101T000000Z\nDTEND:20261101T010000Z\nRRULE:FREQ=DAILY;INTERVAL=2;UNTIL=20261105T000000Z"
EXCEPT = f"{NIGHTLY}\nEXDATE;TZID=Europe/Berlin:20261120T020000,20261121T020000"
CHRISTMAS = "UID:5\nDTSTART;VALUE=DATE:20261224\nDTEND;VALUE=DATE:20261227\nRRULE:FREQ=YEARLY"
MOVED = "UID:2\nRECURRENCE-ID;TZID=Europe/Berlin:20261120T020000\nDTSTART;TZID=Europe/Berlin:20261120T120000\nDURATION:PT1H"
CANCELLED = "UID:2\nSTATUS:CANCELLED\nRECURRENCE-ID:20261120T010000Z\nDTSTART;TZID=Europe/Berlin:20261120T020000\nDURATION:PT1H"


@pytest.mark.parametrize(
    ("events", "at", "closed"),
    [
        pytest.param((), "2026-11-20T22:00", False, id="no events"),
        pytest.param((ONE,), "2026-11-20T21:59", False, id="before one"),
        pytest.param((ONE,), "2026-11-20T22:00", True, id="from its beginning"),
        pytest.param((ONE,), "2026-11-21T01:59", True, id="over midnight"),
        pytest.param((ONE,), "2026-11-21T02:00", False, id="to its end"),
        pytest.param((NIGHTLY,), "2026-10-24T00:30", True, id="summer: two o'clock is midnight in UTC"),
        pytest.param((NIGHTLY,), "2026-10-26T00:30", False, id="winter: not any more"),
        pytest.param((NIGHTLY,), "2026-10-26T01:30", True, id="winter: it is one o'clock"),
        pytest.param((NIGHTLY,), "2026-09-30T00:30", False, id="not before it began to recur"),
        pytest.param((WEEKLY,), "2026-11-03T01:00", True, id="Monday evening in New York"),
        pytest.param((WEEKLY,), "2026-11-05T02:29", True, id="Wednesday, to the end of its duration"),
        pytest.param((WEEKLY,), "2026-11-05T02:30", False, id="and no longer"),
        pytest.param((WEEKLY,), "2026-11-12T01:30", True, id="the fourth and last"),
        pytest.param((WEEKLY,), "2026-11-17T01:30", False, id="a fifth there is not"),
        pytest.param((UNTIL,), "2026-11-05T00:30", True, id="until is inclusive"),
        pytest.param((UNTIL,), "2026-11-04T00:30", False, id="every second day"),
        pytest.param((UNTIL,), "2026-11-07T00:30", False, id="after until"),
        pytest.param((EXCEPT,), "2026-11-20T01:30", False, id="a day that is excepted"),
        pytest.param((EXCEPT,), "2026-11-22T01:30", True, id="the day after"),
        pytest.param((CHRISTMAS,), "2026-12-24T00:00", True, id="whole days from midnight"),
        pytest.param((CHRISTMAS,), "2027-12-26T23:59", True, id="the next year"),
        pytest.param((CHRISTMAS,), "2026-12-27T00:00", False, id="the end of whole days is outside"),
        pytest.param((NIGHTLY, MOVED), "2026-11-20T01:30", False, id="an occurrence that was moved away"),
        pytest.param((NIGHTLY, MOVED), "2026-11-20T11:30", True, id="to noon"),
        pytest.param((NIGHTLY, CANCELLED), "2026-11-20T01:30", False, id="an occurrence that was called off"),
        pytest.param((NIGHTLY, CANCELLED), "2026-11-21T01:30", True, id="and the others go on"),
    ],
)
def test_a_default_open_calendar_is_closed_during_its_events(events: tuple[str, ...], at: str, closed: bool) -> None:
    assert state(read_calendar(calendar(*events)), utc(at))[0] == ("closed" if closed else "open")
    assert state(read_calendar(calendar(*events, kind="DEFAULT_CLOSED")), utc(at))[0] == ("open" if closed else "closed")


NEXT = "UID:6\nDTSTART:20261121T020000Z\nDTEND:20261121T030000Z"
LONG = "UID:7\nDTSTART:20261120T000000Z\nDTEND:20270120T000000Z"


@pytest.mark.parametrize(
    ("events", "at", "until"),
    [
        pytest.param((), "2026-11-20T22:00", "2026-11-27T22:00", id="nothing in sight: look in a week"),
        pytest.param((ONE,), "2026-11-20T21:00", "2026-11-20T22:00", id="the next event"),
        pytest.param((ONE,), "2026-11-20T23:00", "2026-11-21T02:00", id="the end of this one"),
        pytest.param((NEXT, ONE), "2026-11-20T23:00", "2026-11-21T03:00", id="one that follows at once"),
        pytest.param((LONG,), "2026-11-20T23:00", "2026-11-27T23:00", id="a long one: look in a week"),
    ],
)
def test_the_state_lasts_until(events: tuple[str, ...], at: str, until: str) -> None:
    assert state(read_calendar(calendar(*events)), utc(at))[1] == utc(until)


EVENTS = st.builds(
    lambda day, hour, minutes, zone, rule: Event(datetime(2026, 10, 20) + day * DAY + hour * HOUR, minutes * MINUTE, zone, rule),  # noqa: DTZ001 - local
    st.integers(0, 12),
    st.integers(0, 23),
    st.integers(1, 3000),
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York"]),
    st.sampled_from(["", "FREQ=DAILY", "FREQ=WEEKLY;BYDAY=TU,SU", "FREQ=DAILY;COUNT=3"]),
)


@given(st.lists(EVENTS, max_size=4), st.integers(0, 20 * 24 * 60))
def test_nothing_changes_before_the_state_ends_and_it_changes_then(events: list[Event], minutes: int) -> None:
    found, at = Calendar("open", "closed", tuple(events)), utc("2026-10-20T00:00") + minutes * MINUTE
    now, until = state(found, at)
    assert at < until <= at + LOOK_AGAIN
    assert {state(found, at + part * (until - at))[0] for part in (0.25, 0.5, 0.75, 0.999)} == {now}
    assert until == at + LOOK_AGAIN or state(found, until)[0] != now


def test_folded_lines_quoted_zones_and_a_zone_for_all() -> None:
    folded = 'UID:1\nDTSTART;TZID="Europe/Ber\n lin":20261120T020000\nDTEND;VALUE=DATE-TIME:20261120T03\n\t0000'
    assert state(read_calendar(calendar(folded, head="X-WR-TIMEZONE:Europe/Berlin")), utc("2026-11-20T01:30"))[0] == "closed"
    floating = "UID:1\nDTSTART:20261120T020000\nDTEND:20261120T030000"
    assert state(read_calendar(calendar(floating, head="X-WR-TIMEZONE:Asia/Tokyo")), utc("2026-11-19T17:30"))[0] == "closed"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "X-CALENDAR-TYPE"),
        (calendar(kind="DEFAULT_AJAR"), "this one DEFAULT_AJAR"),
        (calendar("SUMMARY:when?"), "no DTSTART"),
        (calendar("DTSTART:tomorrow"), "DTSTART, 'tomorrow'"),
        (calendar("DTSTART;TZID=Mars/Olympus:20261120T020000"), "no time zone 'Mars/Olympus'"),
        (calendar("DTSTART:20261120T020000Z\nDTEND:20261120T010000Z"), "ends before it begins"),
        (calendar("DTSTART:20261120T020000Z\nDURATION:2h"), "DURATION"),
        (calendar("DTSTART:20261120T020000Z\nRRULE:FREQ=MINUTELY"), "daily, weekly, monthly or yearly"),
        (calendar("DTSTART:20261120T020000Z\nRRULE:FREQ=DAILY;BYDAY=FUNDAY"), "BYDAY=FUNDAY"),
        (calendar("DTSTART:20261120T020000Z\nRRULE:FREQ=DAILY;UNTIL=later"), "RRULE"),
    ],
)
def test_what_is_not_understood_is_said(text: str, says: str) -> None:
    with pytest.raises(Misconfigured) as told:
        read_calendar(text)
    assert says in str(told.value)


@given(st.text(max_size=200), st.sampled_from(["DTSTART", "DTEND", "RRULE", "EXDATE", "DURATION", "DTSTART;TZID=x", "RECURRENCE-ID"]))
def test_odd_text_is_refused_in_one_way_only(text: str, name: str) -> None:
    """Nothing but Misconfigured comes out, neither from reading nor from asking for the state."""
    with contextlib.suppress(Misconfigured):
        found = read_calendar(calendar(f"UID:1\n{name}:{text}\nDTSTART:20261120T020000Z\nRRULE:FREQ=DAILY"))
        assert state(found, utc("2026-11-20T02:00"))[0] in {"open", "closed"}


ODD = [
    "INTERVAL=0",
    "INTERVAL=-1",
    "COUNT=0",
    "COUNT=often",
    "BYDAY=XX",
    "UNTIL=20261132",
    "BYHOUR=25",
    "BYMONTHDAY=31",
    "BYSETPOS=9",
    "X=1",
]


@pytest.mark.parametrize("also", ODD)
def test_odd_rules_are_refused(also: str) -> None:
    with pytest.raises(Misconfigured):
        read_calendar(calendar(f"DTSTART:20261120T020000Z\nRRULE:FREQ=DAILY;{also}"))


@pytest.mark.parametrize("rule", ["MONTHLY;BYMONTHDAY=31;BYDAY=1MO", "YEARLY;BYMONTH=2;BYMONTHDAY=30", "MONTHLY;BYDAY=MO;BYSETPOS=300"])
def test_a_rule_that_names_no_day_has_none_but_its_first(rule: str) -> None:
    """And says so at once, though dateutil would look as far as the year 9999."""
    found = read_calendar(calendar(f"DTSTART:20261120T020000Z\nDURATION:PT1H\nRRULE:FREQ={rule}"))
    assert state(found, utc("2026-11-20T02:30"))[0] == "closed"
    assert state(found, utc("2026-11-21T02:30"))[0] == "open"


def test_the_same_text_is_the_same_calendar() -> None:
    assert read_calendar(calendar(ONE)) is read_calendar(calendar(ONE))
    assert timedelta(days=7) == LOOK_AGAIN
