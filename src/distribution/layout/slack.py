"""The briefing as Slack blocks, within Slack's limits. A card is one message and is cut; what a thread is told is split, never cut."""

import json
from dataclasses import dataclass
from typing import Any

from distribution.briefing import Briefing, reworded
from distribution.layout.templates import render
from distribution.moments import MOMENTS
from distribution.wording import clean, clock_time, cut, pieces
from watchkeeper.buttons import Button
from watchkeeper.models import AuditRecord

LONGEST_TEXT = 3000
LONGEST_HEADER = 150
MOST_BLOCKS = 50
WORDLESS = {"divider", "actions"}
MOST_CHARACTERS = 12_000
LONGEST_NOTICE = 1000
Block = dict[str, Any]


@dataclass(frozen=True)
class SlackMessage:
    """`text` is what a notification shows; `blocks` is what the channel shows."""

    text: str
    blocks: list[Block]


def escape(text: str) -> str:
    """Slack's three control characters. After this a text can neither mention anybody nor make a link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def card(briefing: Briefing) -> SlackMessage:
    """The one message that is edited in place."""
    words = reworded(briefing, escape)
    blocks = [_cut(block) for block in _blocks("slack/card.json.j2", b=words, buttons=Button)]
    return SlackMessage(cut(f"{words.mark} {words.state}: {words.title} ({words.severity}, {words.service})", LONGEST_NOTICE), blocks)


def moment(briefing: Briefing, record: AuditRecord, *, alone: bool) -> list[SlackMessage]:
    """What is said of one happening; `alone` when no card stands above it. More than one message when it is long."""
    words, told = reworded(briefing, escape), MOMENTS[record.kind]
    says, at = escape(clean(record.says)), clock_time(record.at)
    blocks = _blocks("slack/moment.json.j2", b=words, heading=told.heading, says=says, at=at, parts=told.parts, alone=alone)
    notice = f"{told.heading}: {says}" + (f" ({words.title})" if alone else "")
    return [SlackMessage(cut(notice, LONGEST_NOTICE), some) for some in _messages([part for block in blocks for part in _split(block)])]


def _blocks(template: str, **words: Any) -> list[Block]:
    """The template's blocks; a section that came out empty is left out."""
    blocks = [_closed(block) for block in json.loads(render(template, **words)) if block]
    return [block for block in blocks if block["type"] in WORDLESS or _text(block)["text"]]


def _closed(block: Block) -> Block:
    """Without the null that ends a list of buttons."""
    return block | {"elements": [element for element in block["elements"] if element]} if block["type"] == "actions" else block


def _text(block: Block) -> dict[str, Any]:
    """The text object of a block; a context has it as its one element."""
    text: dict[str, Any] = block["elements"][0] if block["type"] == "context" else block["text"]
    return text


def _with(block: Block, text: str) -> Block:
    changed = _text(block) | {"text": text}
    return block | ({"elements": [changed]} if block["type"] == "context" else {"text": changed})


def _cut(block: Block) -> Block:
    if block["type"] in WORDLESS:
        return block
    shorter = cut(_text(block)["text"], LONGEST_HEADER if block["type"] == "header" else LONGEST_TEXT - 1)
    return _with(block, shorter + "`" * (shorter.count("`") % 2) if block["type"] != "header" else shorter)


def _split(block: Block) -> list[Block]:
    """The same block as often as its text needs; a quote that is parted is closed and opened again."""
    if block["type"] != "section" or len(_text(block)["text"]) <= LONGEST_TEXT:
        return [_cut(block)]
    parts, opened = [], ""
    for piece in pieces(_text(block)["text"], LONGEST_TEXT - 2):
        whole = opened + piece
        opened = "`" * (whole.count("`") % 2)
        parts.append(_with(block, whole + opened))
    return parts


def _messages(blocks: list[Block]) -> list[list[Block]]:
    """As few messages as hold these blocks."""
    messages: list[list[Block]] = [[]]
    size = 0
    for block in blocks:
        length = len(_text(block)["text"]) if block["type"] not in WORDLESS else 0
        if messages[-1] and (len(messages[-1]) == MOST_BLOCKS or size + length > MOST_CHARACTERS):
            messages.append([])
            size = 0
        messages[-1].append(block)
        size += length
    return messages
