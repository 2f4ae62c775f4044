"""The team's word about noise: config/noise.yaml, and the mutes that people set."""

from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Self

from pydantic import Field, field_validator, model_validator

from watchkeeper.cron import read_cron, zone
from watchkeeper.models import Severity, Time, Word
from watchkeeper.team import Duration, config_dir, read_yaml

LONGEST_WINDOW = timedelta(days=31)
MOST_WAITING = 20


class Scope(Word):
    """Which alerts. An empty list says nothing; every list that is there must name the alert; a `*` at the end stands for the rest."""

    services: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    severities: tuple[Severity, ...] = ()
    alarms: tuple[str, ...] = Field(default=(), description="names of alarms, or titles where the tool has no such name")
    fingerprints: tuple[str, ...] = ()
    tags: dict[str, str] = Field(default={}, description="labels of the alert, or tags of its resources; all must match")

    @property
    def says_nothing(self) -> bool:
        return not any(dict(self).values())


class CalendarState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class Window(Word):
    """When alerts of a scope are kept quiet: at a recurrence, once, or by an AWS Change Calendar."""

    id: str = Field(min_length=1, max_length=80)
    reason: str = ""
    scope: Scope = Field(default_factory=Scope)
    everything: bool = Field(default=False, description="must be said where the scope says nothing")
    zone: str = "UTC"
    cron: str = Field(default="", description="when it begins: minute hour day-of-month month day-of-week, by the clock of the zone")
    lasts: Duration | None = Field(default=None, description="how long, in time that passes, whatever the clocks do")
    start: datetime | None = Field(default=None, description="one window only; without an offset by the clock of the zone")
    end: datetime | None = None
    calendar: str = Field(default="", description="name or ARN of an AWS Change Calendar")
    quiet_while: CalendarState | None = Field(default=None, description="which state of the calendar keeps alerts quiet")

    @field_validator("cron")
    @classmethod
    def _cron(cls, value: str) -> str:
        if value:
            read_cron(value)
        return value

    @field_validator("zone")
    @classmethod
    def _zone(cls, value: str) -> str:
        zone(value)
        return value

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        """A window is of one kind, and complete."""
        kinds = [name for name in ("cron", "start", "calendar") if getattr(self, name)]
        if len(kinds) != 1:
            raise ValueError(f"a window has one of cron, start or calendar; this one has {' and '.join(kinds) or 'none'}")
        if self.cron and not (self.lasts and timedelta() < self.lasts <= LONGEST_WINDOW):
            raise ValueError("a window with cron needs lasts, e.g. 2h, at most 31d")
        if self.start and not (self.end and self._at(self.end) > self._at(self.start)):
            raise ValueError("a window with start needs an end after it")
        if self.calendar and self.quiet_while is None:
            raise ValueError("a window by calendar needs quiet_while: open or closed")
        if self.scope.says_nothing is not self.everything:
            raise ValueError("say in scope what is kept quiet, or everything: true; not both and not neither")
        return self

    @property
    def once(self) -> tuple[datetime, datetime] | None:
        """Begin and end of a window that comes once."""
        return (self._at(self.start), self._at(self.end)) if self.start and self.end else None

    def _at(self, local: datetime) -> datetime:
        return local if local.tzinfo else local.replace(tzinfo=zone(self.zone))


class Mute(Word):
    """Somebody said: not this, until then."""

    id: str = Field(min_length=1, max_length=80)
    scope: Scope
    until: Time
    reason: str = Field(min_length=1)
    by: str = Field(min_length=1, description="who muted it")
    since: Time | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.scope.says_nothing:
            raise ValueError("a mute names what it mutes: fingerprints, services, alarms or the like")
        if self.since and self.until <= self.since:
            raise ValueError("a mute ends after it began")
        return self


class Minimum(Word):
    """These alerts open an incident only once they have come this often within this time. The first rule that fits counts."""

    scope: Scope = Field(default_factory=Scope)
    count: int = Field(ge=2, le=MOST_WAITING)
    within: Duration = timedelta(minutes=10)


class Flapping(Word):
    """This many switches between firing and resolved within this time are flapping; it is over after as much quiet."""

    transitions: int = Field(default=6, ge=3, le=20)
    within: Duration = timedelta(minutes=30)
    quiet_for: Duration = timedelta(minutes=15)


class Correlation(Word):
    """How alike an alert and an open incident must be to be one thing. A threshold above 1 correlates hardly anything."""

    threshold: float = Field(default=0.5, ge=0.3, le=2)
    within: Duration = Field(default=timedelta(minutes=30), description="after this much quiet an incident takes no further alerts in")


class Growth(Word):
    """An incident that has come to be this large is at least this severe. Every number that is said must be reached."""

    alerts: int | None = Field(default=None, ge=2)
    resources: int | None = Field(default=None, ge=2, le=20)
    services: int | None = Field(default=None, ge=2, le=20)
    to: Severity

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.alerts is None and self.resources is None and self.services is None:
            raise ValueError("needs alerts, resources or services: a number from which on it counts")
        return self


class Noise(Word):
    """config/noise.yaml. What it does not say is as here."""

    windows: tuple[Window, ...] = ()
    mutes: tuple[Mute, ...] = ()
    minimum: tuple[Minimum, ...] = ()
    flapping: Flapping = Field(default_factory=Flapping)
    correlation: Correlation = Field(default_factory=Correlation)
    growth: tuple[Growth, ...] = ()


def read_noise(folder: Path) -> Noise:
    """noise.yaml of this folder; a folder without one says nothing about noise."""
    path = folder / "noise.yaml"
    return read_yaml(path, Noise) if path.is_file() else Noise()


@cache
def noise() -> Noise:
    return read_noise(config_dir())
