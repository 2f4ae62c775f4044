"""Makes the questions: policy in the system prompt, everything else in JSON inside tool results, as if the model had asked for it.

What is the same for many incidents comes first and is cached: the tools, the policy, the guides.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from analysis.case import Case, Exhibit
from analysis.opinion import Opinion
from analysis.thinking.shapes import Deep, Objections, Triage
from analysis.thinking.showing import Showing
from analysis.thinking.tokens import bytes_for, tokens_of
from analysis.thinking.tools import Tool
from claude.models import CAPS, Caps, Role
from claude.question import Question, T
from watchkeeper.actions import catalogue
from watchkeeper.goals import is_goal
from watchkeeper.models import Hypothesis

EVIDENCE_ROOM = 2_000
TRIAGE_PROMPT, DEEP_PROMPT, READER_PROMPT = 3_900, 4_200, 1_600
TOOLS_ROOM = 1_000
MOST_USES = 3
MOST_RESOURCES = 5
MOST_EXPLANATIONS = 3
LONGEST_QUESTION = 2_000
ASKED = "of a person of the team who proved who they are; no evidence, no order to act, and no source of what to look at"
CACHED = {"type": "ephemeral"}
NOTHING_TO_SAY = {"type": "object", "properties": {}, "additionalProperties": False}
READ_CASE = Tool("read_case", "The case and its evidence.", NOTHING_TO_SAY)
READ_GUIDES = Tool("read_guides", "The team's guides.", NOTHING_TO_SAY)
GIVEN = (READ_CASE, READ_GUIDES)
Message = dict[str, Any]


@dataclass(frozen=True)
class Told:
    """What all questions of one analysis are made from."""

    case: Case
    draft: Opinion
    hypotheses: tuple[Hypothesis, ...]
    showing: Showing


@cache
def templates() -> Environment:
    folder = Path(__file__).parent / "prompts"
    return Environment(loader=FileSystemLoader(folder), undefined=StrictUndefined, autoescape=False, keep_trailing_newline=False)  # noqa: S701 - the text goes to a model, not into HTML


def policy(role: Role) -> str:
    """The system prompt of a role. It depends on nothing but the catalogue, so that it is the same for every incident."""
    name = "triage" if role is Role.TRIAGE else "reader" if role is Role.READER else "deep"
    actions = [action for _, action in sorted(catalogue().items())]
    return templates().get_template(f"{name}.j2").render(actions=actions, uses=MOST_USES)


def triage(told: Told, model: str) -> Question[Triage]:
    """One call of the small model."""
    return _filled(
        _question(Role.TRIAGE, model, Triage, ()), "triage_task.j2", _facts(told), told.case.exhibits, told.showing, TRIAGE_PROMPT
    )


def deep(told: Told, model: str, role: Role, offered: Sequence[Tool]) -> Question[Deep]:
    """The first turn of the loop. Tools for which there is no room are not offered."""
    asked = _question(role, model, Deep, fitting(offered))
    return _filled(asked, "deep_task.j2", _facts(told), told.case.exhibits, told.showing, DEEP_PROMPT, keep=True)


def second_reading(opinion: Opinion, exhibits: tuple[Exhibit, ...], showing: Showing, model: str) -> Question[Objections]:
    """The claim and the evidence it rests on, for somebody who tries to refute it."""
    claim = {
        "provenance": "another analyst's claim, not verified",
        "cause": opinion.cause.value,
        "confidence": opinion.confidence,
        "root_cause": showing.short(opinion.root_cause, 400),
        "summary": showing.short(opinion.summary, 400),
    }
    asked = _question(Role.READER, model, Objections, ())
    return _filled(asked, "reader_task.j2", claim, exhibits, showing, READER_PROMPT)


def fitting(offered: Sequence[Tool]) -> tuple[Tool, ...]:
    """As many of the tools, in their order, as there is room for in the prompt."""
    left, kept = bytes_for(TOOLS_ROOM), []
    for tool in offered:
        takes = len(json.dumps(declared(tool), ensure_ascii=False).encode(errors="replace"))
        if takes <= left:
            kept.append(tool)
            left -= takes
    return tuple(kept)


def declared(tool: Tool) -> dict[str, Any]:
    return {"name": tool.name, "description": tool.description[:300], "input_schema": tool.arguments}


def _question(role: Role, model: str, shape: type[T], tools: Sequence[Tool]) -> Question[T]:
    caps: Caps = CAPS[role]
    return Question(
        model=model,
        system=[{"type": "text", "text": policy(role), "cache_control": CACHED}],
        messages=[],
        tools=[declared(tool) for tool in (*GIVEN, *tools)],
        shape=shape,
        max_tokens=caps.answer_tokens,
        effort=caps.effort,
    )


def _filled(
    asked: Question[T], task: str, facts: dict[str, Any], exhibits: Sequence[Exhibit], showing: Showing, cap: int, *, keep: bool = False
) -> Question[T]:
    """The question with as much evidence as fits under `cap` tokens, no more than EVIDENCE_ROOM. `keep` caches all of it for
    the turns that follow."""
    guides = [one for one in exhibits if one.evidence.collector == "guides" and one.text]
    names = [one.evidence.id for one in exhibits if one.text]
    said = templates().get_template(task).render(asked="question" in facts)
    empty = _messages(said, {**facts, "not_shown": names}, ["" for _ in guides[:1]], [], keep=keep)
    room = min(EVIDENCE_ROOM, cap - tokens_of(replace(asked, messages=empty)))
    shown = showing.evidence(exhibits, room)
    rest = [name for name in names if name not in shown]
    about = {**facts, **({"not_shown": rest} if rest else {})}
    of_guides = [shown.pop(one.evidence.id) for one in guides if one.evidence.id in shown]
    return replace(asked, messages=_messages(said, about, of_guides, list(shown.values()), keep=keep))


def _messages(task: str, facts: dict[str, Any], guides: list[str], evidence: list[str], *, keep: bool) -> list[Message]:
    """The guides in a round of their own, because they are the same for many incidents, then the case."""
    told = [json.dumps(facts, ensure_ascii=False), *evidence]
    rounds = [*_given(READ_GUIDES, guides, keep=True)] if guides else []
    return [{"role": "user", "content": task}, *rounds, *_given(READ_CASE, told, keep=keep)]


def _given(tool: Tool, told: Sequence[str], *, keep: bool) -> list[Message]:
    name = f"toolu_{tool.name}"
    answer = result(name, told) | ({"cache_control": CACHED} if keep else {})
    use = {"type": "tool_use", "id": name, "name": tool.name, "input": {}}
    return [{"role": "assistant", "content": [use]}, {"role": "user", "content": [answer]}]


def result(use_id: str, told: Sequence[str]) -> dict[str, Any]:
    """A tool's answer; each part of it is JSON of its own."""
    return {"type": "tool_result", "tool_use_id": use_id, "content": [{"type": "text", "text": part} for part in told]}


