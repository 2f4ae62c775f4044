"""What is noise just now: the team's file, what people have muted, and what AWS Change Calendars say; each read now and then.

None of them may cost an alert. What cannot be read keeps nothing quiet that it did not keep quiet before, and says so in the log.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from reception.hearing import Rules
from reception.noise.calendars import Calendar
from reception.noise.dependencies import Dependencies
from watchkeeper.errors import WatchkeeperError
from watchkeeper.ids import Clock
from watchkeeper.storage.aws import in_our_words
from watchkeeper.telemetry import logger

if TYPE_CHECKING:
    from watchkeeper.ports import Mutes
    from watchkeeper.quiet import Mute, Noise
    from watchkeeper.team import Services

MUTES_FOR = timedelta(seconds=30)
CALENDARS_FOR = timedelta(seconds=60)


@dataclass
class CurrentRules:
    """Asked for with every batch; asks the table for mutes every half a minute, SSM for calendars once a minute."""

    said: "Callable[[], Noise]"
    services: "Callable[[], Services]"
    mutes: "Callable[[], Mutes]"
    calendar: Callable[[str], str]
    clock: Clock
    _mutes: "Sequence[Mute]" = ()
    _mutes_at: datetime | None = None
    _calendars: dict[str, tuple[datetime, Calendar | None]] = field(default_factory=dict)
    _needs: "tuple[Services, Dependencies] | None" = None

    def __call__(self) -> Rules:
        said, at = self.said(), self.clock()
        named = {window.calendar for window in said.windows if window.calendar}
        calendars = {name: calendar for name in sorted(named) if (calendar := self._calendar(name, at))}
        return Rules(said, (*said.mutes, *self._muted(at)), calendars, self._dependencies())

    def _dependencies(self) -> Dependencies:
        services = self.services()
        if self._needs is None or self._needs[0] is not services:
            self._needs = services, Dependencies.of(services)
        return self._needs[1]

    def _muted(self, at: datetime) -> "Sequence[Mute]":
        if self._mutes_at is None or at - self._mutes_at >= MUTES_FOR:
            self._mutes_at = at
            try:
                self._mutes = self.mutes().all(at)
            except WatchkeeperError:
                logger.exception("the mutes cannot be read: those of before go on until they are over")
        return self._mutes

    def _calendar(self, name: str, at: datetime) -> Calendar | None:
        read_at, known = self._calendars.get(name, (None, None))
        if read_at is None or at - read_at >= CALENDARS_FOR:
            known = self._read(name)
            self._calendars[name] = at, known
        return known

    def _read(self, name: str) -> Calendar | None:
        from reception.noise.calendar_text import read_calendar  # only where a window follows a calendar

        try:
            return read_calendar(self.calendar(name))
        except WatchkeeperError:
            logger.exception("a change calendar cannot be read: it keeps nothing quiet", extra={"calendar": name})
            return None


def ssm_calendar(client: Callable[[], Any]) -> Callable[[str], str]:
    """The text of a Change Calendar, which is an SSM document."""

    def read(name: str) -> str:
        with in_our_words("ssm:GetDocument", name):
            content: str = client().get_document(Name=name)["Content"]
        return content

    return read
