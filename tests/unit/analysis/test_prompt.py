"""The prompts, word for word; and where untrusted text stands in them."""

import json
from pathlib import Path
from typing import Any

import pytest
from jinja2 import UndefinedError

from analysis.thinking import conversation
from analysis.thinking.conversation import Told, policy, second_reading, templates
from analysis.thinking.shapes import Deep, Objections, Triage
from analysis.thinking.showing import Showing, all_of_it
from claude.models import CAPS, Role
from claude.question import Question
from tests.unit.analysis.stories import INJECTION, a_case, cpu_incident
from tests.unit.analysis.thinking_stories import a_draft, hypotheses
from watchkeeper.actions.ec2_restart import ACTION as RESTART
from watchkeeper.models import Answer, Cause

SNAPSHOTS = Path(__file__).parent / "snapshots"
GUIDE = "guide cpu.md § Saturation: look at the busiest process first"
CASE = a_case(
    {"alert": f"title: {INJECTION}", "logs": f"2026-11-20T02:59:00Z /g s  {INJECTION}\n" * 400, "guides": GUIDE},
    cpu_incident(title=INJECTION),
    ec2=Answer.NOT_ALLOWED,
)
LIKELY = hypotheses((Cause.CPU_SATURATION, 0.8), (Cause.BAD_DEPLOY, 0.6))


def told(case: Any = CASE) -> Told:
    return Told(case, a_draft(root_cause=INJECTION), LIKELY, Showing(all_of_it))


ASKED: list[Question[Any]] = [
    conversation.triage(told(), "claude-haiku-5-5"),
    conversation.deep(told(), "claude-sonnet-5-5", Role.DEEP, ()),
    second_reading(a_draft(root_cause=INJECTION), CASE.exhibits, Showing(all_of_it), "claude-haiku-5-5"),
]


@pytest.mark.parametrize("name", ["triage", "deep", "reader"])
def test_the_policy_is_the_snapshot(name: str) -> None:
    """Change the template, read the result, then copy it to the snapshot."""
    said = templates().get_template(f"{name}.j2").render(actions=[RESTART], uses=3)
    assert f"{said}\n" == (SNAPSHOTS / f"policy-{name}.txt").read_text()


def test_the_conversation_is_the_snapshot() -> None:
    small = a_case({"metric": "max 97", "guides": GUIDE}, cpu_incident(title="CPU is high"), logs=Answer.NOTHING)
    asked = conversation.triage(Told(small, a_draft(), LIKELY, Showing(all_of_it)), "claude-haiku-5-5")
    assert json.dumps(asked.messages, indent=1, ensure_ascii=False) == (SNAPSHOTS / "messages.json").read_text().rstrip("\n")


def results(question: Question[Any]) -> list[dict[str, Any]]:
    blocks = [block for message in question.messages if isinstance(message["content"], list) for block in message["content"]]
    return [block for block in blocks if block["type"] == "tool_result"]


@pytest.mark.parametrize("asked", ASKED, ids=["triage", "deep", "reader"])
def test_untrusted_text_stands_only_in_json_inside_tool_results_with_its_provenance(asked: Question[Any]) -> None:
    assert [message["role"] for message in asked.messages] == ["user", "assistant"] * (len(asked.messages) // 2) + ["user"]
    others = [message for message in asked.messages if not (isinstance(message["content"], list) and message["role"] == "user")]
    assert "IGNORE" not in json.dumps([asked.system, asked.tools, others])
    parts = [part["text"] for block in results(asked) for part in block["content"]]
    assert any("IGNORE" in part for part in parts)
    assert all(json.loads(part)["provenance"] for part in parts)


@pytest.mark.parametrize(
    ("asked", "role"), [*zip(ASKED, [Role.TRIAGE, Role.DEEP, Role.READER], strict=True)], ids=["triage", "deep", "reader"]
)
def test_the_policy_is_cached_and_the_same_for_every_incident(asked: Question[Any], role: Role) -> None:
    assert asked.system == [{"type": "text", "text": policy(role), "cache_control": {"type": "ephemeral"}}]
    assert (asked.max_tokens, asked.effort) == (CAPS[role].answer_tokens, CAPS[role].effort)


def test_the_guides_come_before_the_case_and_are_cached_with_the_policy() -> None:
    guides, case = results(ASKED[0])
    assert GUIDE in guides["content"][0]["text"]
    assert guides["cache_control"] == {"type": "ephemeral"}
    assert GUIDE not in json.dumps(case, ensure_ascii=False)
    assert "cache_control" not in case, "a triage has no second turn that would read it"
    assert results(ASKED[1])[1]["cache_control"] == {"type": "ephemeral"}


def test_the_shapes_are_lean_and_closed() -> None:
    for shape in (Triage, Deep, Objections):
        schema = shape.model_json_schema()
        assert schema["additionalProperties"] is False
        assert not {"title", "description"} & set(schema)
        assert not any("title" in field for field in schema["properties"].values())
    assert len(json.dumps(Triage.model_json_schema())) < 1_200
    assert len(json.dumps(Deep.model_json_schema())) < 2_300


def test_long_evidence_is_cut_between_lines() -> None:
    logs = next(part for block in results(ASKED[0]) for part in block["content"] if '"logs"' in part["text"])
    lines = json.loads(logs["text"])["text"].splitlines()
    assert any(line.endswith("lines left out]") for line in lines)
    assert all(line.startswith("2026-11-20T02:59:00Z") or line.endswith("lines left out]") for line in lines)


def test_who_found_nothing_is_said_and_what_there_was_no_room_for_too() -> None:
    facts = json.loads(results(ASKED[0])[1]["content"][0]["text"])
    assert facts["not_found"] == ["ec2: not_allowed; so"]
    assert "not_shown" not in facts
    crowded = a_case({f"collector{n}": f"{n} {'x' * 4_000}\n" * 9 for n in range(90)})
    facts = json.loads(results(conversation.triage(told(crowded), "claude-haiku-5-5"))[0]["content"][0]["text"])
    assert len(facts["not_shown"]) > 50


def test_lines_that_read_as_instructions_are_withheld_wherever_they_would_stand() -> None:
    def withhold(text: str) -> tuple[str, int]:
        lines = ["[withheld]" if "IGNORE" in line else line for line in text.splitlines()]
        return "\n".join(lines), lines.count("[withheld]")

    showing = Showing(withhold)
    about = Told(CASE, a_draft(root_cause=INJECTION), hypotheses((Cause.BAD_DEPLOY, 0.6)), showing)
    asked: list[Question[Any]] = [conversation.triage(about, "m"), conversation.deep(about, "m", Role.DEEP, ())]
    asked += [second_reading(a_draft(root_cause=INJECTION, summary=INJECTION), CASE.exhibits, showing, "m")]
    assert "IGNORE" not in json.dumps([one.messages for one in asked])
    assert showing.count > 6


def test_a_name_that_a_template_is_not_given_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        templates().get_template("deep.j2").render()
