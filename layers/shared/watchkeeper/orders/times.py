"""When an order may not act: freeze windows, and the hours outside of its own."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from watchkeeper.matching import named, unsaid_or_named
from watchkeeper.models import Incident
from watchkeeper.orders.matching import labelled
from watchkeeper.orders.model import Freeze, Hours, Order, StandingOrders
from watchkeeper.windows import Scope

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
UNTOLD = datetime.max.replace(tzinfo=UTC)


def frozen(orders: StandingOrders, incident: Incident, labels: Mapping[str, str], at: datetime, calendars: Mapping[str, str]) -> str:
    """Empty, or one sentence that names the freeze and until when; of several the one that ends last.

    `calendars` says of each calendar that is asked "open", "closed" or "unknown: why". One that is unknown, or missing there, freezes:
    nobody can tell that it does not.
    """
    found = [
        (end, says)
        for freeze in orders.freeze
        if covers(freeze.scope, incident, labels)
        for end, says in (_held(freeze, at, calendars),)
        if says
    ]
    return max(found)[1] if found else ""


def calendars_asked(orders: StandingOrders) -> set[str]:
    """The Change Calendars whose state has to be asked before `frozen` can say anything."""
    return {freeze.calendar for freeze in orders.freeze if freeze.calendar}


def covers(scope: Scope, incident: Incident, labels: Mapping[str, str]) -> bool:
    """Does a freeze speak of this incident? Of all that it is about, one that is named is enough."""
    services, prints = {incident.service, *incident.services}, {incident.fingerprint, *incident.firing}
    return (
        (not scope.services or any(named(one, scope.services) for one in services))
        and (not scope.fingerprints or any(named(one, scope.fingerprints) for one in prints))
        and (not scope.alarms or named(incident.alarm_name or incident.title, scope.alarms))
        and (not scope.severities or incident.severity in scope.severities)
        and unsaid_or_named(incident.environment, scope.environments)
        and unsaid_or_named(incident.account, scope.accounts)
        and unsaid_or_named(incident.source, scope.sources)
        and labelled(labels, scope.tags)
    )


def _held(freeze: Freeze, at: datetime, calendars: Mapping[str, str]) -> tuple[datetime, str]:
    """Until when, and the sentence; an empty one where it does not hold now."""
    if freeze.calendar:
        return UNTOLD, _by_calendar(freeze, calendars.get(freeze.calendar, "unknown: it was not read"))
    end = freeze.ends(at)
    return (end, _says(freeze, f"until {end.astimezone(UTC):%Y-%m-%d %H:%M} UTC")) if end else (at, "")


def _by_calendar(freeze: Freeze, state: str) -> str:
    wanted = freeze.frozen_while
    if wanted is None or state not in {"open", "closed"}:
        return _says(freeze, f"until the calendar {freeze.calendar} can be read ({state})")
    return _says(freeze, f"for as long as the calendar {freeze.calendar} is {state}") if state == wanted.value else ""


def _says(freeze: Freeze, until: str) -> str:
    reason = f": {freeze.reason.rstrip('.')}" if freeze.reason else ""
    return f'The freeze "{freeze.id}" holds {until}{reason}.'


def outside_hours(order: Order, at: datetime) -> str:
    """Empty while the order is in force, else a sentence that says when it is."""
    if order.hours is None or _within(order.hours, at):
        return ""
    hours = order.hours
    return f'The order "{order.name}" is in force {", ".join(hours.days)} {hours.start}-{hours.end} {hours.zone}, and it is not that now.'


def _within(hours: Hours, at: datetime) -> bool:
    """By the clock on the wall there: its first minute is within, its last is not."""
    from watchkeeper.cron import zone  # zones are loaded where there are any

    local = at.astimezone(zone(hours.zone))
    now, today, yesterday = f"{local:%H:%M}", DAYS[local.weekday()], DAYS[(local - timedelta(days=1)).weekday()]
    if hours.start < hours.end:
        return today in hours.days and hours.start <= now < hours.end
    return (today in hours.days and now >= hours.start) or (yesterday in hours.days and now < hours.end)
