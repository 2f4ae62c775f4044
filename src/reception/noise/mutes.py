"""Has somebody muted this?"""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from reception.noise.scopes import covers
from watchkeeper.models import Alert

if TYPE_CHECKING:
    from watchkeeper.quiet import Mute


def in_force(mute: "Mute", at: datetime) -> bool:
    """From when it was set until it expires."""
    return (mute.since is None or mute.since <= at) and at < mute.until


def muted(alert: Alert, mutes: Iterable["Mute"], at: datetime) -> "Mute | None":
    """The mute that keeps it quiet for longest; none when it is not muted."""
    found = [mute for mute in mutes if in_force(mute, at) and covers(mute.scope, alert)]
    return max(found, key=lambda mute: (mute.until, mute.id), default=None)
