"""Is it a maintenance window now, and when does that end?"""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reception.noise.calendars import Calendar
    from watchkeeper.quiet import Window


def active(window: "Window", at: datetime, calendars: Mapping[str, "Calendar"]) -> bool:
    """Is `at` within the window? Its first moment is, its last is not."""
    return next_end(window, at, calendars) is not None


def next_end(window: "Window", at: datetime, calendars: Mapping[str, "Calendar"]) -> datetime | None:
    """When the window that `at` lies in ends, or when to look again where that is far off; none when it is not active.

    `calendars` holds what was read of the Change Calendars, by the name that the window gives; one that is missing
    there keeps nothing quiet.
    """
    if window.cron and window.lasts:
        from watchkeeper.cron import latest_start  # zones and calendars are loaded where there are any

        start = latest_start(window.cron, window.zone, at, window.lasts)
        return start + window.lasts if start else None
    if window.once:
        begin, end = window.once
        return end if begin <= at < end else None
    calendar = calendars.get(window.calendar)
    if calendar is None or window.quiet_while is None:
        return None
    from reception.noise.calendars import state

    now, until = state(calendar, at)
    return until if now == window.quiet_while.value else None
