"""The team's word about noise: config/noise.yaml, and the mutes that people set."""

from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from watchkeeper.models import Severity, Time, Word
from watchkeeper.team import Duration, config_dir, read_yaml
from watchkeeper.windows import CalendarState, Scope, Window

__all__ = [
    "MOST_WAITING",
    "CalendarState",
    "Correlation",
    "Flapping",
    "Growth",
    "Minimum",
    "Mute",
    "Noise",
    "Scope",
    "Window",
    "noise",
    "read_noise",
]
MOST_WAITING = 20


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
