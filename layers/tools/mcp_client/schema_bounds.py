"""Is this a schema that arguments can be held against without harm? Judged before anything of it is run.

A server may advertise what it likes: a schema of megabytes, one that refers to itself or to another host, a pattern that takes
a regular expression engine for ever. What is allowed here can be validated in a bounded number of steps, whatever it says.
"""

import json
from typing import Any

MOST_BYTES, MOST_DEPTH, MOST_NODES, MOST_WEIGHT = 32 * 1024, 24, 1_500, 3_000
MOST_PATTERN = 200
DRAFTS = {
    "https://json-schema.org/draft/2020-12/schema": "Draft202012Validator",
    "https://json-schema.org/draft/2019-09/schema": "Draft201909Validator",
    "http://json-schema.org/draft-07/schema": "Draft7Validator",
    "http://json-schema.org/draft-06/schema": "Draft6Validator",
}
USUAL = "https://json-schema.org/draft/2020-12/schema"
ELSEWHERE = ("$id", "$schema", "$anchor", "$dynamicRef", "$dynamicAnchor", "$recursiveRef", "$recursiveAnchor")
COSTLY = ("patternProperties", "unevaluatedProperties", "unevaluatedItems")

Schema = dict[str, Any]


class Hostile(Exception):
    """The schema is not used, and why."""


def bounded(schema: object) -> tuple[str, Schema]:
    """The name of its draft, and the schema without what names the document. Hostile where it could do harm."""
    if not isinstance(schema, dict):
        raise Hostile("is no object")
    try:
        raw = json.dumps(schema)
    except (ValueError, TypeError, RecursionError) as error:
        raise Hostile("is no JSON") from error
    if len(raw) > MOST_BYTES:
        raise Hostile(f"is longer than {MOST_BYTES // 1024} KB")
    draft = DRAFTS.get(str(schema.get("$schema", USUAL)).rstrip("#"))
    if draft is None:
        raise Hostile("is of a draft that is not known here")
    inside = {key: value for key, value in schema.items() if key not in {"$schema", "$id"}}
    if inside.get("type") != "object":
        raise Hostile("does not describe an object")
    _Walk(inside).judge()
    return draft, inside


class _Walk:
    """One schema, every value in it looked at as if it were a schema: too much is refused rather than too little."""

    def __init__(self, root: Schema) -> None:
        self._root = root
        self._nodes = 0
        self._weights: dict[int, int] = {}
        self._open: set[int] = set()

    def judge(self) -> None:
        self._look(self._root, 0)
        self._weight(self._root, 0)

    def _look(self, node: object, depth: int) -> None:
        """Size, depth and words of everything that is written."""
        self._nodes += 1
        if depth > MOST_DEPTH or self._nodes > MOST_NODES:
            raise Hostile("is too deep" if depth > MOST_DEPTH else "has too many parts")
        if isinstance(node, dict):
            _words(node)
            for value in node.values():
                self._look(value, depth + 1)
        elif isinstance(node, list):
            for value in node:
                self._look(value, depth + 1)

    def _weight(self, node: object, depth: int) -> int:
        """How many parts it comes to with every reference written out; a reference that leads back to itself is refused."""
        if not isinstance(node, dict | list):
            return 1
        known = self._weights.get(id(node))
        if known is not None:
            return known
        if id(node) in self._open:
            raise Hostile("refers to itself")
        if depth > 4 * MOST_DEPTH:
            raise Hostile("is too deep with its references written out")
        self._open.add(id(node))
        values = list(node.values()) if isinstance(node, dict) else node
        reference = node.get("$ref") if isinstance(node, dict) else None
        further = [pointed(self._root, reference)] if isinstance(reference, str) else []
        total = 1 + sum(self._weight(one, depth + 1) for one in (*values, *further))
        if total > MOST_WEIGHT:
            raise Hostile("comes to too many parts with its references written out")
        self._open.discard(id(node))
        self._weights[id(node)] = total
        return total


def _words(node: Schema) -> None:
    """What a part may not say. A property may be called like a keyword: then it is followed by a schema, which no keyword here is."""
    if any(word in node and not isinstance(node[word], dict) for word in ELSEWHERE) or "$vocabulary" in node:
        raise Hostile("names or refers to another document")
    if any(word in node for word in COSTLY):
        raise Hostile("asks for what takes too long to check")
    pattern = node.get("pattern")
    if isinstance(pattern, str) and len(pattern) > MOST_PATTERN:
        raise Hostile("has a pattern that is too long")


def pointed(root: Schema, reference: str) -> object:
    """The part of the same schema that a reference points to."""
    if reference == "#":
        return root
    if not reference.startswith("#/") or "%" in reference:
        raise Hostile("refers to elsewhere")
    found: object = root
    for step in reference[2:].split("/"):
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(found, dict) and key in found:
            found = found[key]
        elif isinstance(found, list) and key.isdecimal() and int(key) < len(found):
            found = found[int(key)]
        else:
            raise Hostile("refers to what is not there")
    return found
