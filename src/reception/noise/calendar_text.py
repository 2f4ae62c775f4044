"""The text of a Change Calendar's SSM document: iCalendar, of which the events, their rules and exceptions count."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache

from reception.noise.calendars import Calendar, Event
from watchkeeper.cron import zone
from watchkeeper.errors import Misconfigured

LONGEST_EVENT = timedelta(days=366)
_STATES = {"DEFAULT_OPEN": ("open", "closed"), "DEFAULT_CLOSED": ("closed", "open")}
_MONTHLY = {"BYDAY", "BYMONTHDAY", "BYSETPOS"}
_RULES = {"DAILY": {"BYDAY"}, "WEEKLY": {"BYDAY"}, "MONTHLY": _MONTHLY, "YEARLY": _MONTHLY | {"BYMONTH"}}
_ALWAYS = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST"}
_LENGTH = re.compile(r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$")
_STAMP = "%Y%m%dT%H%M%S"


@dataclass(frozen=True)
class _Line:
    """One property: its name, the zone and kind that its parameters give, its value."""

    name: str
    value: str
    zone: str = ""
    is_date: bool = False


Lines = dict[str, list[_Line]]


@lru_cache(maxsize=32)
def read_calendar(text: str) -> Calendar:
    """The same calendar for the same text. Misconfigured, with a sentence, where a part of it cannot be understood."""
    kind, default_zone = "", "UTC"
    lines: Lines | None = None
    events: list[Lines] = []
    for line in _lines(text):
        if line.name == "BEGIN" and line.value.upper() == "VEVENT":
            lines = {}
        elif line.name == "END" and line.value.upper() == "VEVENT" and lines is not None:
            events.append(lines)
            lines = None
        elif lines is not None:
            lines.setdefault(line.name, []).append(line)
        elif line.name == "X-CALENDAR-TYPE":
            kind = line.value.upper()
        elif line.name == "X-WR-TIMEZONE":
            default_zone = line.value
    if kind not in _STATES:
        raise Misconfigured(f"a change calendar says X-CALENDAR-TYPE:DEFAULT_OPEN or DEFAULT_CLOSED; this one {kind or 'neither'}")
    return Calendar(*_STATES[kind], tuple(_events(events, default_zone)))


def _lines(text: str) -> Iterator[_Line]:
    """Each property; a line that begins with a blank goes on with the one before."""
    for raw in re.sub(r"\r?\n[ \t]", "", text).splitlines():
        head, colon, value = raw.partition(":")
        if colon:
            name, *rest = head.split(";")
            said = {key.upper(): told.strip('"') for key, _, told in (part.partition("=") for part in rest)}
            yield _Line(name.strip().upper(), value.strip(), said.get("TZID", ""), said.get("VALUE", "").upper() == "DATE")


def _events(found: list[Lines], default_zone: str) -> Iterator[Event]:
    """Each event; one that was moved or called off takes its place out of the series that it belongs to."""
    moved = [lines for lines in found if "RECURRENCE-ID" in lines]
    for lines in found:
        if lines.get("STATUS", [_Line("", "")])[0].value.upper() == "CANCELLED":
            continue
        event = _event(lines, default_zone)
        if "RRULE" in lines:
            uid = [line.value for line in lines.get("UID", [])]
            gone = [other["RECURRENCE-ID"][0] for other in moved if uid and [line.value for line in other.get("UID", [])] == uid]
            event = replace(event, never=(*event.never, *(_local(line, line.value, event.zone) for line in gone)))
        yield event


def _event(lines: Lines, default_zone: str) -> Event:
    if "DTSTART" not in lines:
        raise Misconfigured("an event of the change calendar has no DTSTART")
    first = lines["DTSTART"][0]
    whole_days = first.is_date or "T" not in first.value
    zone_name = "UTC" if first.value.endswith("Z") else first.zone or default_zone
    try:
        zone(zone_name)
    except ValueError as error:
        raise Misconfigured(f"the change calendar: {error}") from error
    start = _local(first, first.value, zone_name)
    return Event(
        start=start,
        lasts=_lasts(lines, start, zone_name, whole_days=whole_days),
        zone=zone_name,
        rule=_rule(lines["RRULE"][0].value, zone_name) if "RRULE" in lines else "",
        also=_times(lines.get("RDATE", []), zone_name),
        never=_times(lines.get("EXDATE", []), zone_name),
        whole_days=whole_days,
    )


def _lasts(lines: Lines, start: datetime, zone_name: str, *, whole_days: bool) -> timedelta:
    """From DTEND or DURATION; without them a whole day, or no time at all."""
    lasts = timedelta(days=1) if whole_days else timedelta()
    if "DTEND" in lines:
        end = _local(lines["DTEND"][0], lines["DTEND"][0].value, zone_name)
        where = None if whole_days else zone(zone_name)
        lasts = _utc(end, where) - _utc(start, where)
    elif "DURATION" in lines:
        length = _LENGTH.match(lines["DURATION"][0].value)
        if length is None:
            raise Misconfigured(f"the change calendar has a DURATION that is none: {lines['DURATION'][0].value!r}")
        weeks, days, hours, minutes, seconds = (int(part or 0) for part in length.groups())
        lasts = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    if not timedelta() <= lasts <= LONGEST_EVENT:
        raise Misconfigured(f"an event of the change calendar, of {start:%Y-%m-%d}, ends before it begins or lasts more than a year")
    return lasts


def _utc(local: datetime, where: tzinfo | None) -> datetime:
    return local.replace(tzinfo=where).astimezone(UTC) if where else local


def _times(lines: list[_Line], zone_name: str) -> tuple[datetime, ...]:
    return tuple(_local(line, value, zone_name) for line in lines for value in line.value.split(","))


def _local(line: _Line, value: str, zone_name: str) -> datetime:
    """A date or a time as it reads on the clock of this zone; what has no zone of its own is meant by that clock."""
    try:
        if "T" not in value:
            return datetime.strptime(value, "%Y%m%d")  # noqa: DTZ007 - a day has no zone
        moment = datetime.strptime(value.removesuffix("Z"), _STAMP)  # noqa: DTZ007 - its zone is looked at in the next line
        known = "UTC" if value.endswith("Z") else line.zone or zone_name
        return moment if known == zone_name else moment.replace(tzinfo=zone(known)).astimezone(zone(zone_name)).replace(tzinfo=None)
    except ValueError as error:
        raise Misconfigured(f"the change calendar's {line.name}, {value!r}, is not understood: {error}") from error


def _rule(text: str, zone_name: str) -> str:
    """The rule with its UNTIL by the event's own clock, once it is known that dateutil understands it.

    Only parts that say something at their frequency: with others a rule may name no day at all, which dateutil would
    look for until the year 9999, and at no interval for ever.
    """
    parts = dict(part.upper().partition("=")[::2] for part in text.split(";") if part)
    if parts.get("FREQ") not in _RULES or parts.keys() - _ALWAYS - _RULES[parts["FREQ"]] or not _counts(parts):
        raise Misconfigured(f"a change calendar recurs daily, weekly, monthly or yearly, on days that it names, not as {text!r}")
    if until := parts.get("UNTIL"):
        last = _local(_Line("RRULE", text), until, zone_name)
        parts["UNTIL"] = (last if "T" in until else datetime.combine(last, time.max)).strftime(_STAMP)
    rule = ";".join(f"{name}={value}" for name, value in parts.items())
    try:
        from dateutil.rrule import rrulestr  # only where a calendar recurs

        rrulestr(rule, dtstart=datetime.combine(date(2026, 1, 1), time.min))
    except (ValueError, KeyError) as error:
        raise Misconfigured(f"the change calendar's RRULE, {text!r}, is not understood: {error}") from error
    return rule


def _counts(parts: dict[str, str]) -> bool:
    """INTERVAL and COUNT, where they are said, are numbers from 1 on."""
    return all(parts.get(name, "1").isdecimal() and int(parts.get(name, "1")) > 0 for name in ("INTERVAL", "COUNT"))
