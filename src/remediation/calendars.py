"""AWS Change Calendars, each asked now and then and not before every plan."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from watchkeeper.errors import WatchkeeperError
from watchkeeper.storage.aws import in_our_words

FOR = timedelta(seconds=60)


class ChangeCalendars:
    """The state of each calendar: open, closed, or unknown with why, which counts as frozen."""

    def __init__(self, clients: Callable[[str], Any]) -> None:
        self._clients = clients
        self._known: dict[str, tuple[datetime, str]] = {}

    def __call__(self, names: Collection[str], at: datetime) -> Mapping[str, str]:
        return {name: self._state(name, at) for name in names}

    def _state(self, name: str, at: datetime) -> str:
        asked_at, state = self._known.get(name, (None, ""))
        if asked_at is None or at - asked_at >= FOR:
            state = self._asked(name)
            self._known[name] = at, state
        return state

    def _asked(self, name: str) -> str:
        try:
            with in_our_words("ssm:GetCalendarState", name):
                state: str = self._clients("ssm").get_calendar_state(CalendarNames=[name])["State"]
        except WatchkeeperError as error:
            return f"unknown: {error}"
        return state.lower()
