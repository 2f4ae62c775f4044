"""When is Claude left alone? After it said, or showed, that asking is pointless; then one question tries whether that is over."""

import threading
from collections.abc import Callable

from claude.errors import ClaudeFailed, NotAsked, Overloaded, RateLimited, Silent, SpendCap, Unreachable

LEFT_ALONE_SECONDS = 60.0
LONGEST_SECONDS = 900.0


def left_alone(error: ClaudeFailed) -> float:
    """For how many seconds nobody should ask after this failure; none where the next question may do better."""
    if isinstance(error, SpendCap):
        return LONGEST_SECONDS
    if isinstance(error, RateLimited) and error.retry_after is not None:
        return min(error.retry_after, LONGEST_SECONDS)
    return LEFT_ALONE_SECONDS if isinstance(error, Overloaded | Unreachable | Silent) else 0.0


class Breaker:
    """One for each process, for all its threads."""

    def __init__(self, ticks: Callable[[], float]) -> None:
        self._ticks, self._lock = ticks, threading.Lock()
        self._until, self._why = 0.0, ""

    def check(self) -> None:
        """Raises NotAsked while it is open."""
        left = self._until - self._ticks()
        if self._why and left > 0:
            raise NotAsked(f"Claude is left alone for {left:.0f} s more: {self._why}")

    def enter(self) -> bool:
        """Is this question the one that tries whether Claude is back? Raises NotAsked while it is open, so also for every
        other question until the trial has closed it; a trial that is never heard of again holds them up for a minute."""
        with self._lock:
            self.check()
            if not self._why:
                return False
            self._until = self._ticks() + LEFT_ALONE_SECONDS
            return True

    def failed(self, error: ClaudeFailed) -> None:
        """Opens it where this failure says so."""
        seconds = left_alone(error)
        if seconds:
            with self._lock:
                self._until, self._why = self._ticks() + seconds, error.why

    def close(self) -> None:
        """Claude answered."""
        with self._lock:
            self._why = ""