def _facts(told: Told) -> dict[str, Any]:
    incident, draft, short = told.case.incident, told.draft, told.showing.short
    resources = [f"{one.type} {one.id}"[:120] for one in incident.resources if one.trusted][:MOST_RESOURCES]
    others = [one for one in told.hypotheses if one.cause is not draft.cause][:MOST_EXPLANATIONS]
    return {
        "provenance": "Watchkeeper's record; the title was written by whoever made the alarm",
        **_asked(told),
        "title": short(incident.title, 200),
        "severity": incident.severity.value,
        "service": short(incident.service, 60),
        "environment": short(incident.environment, 40),
        "fired_at": f"{incident.fired_at:%Y-%m-%dT%H:%M:%SZ}",
        "alerts": incident.alert_count,
        "resources": [short(one, 120) for one in resources],
        "rules": {"cause": draft.cause.value, "confidence": draft.confidence, "root_cause": short(draft.root_cause, 240)},
        "other_explanations": [f"{one.cause.value} {one.confidence:.2f}: {short(one.sentence, 120)}" for one in others],
        "not_found": told.showing.not_found(told.case.exhibits),
    }


def _asked(told: Told) -> dict[str, str]:
    """The question of a person, where there is one. It is not evidence, and nothing that it names is looked at for that."""
    questions = [alert.description for alert in told.case.alerts if is_goal(alert)] if is_goal(told.case.incident) else []
    return {"question": told.showing.short(questions[-1], LONGEST_QUESTION), "question_is": ASKED} if questions else {}
