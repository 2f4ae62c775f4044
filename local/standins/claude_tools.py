"""Which tools the stand-in for Claude asks for before it answers: those of its script, or what a curious reader would want to see."""

import itertools
import json
import re
from typing import Any

from local.standins.claude_request import Fault
from local.standins.claude_thought import thought

MOST_TURNS = 3
EVIDENCE = re.compile(r"\bE\d+\b")

Body = dict[str, Any]
Use = dict[str, Any]


class Conversations:
    """What was asked for and what came back. The real API refuses a turn of its own that was changed, so this remembers its own."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._said: dict[str, list[Use]] = {}

    def turn(self, uses: list[Use]) -> list[Use]:
        """The blocks of a turn that wants these uses, each {"name": …, "input": …}."""
        blocks = [
            {"type": "tool_use", "id": f"toolu_standin_{next(self._numbers):04d}", "name": use["name"], "input": use["input"]}
            for use in uses
        ]
        says = "I want to see more: " + ", ".join(str(use["name"]) for use in uses)
        thinking = {"type": "thinking", "thinking": "What is there does not tell yet.", "signature": f"signed-{len(self._said)}"}
        said = [thinking, {"type": "text", "text": says}, *blocks]
        self._said |= {str(block["id"]): said for block in blocks}
        return said

    def begun(self, body: Body) -> bool:
        """Did it ask for a tool in this conversation before?"""
        return any(block.get("id") in self._said for blocks in _contents(body) for block in blocks)

    def check(self, body: Body) -> None:
        """A turn of ours comes back as it was said, and in another only declared tools are used; or it is a Fault."""
        declared = {tool["name"] for tool in body.get("tools", [])}
        for number, blocks in enumerate(_contents(body)):
            uses = [block for block in blocks if block.get("type") == "tool_use"]
            if any(self._said.get(str(use.get("id")), blocks) != blocks for use in uses):
                raise Fault(f"messages.{number}: `thinking` blocks and what follows them cannot be modified")
            if any(use.get("id") not in self._said and use.get("name") not in declared for use in uses):
                raise Fault(f"messages.{number}: a tool is used that `tools` does not declare")


def _contents(body: Body) -> list[list[dict[str, Any]]]:
    """The blocks of each message; none where it is plain text."""
    return [message["content"] if isinstance(message["content"], list) else [] for message in body["messages"]]


def may_use(body: Body) -> bool:
    return bool(body.get("tools")) and body.get("tool_choice", {"type": "auto"}).get("type") == "auto"


def wanted(body: Body) -> list[Use]:
    """When no sign tells the cause: the next tool or evidence that nobody has looked at, for a few turns."""
    turns = sum(1 for message in body["messages"] if message["role"] == "assistant")
    return [] if thought(body)["cause"] != "unknown" or turns > MOST_TURNS else unused(body)


def unused(body: Body) -> list[Use]:
    """One use that this conversation has not seen; none when it has seen all that the stand-in can think of."""
    used = [(block["name"], block["input"]) for blocks in _contents(body) for block in blocks if block.get("type") == "tool_use"]
    uses = ({"name": tool["name"], "input": given} for tool in body["tools"] for given in _given(tool, body))
    return list(itertools.islice((use for use in uses if (use["name"], use["input"]) not in used), 1))


def _given(tool: dict[str, Any], body: Body) -> list[dict[str, Any]]:
    """Arguments that the tool would take: each evidence that is named, each word of a list, else something of the right type."""
    schema = tool["input_schema"]
    needed = {name: schema.get("properties", {}).get(name, {}) for name in schema.get("required", [])}
    choices = [_values(name, of, body) for name, of in needed.items()]
    return [dict(zip(needed, values, strict=True)) for values in itertools.product(*choices)]


def _values(name: str, schema: dict[str, Any], body: Body) -> list[Any]:
    if name == "evidence_id":
        return sorted(set(EVIDENCE.findall(json.dumps(body["messages"]))))
    if "enum" in schema:
        return list(schema["enum"])
    return [{"integer": 1, "number": 1, "boolean": False, "array": [], "object": {}}.get(schema.get("type", "string"), "x")]
