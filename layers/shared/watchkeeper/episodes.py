"""When does an alert open an incident, join one, or close one?"""

from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import ConfigDict, Field

from watchkeeper.models import Alert, AlertKind, Time, Word


class Verdict(StrEnum):
    OPEN = "open"
    JOIN = "join"
    REOPEN = "reopen"
    RESOLVE = "resolve"
    IGNORE = "ignore"


class Seen(Word):
    """How often, in buckets numbered from 1970: five minutes of the last hour, hours of the last day, days of the last week."""

    fives: dict[int, int] = {}
    hours: dict[int, int] = {}
    days: dict[int, int] = {}


class Episode(Word):
    """What we know of a fingerprint: the incident that is open for it, the one before, when that resolved, and its noise.

    `revision` is 0 for a fingerprint never seen; a write says which revision it read. Everything in it is bounded: its
    JSON stays below 4 KB. An older reader ignores newer fields.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    fingerprint: str
    revision: int = 0
    open_incident: str = ""
    last_incident: str = ""
    resolved_at: Time | None = None
    seen: Seen = Field(default_factory=Seen)
    still_firing: bool = Field(default=False, description="what it last said, whatever we did about it")
    heard_at: Time | None = Field(default=None, description="when it said so; older news do not change it")
    transitions: tuple[Time, ...] = Field(default=(), description="its latest switches between firing and resolved, oldest first")
    held_until: Time | None = Field(default=None, description="it flaps: held until it has been quiet until then")
    held_count: int = Field(default=0, description="what came in while it was held")
    suppressed_by: str = Field(default="", description="window/<id> or mute/<id> that keeps it quiet")
    suppressed_until: Time | None = Field(default=None, description="when to look again")
    occurrences_waiting: tuple[Time, ...] = Field(default=(), description="occurrences that did not suffice to open an incident yet")
    last_alert: Alert | None = Field(default=None, description="cut to the essential: what fires later if it still fires")

    @property
    def wakes_at(self) -> datetime | None:
        """When somebody has to look at it though no alert came: a hold or a window is over then."""
        return min((at for at in (self.held_until, self.suppressed_until) if at), default=None)


def judge(kind: AlertKind, occurred_at: datetime, episode: Episode, settle: timedelta) -> Verdict:
    """A resolved alert closes the open incident; a late one, not newer than the last resolution, says nothing new.

    What fires again within the settling time reopens its incident rather than opening a second one. What only
    informs joins what is open and opens nothing.
    """
    if episode.resolved_at and occurred_at <= episode.resolved_at:
        return Verdict.IGNORE
    if kind is AlertKind.RESOLVED:
        return Verdict.RESOLVE if episode.open_incident else Verdict.IGNORE
    if episode.open_incident:
        return Verdict.JOIN
    if kind is AlertKind.INFO:
        return Verdict.IGNORE
    if episode.last_incident and episode.resolved_at and occurred_at - episode.resolved_at < settle:
        return Verdict.REOPEN
    return Verdict.OPEN
