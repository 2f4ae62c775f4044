"""A message as the Messages API streams it: server-sent events, a piece of text or of a tool's arguments at a time."""

import json
from collections.abc import Callable, Iterator
from typing import Any

PIECE = 40
TRICKLE_SECONDS = 0.1

Message = dict[str, Any]
Wait = Callable[[float | None], bool]


def event(kind: str, **more: Any) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **more})}\n\n".encode()


def streamed(message: Message) -> Iterator[bytes]:
    """The events of a whole message, in the order of the real API."""
    usage = message["usage"]
    yield event("message_start", message=message | {"content": [], "stop_reason": None, "usage": usage | {"output_tokens": 1}})
    yield event("ping")
    for index, block in enumerate(message["content"]):
        empty, deltas = _in_pieces(block)
        yield event("content_block_start", index=index, content_block=empty)
        yield from (event("content_block_delta", index=index, delta=delta) for delta in deltas)
        yield event("content_block_stop", index=index)
    delta = {key: message[key] for key in ("stop_reason", "stop_sequence", "stop_details") if key in message}
    yield event("message_delta", delta=delta, usage={"output_tokens": usage["output_tokens"]})
    yield event("message_stop")


def _in_pieces(block: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The block as it begins, and what is added to it."""
    if block["type"] == "tool_use":
        pieces = ["", *_cut(json.dumps(block["input"]))]
        return block | {"input": {}}, [{"type": "input_json_delta", "partial_json": piece} for piece in pieces]
    if block["type"] == "thinking":
        deltas = [{"type": "thinking_delta", "thinking": piece} for piece in _cut(block["thinking"])]
        return block | {"thinking": "", "signature": ""}, [*deltas, {"type": "signature_delta", "signature": block["signature"]}]
    return block | {"text": ""}, [{"type": "text_delta", "text": piece} for piece in _cut(block["text"])]


def _cut(text: str) -> list[str]:
    return [text[start : start + PIECE] for start in range(0, len(text), PIECE)]


def _hangs(events: list[bytes], wait: Wait) -> Iterator[bytes]:
    yield from events[: len(events) // 2]
    wait(None)


def _trickles(events: list[bytes], wait: Wait) -> Iterator[bytes]:
    yield events[0]
    while not wait(TRICKLE_SECONDS):
        yield event("ping")


def _goes_slowly(events: list[bytes], wait: Wait) -> Iterator[bytes]:
    for piece in events:
        yield piece
        wait(TRICKLE_SECONDS)


def _is_mad(events: list[bytes], _: Wait) -> Iterator[bytes]:
    yield events[0]
    yield event("content_block_delta", index=5, delta={"type": "text_delta", "text": "a block that never began"})
    yield events[-1]


def _fails(events: list[bytes], _: Wait) -> Iterator[bytes]:
    yield from events[: len(events) // 2]
    yield event("error", error={"type": "overloaded_error", "message": "Overloaded"})


def _ends(events: list[bytes], _: Wait) -> Iterator[bytes]:
    yield from events[: len(events) // 2]


TROUBLES: dict[str, Callable[[list[bytes], Wait], Iterator[bytes]]] = {
    "hang_midway": _hangs,
    "trickle": _trickles,
    "slow": _goes_slowly,
    "mad_midway": _is_mad,
    "error_midway": _fails,
    "cut_midway": _ends,
}
