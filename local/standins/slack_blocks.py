"""What Slack says of a list of blocks: types, required fields and lengths, for the blocks that a message may hold."""

from collections.abc import Iterator
from typing import Any

from local.standins.slack_buttons import of_element
from local.standins.slack_text import of_text

MOST_BLOCKS = 50
LONGEST_BLOCK_ID = 255
_FIELDS = {
    "header": {"type", "text", "block_id", "level"},
    "section": {"type", "text", "fields", "accessory", "expand", "block_id"},
    "context": {"type", "elements", "block_id"},
    "divider": {"type", "block_id"},
    "image": {"type", "image_url", "alt_text", "title", "slack_file", "block_id"},
    "actions": {"type", "elements", "block_id"},
}


def faults(blocks: Any) -> list[str]:
    """Each fault with the place it is in, as Slack's own messages name it; none when Slack would take the blocks."""
    if not isinstance(blocks, list):
        return ["must be an array [json-pointer:/blocks]"]
    if len(blocks) > MOST_BLOCKS:
        return [f"no more than {MOST_BLOCKS} items allowed [json-pointer:/blocks]"]
    return [fault for number, block in enumerate(blocks) for fault in _of_block(block, f"/blocks/{number}")]


def _of_block(block: Any, at: str) -> Iterator[str]:
    kind = block.get("type") if isinstance(block, dict) else None
    if kind not in _FIELDS:
        yield f"unsupported type: {kind} [json-pointer:{at}/type]"
        return
    for extra in block.keys() - _FIELDS[kind]:
        yield f"invalid additional property: {extra} [json-pointer:{at}]"
    if len(block.get("block_id", "")) > LONGEST_BLOCK_ID:
        yield f"must be less than 256 characters [json-pointer:{at}/block_id]"
    yield from _RULES[kind](block, at)


def _of_header(block: dict[str, Any], at: str) -> Iterator[str]:
    return of_text(block.get("text"), f"{at}/text", 150, {"plain_text"})


def _of_actions(block: dict[str, Any], at: str) -> Iterator[str]:
    elements = block.get("elements")
    if not isinstance(elements, list) or not 1 <= len(elements) <= 25:
        yield f"between 1 and 25 items allowed [json-pointer:{at}/elements]"
        return
    for number, element in enumerate(elements):
        yield from of_element(element, f"{at}/elements/{number}")
    named = [element.get("action_id") for element in elements if isinstance(element, dict) and "action_id" in element]
    if len(named) != len({str(name) for name in named}):
        yield f"`action_id` must be unique within the block [json-pointer:{at}/elements]"


def _of_image(block: dict[str, Any], at: str) -> Iterator[str]:
    if not block.get("alt_text"):
        yield f"missing required field: alt_text [json-pointer:{at}]"


def _of_divider(_block: dict[str, Any], _at: str) -> Iterator[str]:
    return iter(())


def _of_section(block: dict[str, Any], at: str) -> Iterator[str]:
    if "text" not in block and not block.get("fields"):
        yield f"missing required field: text or fields [json-pointer:{at}]"
    if "text" in block:
        yield from of_text(block["text"], f"{at}/text", 3000)
    fields = block.get("fields", [])
    if len(fields) > 10:
        yield f"no more than 10 items allowed [json-pointer:{at}/fields]"
    for number, text in enumerate(fields):
        yield from of_text(text, f"{at}/fields/{number}", 2000)


def _of_context(block: dict[str, Any], at: str) -> Iterator[str]:
    elements = block.get("elements")
    if not isinstance(elements, list) or not 1 <= len(elements) <= 10:
        yield f"between 1 and 10 items allowed [json-pointer:{at}/elements]"
        return
    for number, element in enumerate(elements):
        if not isinstance(element, dict) or element.get("type") != "image":
            yield from of_text(element, f"{at}/elements/{number}", 3000)


_RULES = {
    "header": _of_header,
    "section": _of_section,
    "context": _of_context,
    "divider": _of_divider,
    "image": _of_image,
    "actions": _of_actions,
}
