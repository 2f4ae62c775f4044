"""Asks again while there is time. The SDK's own retries are off: it would sleep as long as `retry-after` says, whatever that is."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from claude.errors import NotAsked, Overloaded, TimedOut

T = TypeVar("T")
MOST_ATTEMPTS = 5
BASE_SECONDS, CAP_SECONDS = 0.5, 8.0
SHORTEST_ATTEMPT = 1.0


@dataclass(frozen=True)
class Pace:
    """The clock, the sleep and the dice, so that a test can hold them."""

    ticks: Callable[[], float]
    sleep: Callable[[float], None]
    chance: Callable[[], float]


def persist(attempt: Callable[[float], T], seconds: float, pace: Pace) -> T:
    """What an attempt answers; each is told how many seconds are left. Raises the last failure when another attempt would
    not fit into the time any more; only an Overloaded or RateLimited is worth another one."""
    ends = pace.ticks() + seconds
    for number in range(MOST_ATTEMPTS):
        try:
            return attempt(ends - pace.ticks())
        except Overloaded as error:
            wait = error.retry_after if error.retry_after is not None else pace.chance() * min(CAP_SECONDS, BASE_SECONDS * 2**number)
            last = number == MOST_ATTEMPTS - 1
            if last or pace.ticks() + wait + SHORTEST_ATTEMPT > ends:
                raise
            pace.sleep(wait)
    raise AssertionError("the last attempt returns or raises")


def within(seconds: float, work: Callable[[], T]) -> T:
    """What `work` returns or raises, or TimedOut. A read timeout alone starts anew with every byte, so a trickle of them could
    go on for ever; here the time is up when it is up, and the thread that still waits is left to itself."""
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
        raise TimedOut(f"no answer within {seconds:.0f} s")
    if failures:
        raise failures[0]
    return values[0]


@dataclass
class Breaker:
    """Leaves Claude alone for a while after it said that asking is pointless. One for each process."""

    ticks: Callable[[], float]
    why: str = ""
    until: float = field(default=0.0)

    def check(self) -> None:
        """Raises NotAsked while it is open."""
        if self.ticks() < self.until:
            raise NotAsked(f"Claude is left alone for {self.until - self.ticks():.0f} s more: {self.why}")

    def open(self, seconds: float, why: str) -> None:
        self.until, self.why = self.ticks() + seconds, why
