"""Claude behind two methods: a question in, a validated answer out, or one of the errors in claude.errors. Never late."""

import random
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from claude.answer import said, turned
from claude.attempts import CONNECT_SECONDS, MOST_ATTEMPTS, Limits, Pace, persist, within
from claude.breaker import Breaker
from claude.call import call
from claude.errors import ClaudeFailed, NotAsked
from claude.question import Question, Said, T, Turn

if TYPE_CHECKING:
    from anthropic.types import Message

_PACE = Pace(ticks=time.monotonic, sleep=time.sleep, chance=random.random)


class Claude:
    """`key` gives the API key, empty when there is none; Bedrock signs with the function's own role and needs none."""

    def __init__(self, provider: str, key: Callable[[], str], region: str, base_url: str | None = None, pace: Pace = _PACE) -> None:
        self._provider, self._key, self._region, self._base_url, self._pace = provider, key, region, base_url, pace
        self._breaker = Breaker(pace.ticks)

    def ready(self) -> None:
        """Raises NotAsked when a question would not even be sent, so that nothing is reserved for it.

        The SDK is imported here, once a question is certain and before its seconds are counted: on a cold and busy machine that
        takes seconds, which are not Claude's.
        """
        self._breaker.check()
        if self._provider != "bedrock" and not self._key():
            raise NotAsked("there is no Anthropic API key in the secret")
        import anthropic  # noqa: F401 - the promise above

    def ask(self, question: Question[T], seconds: float) -> Said[T]:
        """The answer, at the latest after `seconds`; a ClaudeFailed says why there is none. No tool may be used."""
        return said(self._answered(question, "none", seconds), question)

    def turn(self, question: Question[T], seconds: float) -> Turn[T]:
        """One turn of a conversation: the answer, or the tools to use first where the question allows it. As `ask` otherwise."""
        return turned(self._answered(question, "auto" if question.may_use_tools else "none", seconds), question)

    def _answered(self, question: Question[T], choice: str, seconds: float) -> "Message":
        self.ready()
        attempts = 1 if self._breaker.enter() else MOST_ATTEMPTS
        connections: list[Any] = []

        def attempt(limits: Limits) -> "Message":
            with self._open(limits) as client:
                connections.append(client)
                return call(client, question, choice, limits, self._pace.ticks)

        try:
            message = within(
                seconds,
                lambda: persist(attempt, seconds, self._pace, attempts),
                give_up=lambda: [client.close() for client in connections],
            )
        except ClaudeFailed as error:
            self._breaker.failed(error)
            raise
        self._breaker.close()
        return message

    def _open(self, limits: Limits) -> Any:
        import anthropic  # here and not above: it takes most of a second, which only a question may cost

        left = max(0.1, limits.ends - self._pace.ticks())
        timeout = anthropic.Timeout(min(limits.silence, left), connect=min(CONNECT_SECONDS, left))
        if self._provider == "bedrock":
            return anthropic.AnthropicBedrock(aws_region=self._region, base_url=self._base_url, max_retries=0, timeout=timeout)
        return anthropic.Anthropic(api_key=self._key(), base_url=self._base_url, max_retries=0, timeout=timeout)
