"""The words of the product, as frozen types. Each file is one of them with its small parts."""

from watchkeeper.models.alert import Alert, AlertKind, MetricRef, Resource, Severity, StoredPayload
from watchkeeper.models.analysis import Analysis, Cause, Citation, Engine, Hypothesis, ProposedAction, Route
from watchkeeper.models.audit import AuditRecord, Happening
from watchkeeper.models.delivery import Delivery, DeliveryStatus
from watchkeeper.models.evidence import Answer, Evidence
from watchkeeper.models.execution import Execution, ExecutionStatus, StepResult, Verification
from watchkeeper.models.feedback import Feedback
from watchkeeper.models.incident import Due, DueKind, Incident, Status
from watchkeeper.models.opinion import Objection, Opinion, PlanShown
from watchkeeper.models.plan import Approval, Fleet, Plan, Reason, Rehearsed, Ruling, Verdict
from watchkeeper.models.step import Phase, Step
from watchkeeper.models.track import Claimed, Revised, Run, Standing, Track
from watchkeeper.models.word import Row, Time, Word

__all__ = [
    "Alert",
    "AlertKind",
    "Analysis",
    "Answer",
    "Approval",
    "AuditRecord",
    "Cause",
    "Citation",
    "Claimed",
    "Delivery",
    "DeliveryStatus",
    "Due",
    "DueKind",
    "Engine",
    "Evidence",
    "Execution",
    "ExecutionStatus",
    "Feedback",
    "Fleet",
    "Happening",
    "Hypothesis",
    "Incident",
    "MetricRef",
    "Objection",
    "Opinion",
    "Phase",
    "Plan",
    "PlanShown",
    "ProposedAction",
    "Reason",
    "Rehearsed",
    "Resource",
    "Revised",
    "Route",
    "Row",
    "Ruling",
    "Run",
    "Severity",
    "Standing",
    "Status",
    "Step",
    "StepResult",
    "StoredPayload",
    "Time",
    "Track",
    "Verdict",
    "Verification",
    "Word",
]
