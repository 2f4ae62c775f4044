"""Everything there is to tell of an incident, read once. What cards, pages and the command line show is made from this."""

from collections.abc import Iterable
from dataclasses import dataclass

from watchkeeper.models import Alert, Analysis, Approval, AuditRecord, Delivery, Evidence, Execution, Incident, Plan, Step, Verification
from watchkeeper.ports import Incidents


@dataclass(frozen=True)
class Story:
    """The incident with what hangs on it. `analysis`, `plan` and `execution` are the ones that count now; `steps` are how the
    newest analysis came about, or comes about just now."""

    incident: Incident
    history: tuple[AuditRecord, ...]
    alerts: tuple[Alert, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    analysis: Analysis | None = None
    plan: Plan | None = None
    approvals: tuple[Approval, ...] = ()
    execution: Execution | None = None
    verification: Verification | None = None
    deliveries: tuple[Delivery, ...] = ()
    steps: tuple[Step, ...] = ()


def tell(incidents: Incidents, incident_id: str) -> Story | None:
    """The story as it stands, or none where there is no such incident."""
    incident = incidents.load(incident_id)
    if incident is None:
        return None
    return Story(
        incident=incident,
        history=tuple(incidents.history(incident_id)),
        alerts=tuple(incidents.rows(incident_id, Alert)),
        evidence=tuple(incidents.rows(incident_id, Evidence)),
        analysis=incidents.row(incident_id, Analysis, incident.analysis_id) if incident.analysis_id else None,
        plan=incidents.row(incident_id, Plan, incident.plan_id) if incident.plan_id else None,
        approvals=tuple(incidents.rows(incident_id, Approval)),
        execution=incidents.row(incident_id, Execution, incident.execution_id) if incident.execution_id else None,
        verification=incidents.row(incident_id, Verification, incident.execution_id) if incident.execution_id else None,
        deliveries=tuple(incidents.rows(incident_id, Delivery)),
        steps=newest(incidents.rows(incident_id, Step)),
    )


def newest(steps: Iterable[Step]) -> tuple[Step, ...]:
    """Those of one analysis, in their order: an incident that was analysed again tells how it was the last time."""
    every = sorted(steps, key=lambda step: step.number)
    last = max(every, key=lambda step: step.at, default=None)
    return tuple(step for step in every if last and step.analysis_id == last.analysis_id)
