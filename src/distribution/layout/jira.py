"""The briefing as Atlassian documents: a ticket's description, and comments. What is too long for one goes on in the next."""

import json
from collections.abc import Iterator
from typing import Any

from distribution.briefing import Briefing
from distribution.layout.templates import render
from distribution.moments import MOMENTS
from distribution.wording import clean, clock_time, cut, one_line, pieces
from watchkeeper.models import AuditRecord

LONGEST_SUMMARY = 255
LONGEST_DOCUMENT = 28_000
LONGEST_NODE = 8_000
Node = dict[str, Any]
Document = dict[str, Any]


def summary(briefing: Briefing) -> str:
    """One line, as long as Jira takes. The whole title stands in the description."""
    return cut(one_line(f"{briefing.severity} {briefing.service}: {briefing.title}"), LONGEST_SUMMARY)


def issue(briefing: Briefing) -> list[Document]:
    """The description, and what did not fit into it."""
    return _documents(_nodes("jira/issue.json.j2", b=briefing))


def comment(briefing: Briefing, record: AuditRecord) -> list[Document]:
    """What is said of one happening."""
    told = MOMENTS[record.kind]
    nodes = _nodes(
        "jira/comment.json.j2", b=briefing, heading_text=told.heading, says=clean(record.says), at=clock_time(record.at), parts=told.parts
    )
    return _documents(nodes)


def sentence(text: str) -> Node:
    """One paragraph of plain text."""
    return {"type": "paragraph", "content": [{"type": "text", "text": text}]}


def _nodes(template: str, **words: Any) -> list[Node]:
    nodes: list[Node] = _tidy(json.loads(render(template, **words)))
    return [part for node in nodes for part in _split(node)]


def _tidy(node: Any) -> Any:
    """Without the nulls that close the templates' lists, and without empty texts, which Jira refuses."""
    if isinstance(node, list):
        return [_tidy(part) for part in node if part is not None and not (isinstance(part, dict) and part.get("text") == "")]
    return {key: _tidy(value) for key, value in node.items()} if isinstance(node, dict) else node


def _split(node: Node) -> Iterator[Node]:
    """A paragraph or list with too much in it, as several of its kind."""
    if _length(node) <= LONGEST_NODE:
        yield node
        return
    if node["type"] in {"bulletList", "orderedList"}:
        for item in node["content"]:
            for paragraph in item["content"]:
                yield from _split(paragraph)
        return
    for text in node["content"]:
        for piece in pieces(text["text"], LONGEST_NODE):
            yield node | {"content": [text | {"text": piece}]}


def _length(node: Node) -> int:
    return len(node.get("text", "")) + sum(_length(part) for part in node.get("content", ()))


def _documents(nodes: list[Node]) -> list[Document]:
    """As few documents as hold these nodes."""
    chapters: list[list[Node]] = [[]]
    size = 0
    for node in nodes:
        if chapters[-1] and size + _length(node) > LONGEST_DOCUMENT:
            chapters.append([])
            size = 0
        chapters[-1].append(node)
        size += _length(node)
    return [{"type": "doc", "version": 1, "content": chapter} for chapter in chapters]
