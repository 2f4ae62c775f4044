"""Calls to other people's services: always with a timeout, and their bad minutes in our words."""

from __future__ import annotations

from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from watchkeeper.errors import ChannelDown, Throttled

if TYPE_CHECKING:
    from requests import Response, Session

    from watchkeeper.ids import Clock

TIMEOUT = (3.05, 10.0)
UNSAID_WAIT = 30.0


class Web:
    """One session with its connections. `requests` is imported with the first call: a team that has only mail never pays for it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    @cached_property
    def _session(self) -> Session:
        from requests import Session

        return Session()

    def call(self, who: str, method: str, url: str, **options: Any) -> Response:
        """The answer, whatever its status below 500; Throttled for a 429, ChannelDown for a 5xx and for no answer at all."""
        from requests import RequestException

        try:
            answer = self._session.request(method, url, timeout=TIMEOUT, allow_redirects=False, **options)
        except RequestException as error:
            raise ChannelDown(f"{who} does not answer: {type(error).__name__}") from error
        if answer.status_code == 429:
            raise Throttled(f"{who} asks us to slow down", self._wait(_window(answer)))
        if answer.status_code >= 500:
            raise ChannelDown(f"{who} answers with its own fault: HTTP {answer.status_code}", self._asked(answer))
        return answer

    def _asked(self, answer: Response) -> float | None:
        said = answer.headers.get("Retry-After", "")
        return self._wait(said) if said else None

    def _wait(self, said: str) -> float:
        """Seconds, or a date, as HTTP allows; half a minute where it is neither."""
        if said.strip().isdigit():
            return float(said)
        try:
            until: datetime = parsedate_to_datetime(said)
        except ValueError:
            return UNSAID_WAIT
        return max(1.0, (until - self._clock()).total_seconds()) if until.tzinfo else UNSAID_WAIT


def _window(answer: Response) -> str:
    """How long to wait, in HTTP's own header, else in the one where some, such as PagerDuty, say when their window ends."""
    return answer.headers.get("Retry-After", "") or answer.headers.get("RateLimit-Reset", "")


def read_json(who: str, answer: Response) -> dict[str, Any]:
    """The JSON object of an answer; anything else comes from a proxy in between, which is a bad minute."""
    try:
        value = answer.json()
    except ValueError as error:
        raise ChannelDown(f"{who} answers HTTP {answer.status_code} without JSON") from error
    if not isinstance(value, dict):
        raise ChannelDown(f"{who} answers HTTP {answer.status_code} with JSON that is no object")
    return value
