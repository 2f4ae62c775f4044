"""The parts of the claude layer that need no SDK: prices, pace, breaker; and that the SDK is imported late."""

import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from claude.attempts import MOST_ATTEMPTS, Breaker, Pace, persist, within
from claude.errors import NotAsked, Overloaded, RateLimited, Rejected, TimedOut
from claude.prices import PRICES, at_worst, cost, price_of
from claude.question import Usage


@dataclass
class Held:
    """A clock that moves only when somebody sleeps."""

    at: float = 0.0
    slept: list[float] = field(default_factory=list)

    def pace(self, chance: float = 1.0) -> Pace:
        return Pace(ticks=lambda: self.at, sleep=self._sleep, chance=lambda: chance)

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds


def failing(*failures: Exception) -> Callable[[float], str]:
    left = list(failures)

    def attempt(seconds: float) -> str:
        if left:
            raise left.pop(0)
        return f"{seconds:.1f} s were left"

    return attempt


def test_waits_grow_and_each_attempt_knows_what_is_left() -> None:
    held = Held()
    assert persist(failing(Overloaded("1"), Overloaded("2"), Overloaded("3")), 60, held.pace()) == "56.5 s were left"
    assert held.slept == [0.5, 1.0, 2.0]


def test_jitter_is_full() -> None:
    held = Held()
    persist(failing(Overloaded("1"), Overloaded("2")), 60, held.pace(chance=0.0))
    assert held.slept == [0.0, 0.0]


@pytest.mark.parametrize(
    ("failure", "seconds"),
    [(Overloaded("o"), 1.2), (RateLimited("r", 3600), 60), (RateLimited("r", 59.5), 60), (Overloaded("o", 100), 60)],
    ids=["no time for another", "an hour", "just too long", "the server's word counts for 529 too"],
)
def test_what_does_not_fit_into_the_time_is_not_tried(failure: Overloaded, seconds: float) -> None:
    held = Held()
    with pytest.raises(Overloaded):
        persist(failing(failure), seconds, held.pace())
    assert held.slept == []


def test_attempts_are_bounded_and_other_failures_are_not_repeated() -> None:
    held = Held()
    with pytest.raises(Overloaded):
        persist(failing(*[Overloaded("again")] * 99), 9999, held.pace())
    assert len(held.slept) == MOST_ATTEMPTS - 1
    with pytest.raises(Rejected):
        persist(failing(Rejected("no")), 60, held.pace())


def test_within_is_never_late_and_passes_on_what_happened() -> None:
    released = threading.Event()
    with pytest.raises(TimedOut):
        within(0.1, lambda: released.wait(10))
    released.set()
    assert within(5, lambda: 7) == 7
    with pytest.raises(KeyError):
        within(5, lambda: PRICES["gone"])


def test_the_breaker_closes_by_itself() -> None:
    held = Held()
    breaker = Breaker(lambda: held.at)
    breaker.check()
    breaker.open(900, "the money is used up")
    held.at = 899
    with pytest.raises(NotAsked):
        breaker.check()
    held.at = 900
    breaker.check()


@pytest.mark.parametrize(
    ("model", "usage", "dollars"),
    [
        ("claude-haiku-5-5", Usage(fresh=15_000, out=1_500), 0.00225),
        ("claude-sonnet-5-5", Usage(fresh=15_000, out=1_500), 0.045),
        ("claude-opus-5-5", Usage(fresh=15_000, out=1_500), 0.09),
        ("claude-haiku-5-5", Usage(fresh=200_000, out=1_000), 0.1025),
        ("eu.anthropic.claude-haiku-5-5-v1:0", Usage(cache_written=10_000), 0.00125),
        ("claude-haiku-5-5", Usage(cache_read=10_000), 0.0001),
    ],
)
def test_prices(model: str, usage: Usage, dollars: float) -> None:
    price = price_of(model)
    assert price is not None
    assert cost(price, usage) == pytest.approx(dollars)


def test_the_worst_case_is_above_what_prose_uses() -> None:
    price = PRICES["claude-haiku-5-5"]
    assert at_worst(price, 40_000, 2_500) > cost(price, Usage(fresh=40_000 // 3, out=2_500))
    assert price_of("gpt-next") is None


def test_the_sdk_is_not_imported_before_it_is_needed() -> None:
    code = "import analysis.handler, analysis.wiring, sys; sys.exit('anthropic' in sys.modules)"
    path = {"PYTHONPATH": "src:layers/shared:layers/claude", "PATH": ""}
    assert subprocess.run([sys.executable, "-c", code], env=path, check=False).returncode == 0  # noqa: S603 - our own interpreter
