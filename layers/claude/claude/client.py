"""Claude behind one method: a question in, a validated answer out, or one of the errors in claude.errors. Never late."""

import random
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from claude.attempts import Breaker, Pace, persist, within
from claude.errors import (
    ClaudeFailed,
    Declined,
    NotAsked,
    Overloaded,
    RateLimited,
    Rejected,
    SpendCap,
    TimedOut,
    TooLong,
    Truncated,
    Unreachable,
    Unusable,
)
from claude.question import Question, Said, T, Usage

if TYPE_CHECKING:
    from anthropic import APIStatusError
    from anthropic.types import Message

CONNECT_SECONDS = 5.0
LEFT_ALONE_SECONDS = 900.0
_PACE = Pace(ticks=time.monotonic, sleep=time.sleep, chance=random.random)


class Claude:
    """`key` gives the API key, empty when there is none; Bedrock signs with the function's own role and needs none."""

    def __init__(self, provider: str, key: Callable[[], str], region: str, base_url: str | None = None, pace: Pace = _PACE) -> None:
        self._provider, self._key, self._region, self._base_url, self._pace = provider, key, region, base_url, pace
        self._breaker = Breaker(pace.ticks)

    def ready(self) -> None:
        """Raises NotAsked when a question would not even be sent, so that nothing is reserved for it."""
        self._breaker.check()
        if self._provider != "bedrock" and not self._key():
            raise NotAsked("there is no Anthropic API key in the secret")

    def ask(self, question: Question[T], seconds: float) -> Said[T]:
        """The answer, at the latest after `seconds`; a ClaudeFailed says why there is none."""
        self.ready()
        ends = self._pace.ticks() + seconds
        try:
            return within(seconds, lambda: persist(lambda left: self._attempt(question, left), ends - self._pace.ticks(), self._pace))
        except SpendCap as error:
            self._breaker.open(LEFT_ALONE_SECONDS, error.why)
            raise
        except RateLimited as error:
            self._breaker.open(min(error.retry_after or 0.0, LEFT_ALONE_SECONDS), error.why)
            raise

    def _attempt(self, question: Question[T], seconds: float) -> Said[T]:
        import anthropic  # here and not above: it takes most of a second, which only a question may cost

        try:
            with self._open(seconds) as client:
                message = client.messages.create(
                    model=question.model,
                    max_tokens=question.max_tokens,
                    system=question.system,
                    messages=question.messages,
                    tools=question.tools,
                    tool_choice={"type": "none"},
                    output_config={"format": {"type": "json_schema", "schema": anthropic.transform_schema(question.shape)}},
                )
        except anthropic.APITimeoutError as error:
            raise TimedOut(f"no answer within {seconds:.0f} s") from error
        except anthropic.APIConnectionError as error:
            raise Unreachable("the connection to Claude could not be made or broke off") from error
        except anthropic.APIStatusError as error:
            raise _in_our_words(error) from error
        except (anthropic.AnthropicError, ValueError, RuntimeError) as error:
            raise Unusable(f"the SDK could not make sense of it: {type(error).__name__}") from error
        return _read(message, question)

    def _open(self, seconds: float) -> Any:
        import anthropic  # as above

        timeout = anthropic.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds))
        if self._provider == "bedrock":
            return anthropic.AnthropicBedrock(aws_region=self._region, base_url=self._base_url, max_retries=0, timeout=timeout)
        return anthropic.Anthropic(api_key=self._key(), base_url=self._base_url, max_retries=0, timeout=timeout)


def _in_our_words(error: "APIStatusError") -> ClaudeFailed:
    status, code = error.status_code, error.error_code or ""
    after = _seconds(error.response.headers.get("retry-after"))
    if code.endswith("spend_limit_reached") or error.type == "billing_error" or status == 402 or (status == 429 and after is None):
        return SpendCap(f"Claude answered {status}: the spending limit of the account is reached ({code or error.type or 'no code'})")
    if status == 429:
        return RateLimited(f"Claude answered 429: too many requests, try again in {after:.0f} s", after)
    if status >= 500:
        return Overloaded(f"Claude answered {status}: overloaded or out of order", after)
    return Rejected(f"Claude answered {status} ({error.type or 'no type'}): the request or the key is wrong")


def _seconds(header: str | None) -> float | None:
    try:
        return max(0.0, float(header)) if header is not None else None
    except ValueError:
        return None


def _read(message: "Message", question: Question[T]) -> Said[T]:
    """The answer in its shape. A stop reason other than the end of the turn is never read as an answer."""
    usage = _usage(message)
    if message.stop_reason == "refusal":
        category = message.stop_details.category if message.stop_details else None
        raise Declined(f"Claude refused to answer ({category or 'no category given'})", usage)
    if message.stop_reason == "model_context_window_exceeded":
        raise TooLong("the evidence did not fit into the model's context window", usage)
    if message.stop_reason == "max_tokens":
        raise Truncated(f"the answer was cut off at {question.max_tokens} tokens", usage)
    text = "".join(block.text for block in message.content or () if block.type == "text")
    try:
        return Said(question.shape.model_validate_json(text), message.model, usage)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the answer"
        raise Unusable(f"the answer is not in the agreed shape: {where}: {first['type']}", usage) from error


def _usage(message: "Message") -> Usage:
    """What was billed. The SDK builds a message from anything with status 200 without checking it, so this looks."""
    used = getattr(message, "usage", None)
    into, out = getattr(used, "input_tokens", None), getattr(used, "output_tokens", None)
    if used is None or not isinstance(into, int) or not isinstance(out, int):
        raise Unusable("what came back is not a message of the Messages API")
    return Usage(fresh=into, cache_written=used.cache_creation_input_tokens or 0, cache_read=used.cache_read_input_tokens or 0, out=out)
