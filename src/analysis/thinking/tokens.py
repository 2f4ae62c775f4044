"""How many tokens a prompt will be: the one place where that is guessed, and always rather too many than too few."""

import json
from collections.abc import Hashable
from functools import cache
from math import ceil
from typing import Any

from pydantic import TypeAdapter

from claude.question import Question

BYTES_PER_TOKEN = 3  # English and JSON take nearer to four, and a letter of other scripts has two or three bytes and is a token
PER_BLOCK = 8
WITH_TOOLS = 350  # what the API itself writes into the prompt when tools are declared


def tokens(text: str) -> int:
    return ceil(len(text.encode(errors="replace")) / BYTES_PER_TOKEN)


def bytes_for(tokens: int) -> int:
    """How many bytes of text so many tokens have room for."""
    return max(0, tokens) * BYTES_PER_TOKEN


def size(text: str) -> int:
    """The bytes that this text takes inside JSON, quotation marks included."""
    return len(json.dumps(text, ensure_ascii=False).encode(errors="replace"))


def tokens_of(question: Question[Any]) -> int:
    """The whole prompt: system, tools, the shape of the answer and every message, as the model gets to see them."""
    blocks = [*question.system, *(block for message in question.messages for block in blocks_of(message))]
    tools = tokens(json.dumps(question.tools, ensure_ascii=False)) + (WITH_TOOLS if question.tools else 0)
    return tools + tokens_of_shape(question.shape) + sum(tokens_of_block(block) for block in blocks)  # type: ignore[arg-type]  # a class can be hashed, whatever its instances can


@cache
def tokens_of_shape(shape: Hashable) -> int:
    """Counted once for each shape: to make a schema takes longer than all the rest."""
    return tokens(json.dumps(TypeAdapter(shape).json_schema(), ensure_ascii=False))


def blocks_of(message: dict[str, Any]) -> list[dict[str, Any]]:
    content = message["content"]
    return [{"type": "text", "text": content}] if isinstance(content, str) else list(content)


def tokens_of_block(block: dict[str, Any]) -> int:
    """A block of text, a tool's use or its result with all parts."""
    if block["type"] == "tool_result":
        return PER_BLOCK + sum(tokens_of_block(part) for part in block["content"])
    if block["type"] == "tool_use":
        return PER_BLOCK + tokens(block["name"]) + tokens(json.dumps(block["input"], ensure_ascii=False))
    return PER_BLOCK + tokens(str(block.get("text", "")))
