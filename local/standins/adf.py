"""What Jira says of an Atlassian document: which nodes may hold which, what they need, how long it may be."""

from collections.abc import Iterator
from typing import Any

LONGEST = 32_767
_INLINE = {"text", "hardBreak", "mention", "emoji", "inlineCard"}
_BLOCKS = {"paragraph", "heading", "bulletList", "orderedList", "codeBlock", "blockquote", "rule", "panel"}
_MAY_HOLD = {
    "doc": _BLOCKS,
    "paragraph": _INLINE,
    "heading": _INLINE,
    "bulletList": {"listItem"},
    "orderedList": {"listItem"},
    "listItem": {"paragraph", "bulletList", "orderedList", "codeBlock"},
    "codeBlock": {"text"},
    "blockquote": {"paragraph", "bulletList", "orderedList"},
    "panel": _BLOCKS - {"panel", "blockquote"},
}
_NEEDS_CONTENT = {"bulletList", "orderedList", "listItem", "blockquote", "panel"}
_MARKS = {"strong", "em", "code", "link", "strike", "underline", "textColor"}


def faults(document: Any) -> list[str]:
    """Every fault; none when Jira would take the document."""
    if not isinstance(document, dict) or document.get("type") != "doc" or document.get("version") != 1:
        return ["Operation value must be an Atlassian Document (see the Atlassian Document Format)"]
    found = list(_of_node(document, "doc"))
    if _length(document) > LONGEST:
        found.append(f"The entered text is too long. It exceeds the allowed limit of {LONGEST} characters.")
    return found


def _of_node(node: dict[str, Any], at: str) -> Iterator[str]:
    kind = node["type"]
    content = node.get("content", [])
    if not isinstance(content, list) or (kind in _NEEDS_CONTENT and not content):
        yield f"INVALID_INPUT: {at} must have content"
        return
    if kind == "text":
        yield from _of_text(node, at)
    if kind == "heading" and node.get("attrs", {}).get("level") not in range(1, 7):
        yield f"INVALID_INPUT: {at} needs a level from 1 to 6"
    for number, child in enumerate(content):
        place = f"{at}/{number}"
        if not isinstance(child, dict) or child.get("type") not in _MAY_HOLD.get(kind, set()):
            yield f"INVALID_INPUT: {place} may not stand in a {kind}"
        else:
            yield from _of_node(child, place)


def _of_text(node: dict[str, Any], at: str) -> Iterator[str]:
    if not isinstance(node.get("text"), str) or not node["text"]:
        yield f"INVALID_INPUT: {at} is an empty text"
    marks = node.get("marks", [])
    kinds = [mark.get("type") for mark in marks]
    if not set(kinds) <= _MARKS:
        yield f"INVALID_INPUT: {at} has an unknown mark"
    if "code" in kinds and not set(kinds) <= {"code", "link"}:
        yield f"INVALID_INPUT: {at}: code goes with no other mark but link"
    if any(mark.get("type") == "link" and not mark.get("attrs", {}).get("href") for mark in marks):
        yield f"INVALID_INPUT: {at}: a link needs an href"


def _length(node: dict[str, Any]) -> int:
    return len(node.get("text") or "") + sum(_length(child) for child in node.get("content", []) if isinstance(child, dict))
