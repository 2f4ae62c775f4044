"""The thing people talk about."""

from enum import StrEnum

from pydantic import ConfigDict, Field

from watchkeeper.models.alert import Resource, Severity
from watchkeeper.models.word import Time, Word


class Status(StrEnum):
    OPEN = "open"
    INVESTIGATING = "investigating"
    AWAITING_APPROVAL = "awaiting_approval"
    REMEDIATING = "remediating"
    VERIFYING = "verifying"
    RESOLVED = "resolved"
    ESCALATED = "escalated"
    SUPPRESSED = "suppressed"

    @property
    def ended(self) -> bool:
        return self in {Status.RESOLVED, Status.SUPPRESSED}


class DueKind(StrEnum):
    """What the sweeper has to ask for, when its time has come and nobody did."""

    ANALYSIS = "analysis"
    APPROVAL = "approval"
    EXECUTION = "execution"
    VERIFICATION = "verification"


class Due(Word):
    kind: DueKind
    at: Time


class Incident(Word):
    """The META row. Everything that hangs on it lies beside it in its partition; every change raises `version` by one."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    schema_version: int = 1
    id: str
    version: int = Field(ge=0, description="0 for one that is not written yet")
    status: Status
    title: str
    severity: Severity
    service: str
    environment: str = ""
    account: str = ""
    region: str = ""
    source: str
    fingerprint: str
    alarm_name: str = ""
    resources: tuple[Resource, ...] = ()
    opened_at: Time
    updated_at: Time
    fired_at: Time
    resolved_at: Time | None = None
    cleared_at: Time | None = Field(default=None, description="when the alarm last said OK; none while it fires")
    alert_count: int = 1
    firing: tuple[str, ...] = Field(default=(), description="fingerprints that fire in it, its own first; when none is left it has cleared")
    touched: tuple[str, ...] = Field(default=(), description="names of the resources that its alerts spoke of, the first twenty")
    services: tuple[str, ...] = Field(default=(), description="the services of its alerts, the first twenty")
    deployment: str = Field(default="", description="what the first alert said was deployed")
    trace_id: str = ""
    analysis_claim: str = Field(default="", description="the message that is analysing, so that another one leaves it alone")
    analysis_id: str = ""
    plan_id: str = ""
    execution_id: str = ""
    due: Due | None = None
    audit_length: int = 0
    audit_head: str = ""

    @property
    def group(self) -> str:
        """Actions on one resource never overlap: the message group of the remediation queue."""
        return self.resources[0].arn or self.resources[0].id if self.resources else self.id
