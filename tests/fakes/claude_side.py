"""Both sides of the wire to Claude: our adapter, the stand-in behind real HTTP, and questions that need no analysis."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import Field

from claude.attempts import Pace
from claude.client import Claude
from claude.question import Question
from local.standins.claude import ClaudeStandIn
from local.standins.http import Server
from watchkeeper.models import Cause, Citation, Word

MODEL = "claude-haiku-5-5"
CPU = "metric: AWS/EC2 CPUUtilization (InstanceId=i-1), Average over 60 s; alarm line: GreaterThanThreshold 80"
EVIDENCE_ID = {
    "type": "object",
    "properties": {"evidence_id": {"type": "string"}},
    "required": ["evidence_id"],
    "additionalProperties": False,
}
TOOLS: list[dict[str, Any]] = [
    {"name": "read_evidence", "description": "One piece of evidence.", "input_schema": EVIDENCE_ID},
    {"name": "list_evidence", "description": "What there is.", "input_schema": {"type": "object", "properties": {}}},
]


class Finding(Word):
    """A small answer."""

    cause: Cause
    confidence: float = Field(ge=0, le=1)
    citations: tuple[Citation, ...]


def evidence(name: str, text: str) -> str:
    return json.dumps({"provenance": "a collector", "evidence_id": name, "text": text})


def a_question(text: str = CPU, **more: Any) -> Question[Finding]:
    """One piece of evidence, E1, already read; E2 is named and not read."""
    use = {"type": "tool_use", "id": "toolu_00", "name": "read_evidence", "input": {"evidence_id": "E1"}}
    result = {"type": "tool_result", "tool_use_id": "toolu_00", "content": [{"type": "text", "text": evidence("E1", text)}]}
    messages: list[dict[str, Any]] = [
        {"role": "user", "content": "There are E1 and E2. What is the cause?"},
        {"role": "assistant", "content": [use]},
        {"role": "user", "content": [result]},
    ]
    system = [{"type": "text", "text": "Say what the evidence says.", "cache_control": {"type": "ephemeral"}}]
    return Question(MODEL, system, messages, TOOLS, Finding, max_tokens=500, **more)


@contextmanager
def standing_in(mode: str = "ok", times: int | None = None) -> Iterator[tuple[ClaudeStandIn, str]]:
    standin = ClaudeStandIn(mode, times)
    with Server({"claude": standin}) as server:
        try:
            yield standin, f"{server.url}/claude"
        finally:
            standin.release()


def an_adapter(url: str, key: str = "sk-test", slept: list[float] | None = None) -> Claude:
    """With a real clock and dice that always show a half; it notes how long it would sleep and does not."""
    pace = Pace(ticks=time.monotonic, sleep=(slept if slept is not None else []).append, chance=lambda: 0.5)
    return Claude("anthropic", lambda: key, "eu-west-1", url, pace)


class Hours:
    """A clock that runs as the real one does, is slept by at once, and can be set forward; with dice that always wait the longest."""

    def __init__(self) -> None:
        self.ahead, self.slept = 0.0, 0.0
        self.pace = Pace(ticks=lambda: time.monotonic() + self.ahead, sleep=self.sleep, chance=lambda: 1.0)

    def sleep(self, seconds: float) -> None:
        self.ahead += seconds
        self.slept += seconds
