"""The prompt, word for word; and where untrusted text stands in it."""

import json
from pathlib import Path
from typing import Any

import pytest
from jinja2 import UndefinedError

from analysis.analyst.draft import draft
from analysis.prompt import _templates, policy, question
from tests.unit.analysis.stories import INJECTION, a_case, cpu_incident
from watchkeeper.models import Answer

SNAPSHOTS = Path(__file__).parent / "snapshots"
CASE = a_case({"alert": f"title: {INJECTION}", "logs": f"2026-11-20T02:59:00Z /g s  {INJECTION}\n" * 400}, ec2=Answer.NOT_ALLOWED)
ASKED = question(CASE, draft(CASE), "claude-haiku-5-5")


def test_the_policy_is_the_snapshot() -> None:
    """Change the template, read the result, then copy it to the snapshot."""
    assert f"{policy()}\n" == (SNAPSHOTS / "policy.txt").read_text()


def test_the_conversation_is_the_snapshot() -> None:
    small = a_case({"metric": "max 97"}, cpu_incident(title="CPU is high"), logs=Answer.NOTHING)
    asked = question(small, draft(small), "claude-haiku-5-5")
    assert json.dumps(asked.messages, indent=1, ensure_ascii=False) == (SNAPSHOTS / "messages.json").read_text().rstrip("\n")


def test_untrusted_text_stands_only_in_json_inside_tool_results() -> None:
    user, uses, results = ASKED.messages
    assert [message["role"] for message in ASKED.messages] == ["user", "assistant", "user"]
    assert "IGNORE" not in json.dumps([ASKED.system, ASKED.tools, user, uses])
    for block in results["content"]:
        assert block["type"] == "tool_result"
        told: dict[str, Any] = json.loads(block["content"][0]["text"])
        assert told["provenance"]
    assert [use["id"] for use in uses["content"]] == [block["tool_use_id"] for block in results["content"]]


def test_the_policy_is_cached_and_the_same_for_every_incident() -> None:
    assert ASKED.system == [{"type": "text", "text": policy(), "cache_control": {"type": "ephemeral"}}]


def test_long_evidence_is_cut_between_lines() -> None:
    told = json.loads(ASKED.messages[2]["content"][2]["content"][0]["text"])["text"]
    assert len(told) < 12_200
    assert "characters left out here]" in told
    assert all(line.startswith(("2026-11-20T02:59:00Z", "[")) for line in told.splitlines())


def test_a_name_that_a_template_is_not_given_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        _templates().get_template("task.j2").render()
