"""When does an alert open an incident, join one, or close one?"""

from datetime import datetime, timedelta
from enum import StrEnum

from watchkeeper.models import AlertKind, Time, Word


class Verdict(StrEnum):
    OPEN = "open"
    JOIN = "join"
    REOPEN = "reopen"
    RESOLVE = "resolve"
    IGNORE = "ignore"


class Episode(Word):
    """What we know of a fingerprint: the incident that is open for it, the one before, and when that resolved.

    `revision` is 0 for a fingerprint never seen; a write says which revision it read.
    """

    fingerprint: str
    revision: int = 0
    open_incident: str = ""
    last_incident: str = ""
    resolved_at: Time | None = None


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
