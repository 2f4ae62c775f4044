"""The checked opinion becomes the analysis of record, and the change that tells everyone."""

from collections.abc import Sequence
from datetime import datetime

from analysis.case import Case
from analysis.check import Checked
from analysis.reasoner import Second
from watchkeeper.change import Change, change
from watchkeeper.messages import AnalysisCompleted
from watchkeeper.models import Analysis, Cause, Engine, Evidence, Happening, Incident


def conclude(
    checked: Checked, engine: Engine, case: Case, name: str, signature: str, at: datetime, second: Second, notes: Sequence[str]
) -> Analysis:
    """`name` is the id of the message that asked, so that one asking makes one analysis. What the model used is counted
    even where its answer was not."""
    said = {field: getattr(checked.opinion, field) for field in type(checked.opinion).model_fields}
    own = (*case.missing, *checked.opinion.missing)
    return Analysis.model_validate(
        {
            **said,
            "id": name,
            "engine": engine,
            "model": second.model,
            "missing": tuple(dict.fromkeys(own)),
            "dropped_citations": checked.dropped,
            "notes": tuple(note for note in (*notes, *checked.notes) if note),
            "signature": signature,
            "tokens_in": second.usage.prompt,
            "tokens_out": second.usage.out,
            "cost_usd": round(second.cost_usd, 6),
            "made_at": at,
        }
    )


def completed(incident: Incident, analysis: Analysis, evidence: Sequence[Evidence], at: datetime) -> Change:
    """Evidence and analysis are new rows, the claim's due is over, and remediation is told."""
    told = AnalysisCompleted(incident_id=incident.id, analysis_id=analysis.id, resource_group=incident.group, trace_id=incident.trace_id)
    return change(
        incident,
        [Happening(actor="analysis", kind="analysis.completed", says=_says(analysis), detail=_detail(analysis, evidence))],
        at,
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
    }
