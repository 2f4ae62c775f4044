"""Slack's blocks and its mrkdwn as HTML, near enough to what Slack shows. Everything is escaped first."""

import re
from collections.abc import Iterable, Mapping
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


def blocks(given: Iterable[dict[str, Any]], ts: str = "", users: Mapping[str, str] | None = None) -> Markup:
    """A message's blocks, one under the other; a kind that is not known shows its name. With the message's name, and people to
    press them, its buttons can be pressed."""
    return Markup("").join(_block(block, ts, users or {}) for block in given)


def _block(block: dict[str, Any], ts: str, users: Mapping[str, str]) -> Markup:
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
            return Markup("<p>{}</p>").format(Markup(" ").join(_button(element, ts, users) for element in block["elements"]))
        case other:
            return Markup("<p class=context>({})</p>").format(other)


def _button(element: dict[str, Any], ts: str, users: Mapping[str, str]) -> Markup:
    """A form for each person who may press it, behind what the button asks to have confirmed."""
    name = _unescaped(element.get("text", {}).get("text", element.get("type", "")))
    if not ts or not users:
        return Markup("<span class=button>{}</span>").format(name)
    asks = _unescaped(element.get("confirm", {}).get("text", {}).get("text", ""))
    choices = Markup("").join(Markup("<option value='{}'>{}</option>").format(user, who) for user, who in users.items())
    return Markup(
        "<details class=button><summary>{}</summary><form method=post action='/slack/press'><p>{}</p>"
        "<input type=hidden name=ts value='{}'><input type=hidden name=action value='{}'>"
        "<label>as <select name=user>{}</select></label> <button>{}</button></form></details>"
    ).format(name, asks, ts, element.get("action_id", ""), choices, name)


def _plain(text: str) -> str:
    made = str(escape(_unescaped(text)))
    for pattern, replacement in _INLINE:
        made = pattern.sub(replacement, made)
    return made.replace("\n", "<br>")


def _unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
