"""What the models are asked to answer, in as few words as a schema can have: it is paid for with every call.

The fields have the names of Opinion's. A triage says little, and what it does not say is the draft's, as long as both speak
of the same cause; where they do not, it is what the rules would say of that cause, and nothing is proposed.
"""

from enum import StrEnum
from typing import Any

from pydantic import ConfigDict, Field

from analysis.analyst import rules
from analysis.opinion import Opinion
from watchkeeper.models import Cause, Citation, ProposedAction, Severity, Word


def _bare(schema: dict[str, Any]) -> None:
    """Titles and docstrings are for people."""
    schema.pop("title", None)
    schema.pop("description", None)
    for field in schema.get("properties", {}).values():
        field.pop("title", None)


class Brief(Word):
    model_config = ConfigDict(json_schema_extra=_bare)


class Quote(Brief):
    evidence_id: str
    quote: str = Field(description="one line, letter by letter")


class Proposal(Brief):
    action: str
    why: str


class Triage(Brief):
    """The answer of the small model."""

    summary: str
    root_cause: str
    cause: Cause
    confidence: float = Field(ge=0, le=1)
    citations: tuple[Quote, ...]
    missing: tuple[str, ...]


class Deep(Brief):
    """The answer of the larger one: all that an opinion has."""

    summary: str = Field(description="two sentences")
    root_cause: str = Field(description="one sentence")
    cause: Cause
    confidence: float = Field(ge=0, le=1)
    severity: Severity
    severity_why: str
    impact: str
    contributing: tuple[str, ...]
    citations: tuple[Quote, ...]
    missing: tuple[str, ...]
    steps: tuple[str, ...] = Field(description="for a person")
    proposed: tuple[Proposal, ...] = Field(description="of the catalogue, or none")
    prevention: tuple[str, ...]
    plain_words: str = Field(description="for somebody who reads no logs")


class ReadersVerdict(StrEnum):
    STANDS = "stands"
    WEAK = "weak"
    REFUTED = "refuted"


class Objection(Brief):
    sentence: str
    evidence_id: str
    quote: str


class Objections(Brief):
    """The answer of the second reader."""

    objections: tuple[Objection, ...]
    verdict: ReadersVerdict


def from_triage(said: Triage, draft: Opinion) -> Opinion:
    """The triage's words upon the draft."""
    own = {"summary": said.summary, "root_cause": said.root_cause, "cause": said.cause, "confidence": said.confidence}
    missing = tuple(dict.fromkeys((*draft.missing, *said.missing)))
    return draft.but(**own, citations=_citations(said.citations), missing=missing, **_of_the_cause(said.cause, draft))


def from_deep(said: Deep) -> Opinion:
    """The larger model's words as they are."""
    proposed = tuple(ProposedAction(action=one.action, why=one.why) for one in said.proposed)
    return Opinion.model_validate({**dict(said), "citations": _citations(said.citations), "proposed": proposed})


def _citations(quotes: tuple[Quote, ...]) -> tuple[Citation, ...]:
    return tuple(Citation(evidence_id=one.evidence_id, quote=one.quote) for one in quotes)


def _of_the_cause(cause: Cause, draft: Opinion) -> dict[str, object]:
    """What goes with another cause than the draft's. No action is among it: that a model says so is no reason to act."""
    if cause is draft.cause:
        return {}
    rule = next((rule for rule in rules() if rule.cause is cause), None)
    if rule is None:
        return {"impact": "", "steps": ("Read the cited lines, then decide.",), "prevention": (), "plain_words": "", "proposed": ()}
    of_rule = {"impact": rule.impact, "steps": rule.steps, "prevention": rule.prevention, "plain_words": rule.plain_words}
    return {**of_rule, "proposed": ()}
