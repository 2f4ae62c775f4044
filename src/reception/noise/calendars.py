"""An AWS Change Calendar: is it open or closed, and until when?

A DEFAULT_OPEN calendar is closed during its events, a DEFAULT_CLOSED one is open during them. What recurs is expanded
by dateutil by the clock of the event's zone, so that a nightly event stays at its hour when the clocks change.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from watchkeeper.cron import zone

LOOK_AGAIN = timedelta(days=7)
_DAY = timedelta(days=1)
Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Event:
    """Begins at `start` by the clock of its zone, and again by its rule; times in here have no zone of their own.

    Each time it takes `lasts` of elapsed time; whole days end by the clock, though a day of the change has 23 or 25 hours.
    """

    start: datetime
    lasts: timedelta
    zone: str = "UTC"
    rule: str = ""
    also: tuple[datetime, ...] = ()
    never: tuple[datetime, ...] = ()
    whole_days: bool = False


@dataclass(frozen=True, eq=False)
class Calendar:
    """`outside` is its state between the events, `during` the one while an event lasts. Compared by identity, to be quick."""

    outside: str
    during: str
    events: tuple[Event, ...]


def state(calendar: Calendar, at: datetime) -> tuple[str, datetime]:
    """`open` or `closed`, and until when; where that is more than a week off, when to look again."""
    spans, limit = _spans(calendar, at.astimezone(UTC).date()), at + LOOK_AGAIN
    begun = bisect_right(spans, at, key=lambda span: span[0])
    if begun and at < spans[begun - 1][1]:
        return calendar.during, min(spans[begun - 1][1], limit)
    return calendar.outside, min(spans[begun][0], limit) if begun < len(spans) else limit


@lru_cache(maxsize=256)
def _spans(calendar: Calendar, day: date) -> tuple[Span, ...]:
    """What its events cover from this UTC day on as far as `state` looks, joined where they touch, earliest first."""
    begin = datetime.combine(day, time.min, UTC)
    end = begin + _DAY + LOOK_AGAIN
    found = (span for event in calendar.events for span in _occurrences(event, begin, end))
    return tuple(_joined(sorted(span for span in found if span[0] < end and span[1] > begin)))


def _occurrences(event: Event, begin: datetime, end: datetime) -> Iterator[Span]:
    """Those that may touch the time between; a day more on both sides, for the clocks."""
    first, last = (at.replace(tzinfo=None) for at in (begin - event.lasts - 2 * _DAY, end + 2 * _DAY))
    local = {start for start in (event.start, *event.also) if first <= start <= last}
    if event.rule:
        from dateutil.rrule import rrulestr  # only where a calendar recurs

        local.update(rrulestr(event.rule, dtstart=event.start).between(first, last, inc=True))
    for start in local - set(event.never):
        instant = _instant(start, event.zone)
        yield instant, _instant(start + event.lasts, event.zone) if event.whole_days else instant + event.lasts


def _instant(local: datetime, zone_name: str) -> datetime:
    return local.replace(tzinfo=zone(zone_name)).astimezone(UTC)


def _joined(spans: Iterable[Span]) -> list[Span]:
    joined: list[Span] = []
    for begin, end in spans:
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((begin, end))
    return joined
