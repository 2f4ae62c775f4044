"""The words of the product, as frozen types. Each file is one of them with its small parts."""

from watchkeeper.models.alert import Alert, AlertKind, MetricRef, Resource, Severity, StoredPayload
from watchkeeper.models.analysis import Analysis, Cause, Citation, Engine, Hypothesis, ProposedAction, Route
from watchkeeper.models.audit import AuditRecord, Happening
from watchkeeper.models.delivery import Delivery, DeliveryStatus
from watchkeeper.models.evidence import Answer, Evidence
from watchkeeper.models.execution import Execution, ExecutionStatus, StepResult, Verification
from watchkeeper.models.feedback import Feedback
from watchkeeper.models.incident import Due, DueKind, Incident, Status
from watchkeeper.models.plan import Approval, Plan, Reason, Ruling, Verdict
from watchkeeper.models.step import Phase, Step
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
    "Delivery",
    "DeliveryStatus",
    "Due",
    "DueKind",
    "Engine",
    "Evidence",
    "Execution",
    "ExecutionStatus",
    "Feedback",
    "Happening",
    "Hypothesis",
    "Incident",
    "MetricRef",
    "Phase",
    "Plan",
    "ProposedAction",
    "Reason",
    "Resource",
    "Route",
    "Row",
    "Ruling",
    "Severity",
    "Status",
    "Step",
    "StepResult",
    "StoredPayload",
    "Time",
    "Verdict",
    "Verification",
    "Word",
]
