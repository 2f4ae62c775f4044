"""Asks again while there is patience. The SDK's own retries are off: it would sleep as long as `retry-after` says, whatever that is."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from claude.errors import NotConnected, Overloaded, TimedOut

T = TypeVar("T")
MOST_ATTEMPTS = 5
PATIENCE_SECONDS = 8.0
BASE_SECONDS, CAP_SECONDS = 0.5, 8.0
CONNECT_SECONDS, SILENCE_SECONDS = 3.0, 6.0


@dataclass(frozen=True)
class Pace:
    """The clock, the sleep and the dice, so that a test can hold them."""

    ticks: Callable[[], float]
    sleep: Callable[[float], None]
    chance: Callable[[], float]


@dataclass(frozen=True)
class Limits:
    """For one attempt: when the time is up, by the pace's clock, and for how many seconds Claude may say nothing at all."""

    ends: float
    silence: float


def persist(attempt: Callable[[Limits], T], seconds: float, pace: Pace, attempts: int = MOST_ATTEMPTS) -> T:
    """What an attempt answers. Raises the last failure when there is no patience for another attempt.

    Only what costs nothing is tried again: an Overloaded, a RateLimited, a NotConnected. However these follow each other, a
    Claude that is down is given up after at most PATIENCE_SECONDS; one that speaks may go on until `seconds` are over.
    """
    began = pace.ticks()
    ends, patient_until = began + seconds, began + min(seconds, PATIENCE_SECONDS)
    for number in range(attempts):
        try:
            return attempt(Limits(ends, min(SILENCE_SECONDS, patient_until - pace.ticks())))
        except (Overloaded, NotConnected) as error:
            wait = error.retry_after if error.retry_after is not None else pace.chance() * min(CAP_SECONDS, BASE_SECONDS * 2**number)
            if number == attempts - 1 or pace.ticks() + wait + CONNECT_SECONDS > patient_until:
                raise
            pace.sleep(wait)
    raise AssertionError("the last attempt returns or raises")


def within(seconds: float, work: Callable[[], T], give_up: Callable[[], object] = lambda: None) -> T:
    """What `work` returns or raises, or TimedOut. A read timeout alone starts anew with every byte, so a trickle of them could
    go on for ever; here the time is up when it is up. `give_up` is called then, so that the thread that still waits may end."""
    values: list[T] = []
    failures: list[BaseException] = []
    done = threading.Event()

    def run() -> None:
        try:
            values.append(work())
        except BaseException as error:  # noqa: BLE001 - carried over to the caller's thread and raised there
            failures.append(error)
        done.set()

    threading.Thread(target=run, name="claude", daemon=True).start()
    if not done.wait(max(0.0, seconds)):
        give_up()
        raise TimedOut(f"no answer within {seconds:.0f} s")
    if failures:
        raise failures[0]
    return values[0]
