"""An MCP tool as a model gets to see it: the team's name for it, and what is left of the server's words when they are harmless.

Which tools there are and what they may do is the team's word; a server's description only helps to use them. Of its schema only
the outline is told, made anew from parts that cannot carry a sentence; what arguments are held against is the whole of it.
"""

import json
import re
from collections.abc import Callable
from typing import Any

from analysis.instructions import WITHHELD, withheld
from analysis.thinking.tools import Tool
from mcp_client.schema_bounds import Hostile, pointed
from mcp_client.servers import Offer

LONGEST_DESCRIPTION, LONGEST_HINT = 300, 100
READ_OF_A_DESCRIPTION = 4_000
LONGEST_NAME = 64
MOST_FIELDS, MOST_CHOICES, MOST_LEVELS = 24, 24, 4
ROOM = 900
PART = re.compile(r"[A-Za-z0-9_-]{1,64}")
TYPES = {"string", "integer", "number", "boolean", "array", "object", "null"}
FIGURES = ("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems")
Redact = Callable[[str], str]


def name_of(offer: Offer) -> str:
    """As the model calls it; empty where the server's name for it is no name that we would repeat."""
    name = f"mcp__{offer.server.name}__{offer.tool.name}"
    fits = PART.fullmatch(offer.tool.name) and len(name) <= LONGEST_NAME and not _instructs(offer.tool.name)
    return name if fits else ""


def tool_of(offer: Offer, redact: Redact) -> Tool | None:
    """What the model is told of it; none where it has no usable name or needs a field that has none."""
    name, schema = name_of(offer), offer.terms.schema
    fields, needed = schema.get("properties") or {}, schema.get("required") or []
    if not name or not all(_usable(one) and one in fields for one in needed):
        return None
    note = " It acts, so a person is asked first." if offer.action else ""
    description = words(offer.tool.description, LONGEST_DESCRIPTION - len(note), redact) + note
    outline = _Outline(schema, redact, hints=True).of(schema, 0)
    if len(json.dumps(outline)) > ROOM:
        outline = _Outline(schema, redact, hints=False).of(schema, 0)
    return Tool(name, description.strip() or "A tool of an MCP server.", {"properties": {}, **outline, "type": "object"})


def words(text: str, most: int, redact: Redact) -> str:
    """Foreign text in one line of printable characters: redacted, without the lines that read as instructions, then cut."""
    safe, _ = withheld(redact(text[:READ_OF_A_DESCRIPTION]))
    kept = (line for line in safe.splitlines() if WITHHELD not in line)
    line = " ".join("".join(c if c.isprintable() else " " for c in " ".join(kept)).split())
    return "" if withheld(line)[1] else line[:most]


def _usable(name: object) -> bool:
    return isinstance(name, str) and bool(PART.fullmatch(name)) and not _instructs(name)


def _instructs(name: str) -> bool:
    """A name can be a sentence, too."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).replace("_", " ").replace("-", " ")
    return bool(withheld(spaced)[1])


class _Outline:
    """The parts of one schema that say which fields there are."""

    def __init__(self, root: dict[str, Any], redact: Redact, *, hints: bool) -> None:
        self._root, self._redact, self._hints = root, redact, hints

    def of(self, node: object, level: int) -> dict[str, Any]:
        if isinstance(node, dict) and isinstance(node.get("$ref"), str):
            try:
                node = pointed(self._root, node["$ref"])
            except Hostile:
                node = {}
        if not isinstance(node, dict) or level > MOST_LEVELS:
            return {}
        found: dict[str, Any] = {**_type(node), **{key: node[key] for key in FIGURES if _is_figure(node.get(key))}}
        found |= self._choices(node) | self._hint(node, level) | self._fields(node, level)
        if "items" in node:
            found["items"] = self.of(node["items"], level + 1)
        ways = node.get("anyOf") or node.get("oneOf")
        if level and isinstance(ways, list):
            found["anyOf"] = [self.of(one, level + 1) for one in ways[:MOST_CHOICES]]
        return found

    def _fields(self, node: dict[str, Any], level: int) -> dict[str, Any]:
        fields = node.get("properties")
        if not isinstance(fields, dict):
            return {}
        needed = [one for one in node.get("required") or [] if one in fields and _usable(one)]
        others = [one for one in fields if _usable(one) and one not in needed]
        shown = [*needed, *others][: max(MOST_FIELDS, len(needed))]
        return {"properties": {one: self.of(fields[one], level + 1) for one in shown}, **({"required": needed} if needed else {})}

    def _choices(self, node: dict[str, Any]) -> dict[str, Any]:
        choices = node.get("enum")
        if not isinstance(choices, list) or not 0 < len(choices) <= MOST_CHOICES:
            return {}
        harmless = all(isinstance(one, int | float | None) or (isinstance(one, str) and self._is_word(one)) for one in choices)
        return {"enum": choices} if harmless else {}

    def _is_word(self, text: str) -> bool:
        return len(text) <= LONGEST_NAME and words(text, LONGEST_NAME, self._redact) == text and not _instructs(text)

    def _hint(self, node: dict[str, Any], level: int) -> dict[str, str]:
        said = node.get("description")
        hint = words(said, LONGEST_HINT, self._redact) if level and self._hints and isinstance(said, str) else ""
        return {"description": hint} if hint else {}


def _type(node: dict[str, Any]) -> dict[str, Any]:
    said = node.get("type")
    if isinstance(said, str) and said in TYPES:
        return {"type": said}
    return {"type": [one for one in said if one in TYPES]} if isinstance(said, list) and said else {}


def _is_figure(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
