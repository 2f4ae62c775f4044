"""The briefing for a pager: what wakes somebody, and what stands on an incident's timeline. Plain text, and short."""

import json
from dataclasses import dataclass
from typing import Any

from distribution.briefing import Briefing
from distribution.layout.templates import render
from distribution.moments import MOMENTS
from distribution.wording import clean, clock_time, cut, one_line, pieces
from watchkeeper.models import AuditRecord, Severity
from watchkeeper.story import Story

LONGEST_SUMMARY = 1024
LONGEST_SOURCE = 255
LONGEST_NOTE = 2_000
LONGEST_DETAIL = 1_000
SEVERITIES = {Severity.SEV1: "critical", Severity.SEV2: "error", Severity.SEV3: "warning", Severity.SEV4: "info"}
ACTIONS = {"approval.given": "acknowledge", "incident.resolved": "resolve"}
TAKEOVER = "takeover"
Body = dict[str, Any]


@dataclass(frozen=True)
class Page:
    """One event. `body` is what stands beside its action and its key; only a trigger has any."""

    action: str
    dedup_key: str
    body: Body


def page(briefing: Briefing, story: Story, record: AuditRecord) -> tuple[Page, ...]:
    """The events for one moment. PagerDuty pages nobody about what is acknowledged, so when a person has to take over after
    somebody has agreed to a plan, that is raised under a key of its own; the end resolves both."""
    ours = story.incident.id
    later = f"{ours}/{TAKEOVER}"
    agreed = any(one.kind == "approval.given" and one.seq < record.seq for one in story.history)
    action = ACTIONS.get(record.kind, "trigger")
    if action == "trigger":
        key = later if agreed and record.kind == "incident.escalated" else ours
        return (Page(action, key, _body(briefing, story, record)),)
    return tuple(Page(action, key, {}) for key in ((ours, later) if action == "resolve" and agreed else (ours,)))


def note(briefing: Briefing, record: AuditRecord) -> list[str]:
    """What is said of one happening, in as few notes as hold it. Each ends with a line by which it is found again."""
    told = MOMENTS[record.kind]
    text = render(
        "pagerduty/note.txt.j2", b=briefing, heading=told.heading, says=clean(record.says), at=clock_time(record.at), parts=told.parts
    )
    lines = "\n".join(line.rstrip() for line in text.splitlines() if line.strip())
    parts = pieces(lines, LONGEST_NOTE - 100)
    return [f"{part}\n{mark(briefing.id, record.seq, number)}" for number, part in enumerate(parts, start=1)]


def mark(incident_id: str, seq: int, number: int) -> str:
    return f"Watchkeeper {incident_id}, moment {seq}" + (f".{number}" if number > 1 else "")


def _body(briefing: Briefing, story: Story, record: AuditRecord) -> Body:
    found: Body = json.loads(render("pagerduty/event.json.j2", b=briefing, at=record.at.isoformat(), **_named(briefing, story, record)))
    details = found["payload"]["custom_details"]
    found["payload"]["custom_details"] = {name: cut(text, LONGEST_DETAIL) for name, text in details.items() if text}
    return found


def _named(briefing: Briefing, story: Story, record: AuditRecord) -> dict[str, str]:
    """What PagerDuty bounds, or has words of its own for."""
    about = next((resource.id for resource in story.incident.resources), "") or briefing.service
    heading = "" if record.kind == "incident.opened" else f"{MOMENTS[record.kind].heading}: "
    return {
        "summary": cut(one_line(f"{heading}{briefing.severity} {briefing.service}: {briefing.title}"), LONGEST_SUMMARY),
        "source": cut(one_line(about), LONGEST_SOURCE) or "watchkeeper",
        "severity": SEVERITIES[story.incident.severity],
    }
