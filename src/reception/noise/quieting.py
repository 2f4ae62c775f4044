"""Is this alert to be kept quiet, by what, and until when?"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from reception.noise.mutes import muted
from reception.noise.scopes import covers
from reception.noise.windows import next_end
from watchkeeper.models import Alert

if TYPE_CHECKING:
    from reception.noise.calendars import Calendar
    from watchkeeper.quiet import Mute, Window


@dataclass(frozen=True)
class Quiet:
    """`by` is `window/<id>` or `mute/<id>`, as an episode keeps it; `until` is when to look again."""

    by: str
    until: datetime
    says: str


def quieting(
    alert: Alert, windows: Iterable["Window"], mutes: Iterable["Mute"], at: datetime, calendars: "Mapping[str, Calendar] | None" = None
) -> Quiet | None:
    """The window or mute that lasts longest; at the same end a window before a mute. None: let it through."""
    ends = ((next_end(window, at, calendars or {}), window.id, window) for window in windows if covers(window.scope, alert))
    until, _, window = max(
        ((end, name, window) for end, name, window in ends if end), key=lambda found: found[:2], default=(None, "", None)
    )
    mute = muted(alert, mutes, at)
    if mute and (until is None or mute.until > until):
        return Quiet(f"mute/{mute.id}", mute.until, f"Muted by {mute.by} until {_clock(mute.until)}: {mute.reason}")
    if window is None or until is None:
        return None
    because = f": {window.reason}" if window.reason else ""
    return Quiet(f"window/{window.id}", until, f"Kept quiet by the window {window.id} until {_clock(until)}{because}")


def _clock(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
