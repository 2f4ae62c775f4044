"""Atlassian's document format as HTML: the nodes that Watchkeeper writes, anything else by its text."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

_TAGS = {
    "paragraph": "p", "bulletList": "ul", "orderedList": "ol", "listItem": "li", "codeBlock": "pre", "blockquote": "blockquote",
    "table": "table", "tableRow": "tr", "tableCell": "td", "tableHeader": "th", "panel": "blockquote",
}  # fmt: skip
_MARKS = {"strong": "b", "em": "i", "code": "code", "strike": "s"}


def adf(node: Mapping[str, Any] | None) -> Markup:
    """The document, or any node of it."""
    if not node:
        return Markup("")
    kind = node.get("type")
    if kind == "text":
        return _text(node)
    if kind == "hardBreak":
        return Markup("<br>")
    if kind == "rule":
        return Markup("<hr>")
    inner = Markup("").join(adf(child) for child in node.get("content", ()))
    tag = "h4" if kind == "heading" else _TAGS.get(str(kind))
    return Markup("<{0}>{1}</{0}>").format(Markup(tag), inner) if tag else inner


def _text(node: Mapping[str, Any]) -> Markup:
    made = Markup("{}").format(node.get("text", ""))
    for mark in node.get("marks", ()):
        if mark["type"] in _MARKS:
            made = Markup("<{0}>{1}</{0}>").format(Markup(_MARKS[mark["type"]]), made)
        elif mark["type"] == "link":
            made = Markup('<a href="{}" rel="noreferrer">{}</a>').format(mark["attrs"]["href"], made)
    return made
