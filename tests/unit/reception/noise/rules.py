"""Rules and words as the tests of noise want them."""

from datetime import datetime, timedelta
from typing import Any

from tests.fakes.words import NIGHT
from watchkeeper.quiet import Mute, Scope, Window

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def a_window(**but: Any) -> Window:
    """Every night from two to four in Berlin, for checkout."""
    kind = {} if but.keys() & {"start", "calendar"} else {"cron": "0 2 * * *", "lasts": "2h"}
    return Window.model_validate({"id": "nightly", "scope": {"services": ["checkout"]}, "zone": "Europe/Berlin", **kind, **but})


def a_mute(**but: Any) -> Mute:
    """Sam wants an hour's peace from checkout's CPU."""
    scope = Scope(alarms=("checkout-cpu-*",))
    return Mute.model_validate({"id": "m1", "scope": scope, "until": NIGHT + HOUR, "reason": "known", "by": "sam", "since": NIGHT, **but})


def utc(text: str) -> datetime:
    """An instant as the tables write it."""
    return datetime.fromisoformat(f"{text}+00:00")
