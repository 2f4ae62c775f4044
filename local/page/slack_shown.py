"""Slack's blocks and its mrkdwn as HTML, near enough to what Slack shows. Everything is escaped first."""

import re
from collections.abc import Iterable
from typing import Any

from markupsafe import Markup, escape

_INLINE = (
    (re.compile(r"```(.+?)```", re.DOTALL), r"<pre>\1</pre>"),
    (re.compile(r"`([^`\n]+)`"), r"<code>\1</code>"),
    (re.compile(r"(?<![\w*])\*([^*\n]+)\*(?![\w*])"), r"<b>\1</b>"),
    (re.compile(r"(?<![\w_])_([^_\n]+)_(?![\w_])"), r"<i>\1</i>"),
    (re.compile(r"(?<![\w~])~([^~\n]+)~(?![\w~])"), r"<s>\1</s>"),
)
_LINK = re.compile(r"<(https?://[^|>\s]+)(?:\|([^>]*))?>")


def mrkdwn(text: str) -> Markup:
    """One text. Slack's own three escapes (&amp; &lt; &gt;) are undone before ours are made; links become links."""
    parts: list[str] = []
    end = 0
    for link in _LINK.finditer(text):
        parts += [
            _plain(text[end : link.start()]),
            f'<a href="{escape(_unescaped(link[1]))}" rel="noreferrer">{_plain(link[2] or link[1])}</a>',
        ]
        end = link.end()
    return Markup("".join([*parts, _plain(text[end:])]))


def blocks(given: Iterable[dict[str, Any]]) -> Markup:
    """A message's blocks, one under the other; a kind that is not known shows its name."""
    return Markup("").join(_block(block) for block in given)


def _block(block: dict[str, Any]) -> Markup:
    match block.get("type"):
        case "header":
            return Markup("<h4>{}</h4>").format(_unescaped(block["text"]["text"]))
        case "section":
            texts = [part["text"] for part in (block.get("text"), *block.get("fields", ())) if part]
            return Markup("").join(Markup("<p>{}</p>").format(mrkdwn(text)) for text in texts)
        case "context":
            return Markup("<p class=context>{}</p>").format(Markup(" ").join(mrkdwn(e.get("text", "")) for e in block["elements"]))
        case "divider":
            return Markup("<hr>")
        case "actions":
            return Markup("<p>{}</p>").format(Markup(" ").join(_button(element) for element in block["elements"]))
        case other:
            return Markup("<p class=context>({})</p>").format(other)


def _button(element: dict[str, Any]) -> Markup:
    return Markup("<span class=button>{}</span>").format(element.get("text", {}).get("text", element.get("type", "")))


def _plain(text: str) -> str:
    made = str(escape(_unescaped(text)))
    for pattern, replacement in _INLINE:
        made = pattern.sub(replacement, made)
    return made.replace("\n", "<br>")


def _unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
