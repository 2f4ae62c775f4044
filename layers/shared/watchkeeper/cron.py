"""When a recurrence written as five cron fields begins, in a time zone, through its changes of the clock.

Written here because the layer has no library for it; dateutil's rules, which it has, do not read cron. Decision 0009.
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day of month", 1, 31), ("month", 1, 12), ("day of week", 0, 7))
_MONTHS = dict(zip("jan feb mar apr may jun jul aug sep oct nov dec".split(), range(1, 13), strict=True))  # noqa: SIM905 - read at a glance
_WEEKDAYS = dict(zip("sun mon tue wed thu fri sat".split(), range(7), strict=True))  # noqa: SIM905 - read at a glance
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Cron:
    """The five fields, each as the numbers that it names. Days of the week count from Sunday, 0."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either_day: bool

    def on(self, day: date) -> bool:
        """Does it begin on this day? As in cron: where both kinds of days are limited, one of them is enough."""
        by_month, by_week = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return day.month in self.months and (by_month or by_week if self.either_day else by_month and by_week)


@lru_cache(maxsize=256)
def read_cron(text: str) -> Cron:
    """`minute hour day-of-month month day-of-week`, with lists, ranges, steps and names; ValueError says what is wrong."""
    fields = text.lower().split()
    if len(fields) != len(_FIELDS):
        raise ValueError(f"{text!r} needs five fields: minute hour day-of-month month day-of-week")
    minutes, hours, days, months, weekdays = (_numbers(field, *kind) for field, kind in zip(fields, _FIELDS, strict=True))
    either = not fields[2].startswith("*") and not fields[4].startswith("*")
    return Cron(minutes, hours, days, months, frozenset(day % 7 for day in weekdays), either)


def _numbers(field: str, what: str, least: int, most: int) -> frozenset[int]:
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        if step and (not step.isdecimal() or int(step) == 0):
            raise ValueError(f"{what}: {part!r} has no number after the /")
        low = least if first == "*" else _number(first, what, least, most)
        high = most if first == "*" or (step and not last) else _number(last or first, what, least, most)
        if high < low:
            raise ValueError(f"{what}: {span!r} runs backwards")
        found |= set(range(low, high + 1, int(step or 1)))
    return frozenset(found)


def _number(text: str, what: str, least: int, most: int) -> int:
    names = {"month": _MONTHS, "day of week": _WEEKDAYS}.get(what, {})
    number = names.get(text, int(text) if text.isdecimal() else -1)
    if not least <= number <= most:
        raise ValueError(f"{what}: {text!r} is not within {least}-{most}")
    return number


@lru_cache(maxsize=256)
def zone(name: str) -> tzinfo:
    """The IANA time zone: the system's, else the copy that dateutil brings along; ValueError where there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: the name of a folder, such as Europe
        from dateutil.zoneinfo import get_zonefile_instance

        found: tzinfo | None = get_zonefile_instance().get(name)
        if found is None:
            raise ValueError(f"there is no time zone {name!r}; write it as Europe/Berlin or UTC") from None
        return found


def latest_start(cron: str, zone_name: str, at: datetime, lasts: timedelta) -> datetime | None:
    """The latest beginning that is at most `lasts` before `at`, `at` itself included; none where there is none.

    A beginning that the clocks jump over comes that much later by the clock; one that they show twice is the first.
    """
    today = at.astimezone(zone(zone_name)).date()
    for back in range(lasts.days + 3):  # as many days as it may last, one that midnight adds and one for the clocks
        starts = _starts(cron, zone_name, today - back * _DAY if back else today)
        found = bisect_right(starts, at)
        if found:
            start = starts[found - 1]
            return start if at - start < lasts else None
    return None


@lru_cache(maxsize=4096)
def _starts(cron: str, zone_name: str, day: date) -> tuple[datetime, ...]:
    """Every beginning on this local day, as UTC, earliest first."""
    rule, where = read_cron(cron), zone(zone_name)
    if not rule.on(day):
        return ()
    local = (datetime.combine(day, time(hour, minute), where) for hour in rule.hours for minute in rule.minutes)
    return tuple(sorted(start.astimezone(UTC) for start in local))
