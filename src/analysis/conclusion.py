"""The checked opinion becomes the analysis of record, and the change that tells everyone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from analysis.case import Case
from analysis.check import Checked
from analysis.thought import Thought
from watchkeeper.change import Change, change
from watchkeeper.messages import AnalysisCompleted
from watchkeeper.models import Analysis, Cause, Engine, Evidence, Happening, Hypothesis, Incident, Step


@dataclass(frozen=True)
class Made:
    """How an analysis came about. `name` is the id of the message that asked, so that one asking makes one analysis."""

    engine: Engine
    name: str
    at: datetime
    signature: str
    thought: Thought
    hypotheses: tuple[Hypothesis, ...] = ()
    notes: tuple[str, ...] = ()


def conclude(checked: Checked, case: Case, made: Made) -> Analysis:
    """The analysis of record. What the model used is counted even where its answer was not."""
    said = {field: getattr(checked.opinion, field) for field in type(checked.opinion).model_fields}
    own = (*case.missing, *checked.opinion.missing)
    thought = made.thought
    return Analysis.model_validate(
        {
            **said,
            "id": made.name,
            "engine": made.engine,
            "route": thought.route,
            "model": thought.model,
            "missing": tuple(dict.fromkeys(own)),
            "dropped_citations": checked.dropped,
            "notes": tuple(note for note in (*made.notes, *checked.notes) if note),
            "signature": made.signature,
            "hypotheses": made.hypotheses,
            "sources": _sources(checked, case),
            "tokens_in": thought.usage.prompt,
            "tokens_out": thought.usage.out,
            "cost_usd": round(thought.cost_usd, 6),
            "made_at": made.at,
        }
    )


def _sources(checked: Checked, case: Case) -> dict[str, str]:
    cited = {citation.evidence_id for citation in checked.opinion.citations}
    return {one.evidence.id: one.evidence.collector for one in case.exhibits if one.evidence.id in cited}


def completed(
    incident: Incident, analysis: Analysis, evidence: Sequence[Evidence], steps: Sequence[Step], at: datetime
) -> Change:  # fmt: skip
    """Evidence, steps and analysis are new rows, the claim's due is over, and remediation is told."""
    told = AnalysisCompleted(incident_id=incident.id, analysis_id=analysis.id, resource_group=incident.group, trace_id=incident.trace_id)
    return change(
        incident,
        [Happening(actor="analysis", kind="analysis.completed", says=_says(analysis), detail=_detail(analysis, evidence))],
        at,
        rows=steps,
        new=[*evidence, analysis],
        owed=[told],
        analysis_id=analysis.id,
        due=None,
    )


def _says(analysis: Analysis) -> str:
    if analysis.cause is Cause.UNKNOWN:
        return f"The cause is not known: {analysis.root_cause}"
    return f"Likely cause ({analysis.confidence:.0%}): {analysis.root_cause}"


def _detail(analysis: Analysis, evidence: Sequence[Evidence]) -> dict[str, object]:
    return {
        "analysis_id": analysis.id,
        "engine": analysis.engine.value,
        "cause": analysis.cause.value,
        "confidence": analysis.confidence,
        "citations": len(analysis.citations),
        "dropped_citations": analysis.dropped_citations,
        "proposed": [proposal.action for proposal in analysis.proposed],
        "evidence": {one.id: one.answer.value for one in evidence},
        "sha256": {one.id: one.sha256 for one in evidence if one.sha256},
        "cost_usd": analysis.cost_usd,
        "case_sha256": analysis.case_sha256,
    }
