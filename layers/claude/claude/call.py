"""One request to the Messages API, streamed, so that silence is told from a long answer; and what goes wrong, in our words."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from claude.attempts import Limits
from claude.errors import (
    ClaudeFailed,
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
from claude.question import Question, T

if TYPE_CHECKING:
    from anthropic import APIStatusError
    from anthropic.lib.streaming import MessageStream
    from anthropic.types import Message


def call(client: Any, question: Question[T], choice: str, limits: Limits, ticks: Callable[[], float]) -> "Message":
    """The whole message, or a ClaudeFailed. The SDK builds a message from anything without checking it, so what a mad answer
    makes it stumble over is named here too."""
    import anthropic  # here and not above: it takes most of a second, which only a question may cost
    import httpx2

    left = limits.ends - ticks()
    if left <= 0:
        raise TimedOut("the time was up before the question was sent")
    try:
        with client.messages.stream(**_request(question, choice)) as stream:
            return _whole(stream, limits.ends, ticks)
    except (anthropic.APIConnectionError, httpx2.HTTPError) as error:
        raise _lost(error, limits.silence, left) from error
    except anthropic.APIStatusError as error:
        raise _refused(error) from error
    except (anthropic.AnthropicError, ValueError, RuntimeError, AttributeError, TypeError, LookupError) as error:
        raise Unusable(f"the SDK could not make sense of it: {type(error).__name__}") from error


def _request(question: Question[T], choice: str) -> dict[str, Any]:
    """Thinking is shown in summary because a model that thinks unseen is silent for as long as it does."""
    from anthropic import transform_schema  # as above

    return {
        "model": question.model,
        "max_tokens": question.max_tokens,
        "system": question.system,
        "messages": question.messages,
        "tools": question.tools,
        "tool_choice": {"type": choice},
        "thinking": {"type": "adaptive", "display": "summarized"},
        "output_config": {
            "effort": question.effort.value,
            "format": {"type": "json_schema", "schema": transform_schema(question.shape)},
        },
    }


def _whole(stream: "MessageStream[None]", ends: float, ticks: Callable[[], float]) -> "Message":
    """Reads to the end; leaving early closes the connection, which ends the answer and what it costs."""
    kinds: set[str] = set()
    for event in stream:
        if not kinds and event.type != "message_start":
            break
        kinds.add(event.type)
        if ticks() > ends:
            raise TimedOut("no answer within the time: it was still being written")
    if not kinds:
        raise Unusable("what came back is not a message of the Messages API")
    if "message_stop" not in kinds:
        raise Unreachable("Claude broke off in the middle of its answer")
    return stream.current_message_snapshot


def _lost(error: Exception, silence: float, left: float) -> ClaudeFailed:
    import anthropic  # as above
    import httpx2

    cause = error.__cause__ if isinstance(error, anthropic.APIConnectionError) else error
    if isinstance(cause, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.PoolTimeout):
        return NotConnected("the connection to Claude could not be made")
    if not isinstance(cause, httpx2.TimeoutException):
        return Unreachable("the connection to Claude broke off")
    if silence < left:
        return Silent(f"no answer within {silence:.0f} s, not even a sign of one")
    return TimedOut(f"no answer within {left:.0f} s")


def _refused(error: "APIStatusError") -> ClaudeFailed:
    """A status under 400 is an error event in a stream that had begun. Bedrock gives its errors no type, and no waits either."""
    status, code = error.status_code, error.error_code or ""
    after = _seconds(error.response.headers.get("retry-after"))
    if status < 400:
        return Unreachable(f"Claude broke off its answer ({error.type or 'no reason given'})")
    limited = status == 429 and after is None and error.type is not None
    if code.endswith("spend_limit_reached") or error.type == "billing_error" or status == 402 or limited:
        return SpendCap(f"Claude answered {status}: the spending limit of the account is reached ({code or error.type or 'no code'})")
    if status == 429:
        again = "" if after is None else f", try again in {after:.0f} s"
        return RateLimited(f"Claude answered 429: too many requests{again}", after)
    if status >= 500:
        return Overloaded(f"Claude answered {status}: overloaded or out of order", after)
    return Rejected(f"Claude answered {status} ({error.type or 'no type'}): the request or the key is wrong")


def _seconds(header: str | None) -> float | None:
    try:
        return max(0.0, float(header)) if header is not None else None
    except ValueError:
        return None
