"""The parts of the claude layer that need no SDK: models and prices, pace, breaker; and that the SDK is imported late."""

import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude.attempts import CONNECT_SECONDS, MOST_ATTEMPTS, PATIENCE_SECONDS, SILENCE_SECONDS, Limits, Pace, persist, within
from claude.breaker import Breaker
from claude.errors import (
    ClaudeFailed,
    Declined,
    NotAsked,
    NotConnected,
    Overloaded,
    RateLimited,
    Rejected,
    Silent,
    SpendCap,
    TimedOut,
    Unreachable,
    Unusable,
)
from claude.models import CAPS, MODELS, PRICES, Role, at_worst, cost, model_of, price_of
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


def failing(*failures: Exception) -> Callable[[Limits], str]:
    left = list(failures)

    def attempt(_: Limits) -> str:
        if left:
            raise left.pop(0)
        return "an answer"

    return attempt


def test_waits_grow_and_each_attempt_knows_what_is_left() -> None:
    held = Held()
    seen: list[Limits] = []

    def attempt(limits: Limits) -> str:
        seen.append(limits)
        if len(seen) < 4:
            raise Overloaded("again")
        return "an answer"

    assert persist(attempt, 60, held.pace()) == "an answer"
    assert held.slept == [0.5, 1.0, 2.0]
    assert {limits.ends for limits in seen} == {60}
    assert [limits.silence for limits in seen] == [6.0, 6.0, 6.0, 4.5], "patience is for silence, not for an answer"


def test_jitter_is_full() -> None:
    held = Held()
    persist(failing(Overloaded("1"), NotConnected("2")), 60, held.pace(chance=0.0))
    assert held.slept == [0.0, 0.0]


@pytest.mark.parametrize(
    ("failure", "seconds"),
    [
        (Overloaded("o"), 1.2),
        (RateLimited("r", 3600), 60),
        (RateLimited("r", 5.5), 60),
        (Overloaded("o", 100), 60),
        (Silent("s"), 60),
        (Unreachable("u"), 60),
    ],
    ids=["no time for another", "an hour", "just too long", "the server's word counts for 529 too", "may be billed", "may be billed too"],
)
def test_what_does_not_fit_or_may_have_been_billed_is_not_tried_again(failure: ClaudeFailed, seconds: float) -> None:
    held = Held()
    with pytest.raises(type(failure)):
        persist(failing(failure), seconds, held.pace())
    assert held.slept == []


def test_attempts_are_bounded_and_other_failures_are_not_repeated() -> None:
    held = Held()
    with pytest.raises(Overloaded):
        persist(failing(*[Overloaded("again")] * 99), 9999, held.pace(chance=0.1))
    assert len(held.slept) == MOST_ATTEMPTS - 1
    with pytest.raises(Rejected):
        persist(failing(Rejected("no")), 60, held.pace())


FATES: list[tuple[Callable[[], ClaudeFailed], float]] = [
    (lambda: Overloaded("529"), 0.1),
    (lambda: Overloaded("500 at last"), 5.0),
    (lambda: Overloaded("529, wait", 2.0), 0.1),
    (lambda: RateLimited("429", 1.0), 0.1),
    (lambda: NotConnected("refused"), 0.0),
    (lambda: NotConnected("a black hole"), CONNECT_SECONDS),
    (lambda: Silent("it hangs"), SILENCE_SECONDS),
]


@given(st.lists(st.sampled_from(FATES), min_size=MOST_ATTEMPTS, max_size=MOST_ATTEMPTS), st.floats(0, 1))
def test_however_claude_is_down_it_is_given_up_within_our_patience(
    fates: list[tuple[Callable[[], ClaudeFailed], float]], chance: float
) -> None:
    """Refused, overloaded, swallowed and silent, in every order and with any dice: never longer than eight seconds."""
    held, left = Held(), list(fates)

    def attempt(limits: Limits) -> None:
        make, takes = left.pop(0)
        held.at += min(takes, limits.silence)
        raise make()

    with pytest.raises(ClaudeFailed):
        persist(attempt, 45, held.pace(chance))
    assert held.at <= PATIENCE_SECONDS + 1e-9


def test_within_is_never_late_and_passes_on_what_happened() -> None:
    released = threading.Event()
    with pytest.raises(TimedOut):
        within(0.1, lambda: released.wait(10))
    released.set()
    assert within(5, lambda: 7) == 7
    with pytest.raises(KeyError):
        within(5, lambda: PRICES["gone"])


