"""Reads a message of the Messages API. A stop reason that is not the end of the turn is never read as an answer."""

from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from claude.errors import Declined, TooLong, Truncated, Unusable
from claude.question import Question, Said, T, ToolUse, Turn, Usage

if TYPE_CHECKING:
    from anthropic.types import Message

ARGUMENTS: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Any])


def said(message: "Message", question: Question[T]) -> Said[T]:
    """The answer in its shape."""
    usage = _finished(message, question, {"end_turn"})
    return Said(_value(message, question, usage), message.model, usage)


def turned(message: "Message", question: Question[T]) -> Turn[T]:
    """The answer in its shape, or the tools that are to be used before it."""
    usage = _finished(message, question, {"end_turn", "tool_use"})
    if message.stop_reason == "end_turn":
        return Turn(_value(message, question, usage), (), "", _as_sent(message), message.model, usage)
    return Turn(None, _uses(message, usage), _text(message), _as_sent(message), message.model, usage)


def _finished(message: "Message", question: Question[T], reasons: set[str]) -> Usage:
    usage = _usage(message)
    if message.stop_reason == "refusal":
        category = message.stop_details.category if message.stop_details else None
        raise Declined(f"Claude refused to answer ({category or 'no category given'})", usage)
    if message.stop_reason == "model_context_window_exceeded":
        raise TooLong("the evidence did not fit into the model's context window", usage)
    if message.stop_reason == "max_tokens":
        raise Truncated(f"the answer was cut off at {question.max_tokens} tokens", usage)
    if message.stop_reason not in reasons:
        raise Unusable(f"the answer stopped for a reason that nobody gave it: {message.stop_reason or 'none'}", usage)
    return usage


def _usage(message: "Message") -> Usage:
    """What was billed. The SDK builds a message from anything without checking it, so this looks."""
    used = getattr(message, "usage", None)
    into, out = getattr(used, "input_tokens", None), getattr(used, "output_tokens", None)
    if used is None or not isinstance(into, int) or not isinstance(out, int):
        raise Unusable("what came back is not a message of the Messages API")
    return Usage(fresh=into, cache_written=used.cache_creation_input_tokens or 0, cache_read=used.cache_read_input_tokens or 0, out=out)


def _value(message: "Message", question: Question[T], usage: Usage) -> T:
    try:
        return question.shape.model_validate_json(_text(message))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the answer"
        raise Unusable(f"the answer is not in the agreed shape: {where}: {first['type']}", usage) from error


def _text(message: "Message") -> str:
    return "".join(block.text for block in message.content or () if block.type == "text")


def _uses(message: "Message", usage: Usage) -> tuple[ToolUse, ...]:
    """Each with an id of its own, a name and an object of arguments. Whether there is such a tool, and whether it takes such
    arguments, is for those to say who offer the tools: the model is told, and may do better."""
    uses: dict[str, ToolUse] = {}
    for block in message.content or ():
        if block.type != "tool_use":
            continue
        if not (_is_word(block.id) and _is_word(block.name)) or block.id in uses:
            raise Unusable("it wants to use a tool and does not say which", usage)
        try:
            uses[block.id] = ToolUse(block.id, block.name, ARGUMENTS.validate_python(block.input))
        except ValidationError as error:
            raise Unusable("the arguments of a tool that it wants to use are no JSON object", usage) from error
    if not uses:
        raise Unusable("it wants to use a tool and does not say which", usage)
    return tuple(uses.values())


def _is_word(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _as_sent(message: "Message") -> list[dict[str, Any]]:
    """The blocks as they came, thoughts and their signatures with them; an empty text, which the API does not take back, is left out."""
    return [dict(block.to_dict(mode="json")) for block in message.content or () if block.type != "text" or block.text]
