"""Makes the question for Claude: policy in the system prompt, everything untrusted in JSON inside tool results."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from analysis.case import Case, Exhibit
from analysis.opinion import Opinion
from claude.question import Question
from watchkeeper.actions import catalogue

MAX_TOKENS = 2_500
FROM_THE_START, FROM_THE_END = 8_000, 4_000
TOOLS: list[dict[str, Any]] = [
    {
        "name": "read_incident",
        "description": "The incident as Watchkeeper holds it, and what its fixed rules made of the evidence.",
        "input_schema": {"type": "object", "properties": {}, "additionalProperties": False},
    },
    {
        "name": "read_evidence",
        "description": "One piece of evidence with its provenance.",
        "input_schema": {
            "type": "object",
            "properties": {"evidence_id": {"type": "string"}},
            "required": ["evidence_id"],
            "additionalProperties": False,
        },
    },
]


@cache
def _templates() -> Environment:
    folder = Path(__file__).parent / "prompts"
    return Environment(loader=FileSystemLoader(folder), undefined=StrictUndefined, autoescape=False, keep_trailing_newline=False)  # noqa: S701 - the text goes to a model, not into HTML


def policy() -> str:
    """The system prompt. It depends on nothing but the catalogue, so that it is the same for every incident and is cached."""
    actions = [action for _, action in sorted(catalogue().items())]
    return _templates().get_template("policy.j2").render(actions=actions)


def question(case: Case, draft: Opinion, model: str) -> Question[Opinion]:
    """The conversation as if the model had already asked for everything: it gets all evidence in one request."""
    results: list[tuple[str, dict[str, str], str]] = [("read_incident", {}, _incident(case, draft))]
    results += [("read_evidence", {"evidence_id": exhibit.evidence.id}, _evidence(exhibit)) for exhibit in case.exhibits]
    uses = [
        {"type": "tool_use", "id": f"toolu_{number:02d}", "name": name, "input": given} for number, (name, given, _) in enumerate(results)
    ]
    answers = [
        {"type": "tool_result", "tool_use_id": f"toolu_{number:02d}", "content": [{"type": "text", "text": told}]}
        for number, (_, _, told) in enumerate(results)
    ]
    task = _templates().get_template("task.j2").render(count=len(case.exhibits))
    return Question(
        model=model,
        system=[{"type": "text", "text": policy(), "cache_control": {"type": "ephemeral"}}],
        messages=[{"role": "user", "content": task}, {"role": "assistant", "content": uses}, {"role": "user", "content": answers}],
        tools=TOOLS,
        shape=Opinion,
        max_tokens=MAX_TOKENS,
    )


def _incident(case: Case, draft: Opinion) -> str:
    incident = case.incident
    return json.dumps(
        {
            "provenance": "Watchkeeper's own record; the title was written by whoever made the alarm",
            "incident_id": incident.id,
            "title": incident.title,
            "severity": incident.severity.value,
            "service": incident.service,
            "environment": incident.environment,
            "source": incident.source,
            "fired_at": incident.fired_at.isoformat(),
            "alerts": incident.alert_count,
            "resources": [f"{resource.type} {resource.id}" for resource in incident.resources if resource.trusted],
            "rules_draft": draft.model_dump(mode="json", include={"root_cause", "cause", "confidence", "citations"}),
        },
        ensure_ascii=False,
    )


def _evidence(exhibit: Exhibit) -> str:
    evidence = exhibit.evidence
    return json.dumps(
        {
            "provenance": exhibit.provenance,
            "evidence_id": evidence.id,
            "collector": evidence.collector,
            "asked": evidence.asked,
            "answer": evidence.answer.value,
            "summary": evidence.summary,
            "why": evidence.why,
            "text": _trimmed(exhibit.text),
        },
        ensure_ascii=False,
    )


def _trimmed(text: str) -> str:
    """Beginning and end, cut between lines. Citations are looked up in the whole, so nothing quotable is made up by the cut."""
    if len(text) <= FROM_THE_START + FROM_THE_END:
        return text
    head = text[:FROM_THE_START].rpartition("\n")[0] or text[:FROM_THE_START]
    tail = text[-FROM_THE_END:].partition("\n")[2] or text[-FROM_THE_END:]
    return f"{head}\n[{len(text) - len(head) - len(tail)} characters left out here]\n{tail}"