def opened(failure: ClaudeFailed) -> tuple[Held, Breaker]:
    held = Held()
    breaker = Breaker(lambda: held.at)
    breaker.failed(failure)
    return held, breaker


@pytest.mark.parametrize(
    ("failure", "seconds"),
    [
        (SpendCap("no money"), 900),
        (RateLimited("an hour", 3600), 900),
        (RateLimited("as said", 20), 20),
        (RateLimited("not said"), 60),
        (Overloaded("529"), 60),
        (NotConnected("refused"), 60),
        (Unreachable("broke off"), 60),
        (Silent("hangs"), 60),
        (TimedOut("the caller had no time"), 0),
        (Declined("refused"), 0),
        (Unusable("no JSON"), 0),
        (Rejected("a bad key"), 0),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, ClaudeFailed) else str(value),
)
def test_how_long_claude_is_left_alone(failure: ClaudeFailed, seconds: int) -> None:
    held, breaker = opened(failure)
    if seconds:
        held.at = seconds - 0.5
        with pytest.raises(NotAsked, match="left alone for"):
            breaker.check()
    held.at = seconds
    breaker.check()


def test_one_question_tries_and_the_others_wait_for_what_becomes_of_it() -> None:
    held, breaker = opened(Overloaded("529"))
    held.at = 60
    breaker.check()
    assert breaker.enter(), "the first one tries"
    with pytest.raises(NotAsked):
        breaker.enter()
    with pytest.raises(NotAsked):
        breaker.check()
    breaker.close()
    breaker.check()
    assert not breaker.enter(), "closed: nobody has to try"


def test_a_failed_trial_opens_it_again_and_a_lost_one_holds_it_for_a_minute() -> None:
    held, breaker = opened(Overloaded("529"))
    held.at = 60
    assert breaker.enter()
    held.at = 65
    breaker.failed(Overloaded("529"))
    held.at = 124
    with pytest.raises(NotAsked):
        breaker.check()
    held.at = 125
    assert breaker.enter()
    held.at = 184
    with pytest.raises(NotAsked):
        breaker.enter()
    held.at = 185
    assert breaker.enter()


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


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("claude-haiku-5-5", "claude-haiku-5-5"),
        ("claude-haiku-5-5-20261001", "claude-haiku-5-5"),
        ("anthropic.claude-sonnet-5-5", "claude-sonnet-5-5"),
        ("eu.anthropic.claude-sonnet-5-5-20261001-v1:0", "claude-sonnet-5-5"),
        ("arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.anthropic.claude-opus-5-5-v1:0", "claude-opus-5-5"),
        ("claude-haiku-5-50", None),
        ("claude-haiku-5-5-1", None),
        ("claude-haiku-5-5.1", None),
        ("not-claude-haiku-5-5", None),
        ("gpt-next", None),
    ],
)
def test_a_model_is_known_by_all_its_names_and_no_other_is_taken_for_it(name: str, model: str | None) -> None:
    found = model_of(name)
    assert (found.name if found else None) == model
    assert price_of(name) == (PRICES[model] if model else None)


@pytest.mark.parametrize(
    ("role", "model", "calls"), [(Role.TRIAGE, 0, 1), (Role.READER, 0, 1), (Role.DEEP, 1, 2), (Role.ORDERED, 2, 1)], ids=str
)
def test_the_caps_of_a_role_fit_each_other_and_its_model(role: Role, model: int, calls: int) -> None:
    """The dollars pay for the prompt tokens at their dearest with this many answers of full length, and the window holds them."""
    caps, of = CAPS[role], MODELS[model]
    assert caps.prompt_tokens + caps.answer_tokens <= of.context
    assert calls <= caps.steps
    assert cost(of.price, Usage(cache_written=caps.prompt_tokens, out=calls * caps.answer_tokens)) <= caps.dollars


def test_the_caps_are_those_that_were_promised() -> None:
    assert CAPS[Role.TRIAGE].prompt_tokens == 4_000
    assert CAPS[Role.DEEP].prompt_tokens == 12_000
    assert set(CAPS) == set(Role)


@pytest.mark.parametrize("modules", ["claude.client", "analysis.handler, analysis.wiring"])
def test_the_sdk_is_not_imported_before_it_is_needed(modules: str) -> None:
    code = f"import {modules}, sys; sys.exit('anthropic' in sys.modules or 'httpx2' in sys.modules)"
    path = {"PYTHONPATH": "src:layers/shared:layers/claude:layers/tools", "PATH": ""}
    assert subprocess.run([sys.executable, "-c", code], env=path, check=False).returncode == 0  # noqa: S603 - our own interpreter
