"""One normalised signal, whatever tool sent it."""

from enum import StrEnum
from typing import ClassVar

from pydantic import Field

from watchkeeper.ids import token
from watchkeeper.models.word import Row, Time, Word


class AlertKind(StrEnum):
    FIRING = "firing"
    RESOLVED = "resolved"
    INFO = "info"


class Severity(StrEnum):
    """One scale for all tools; SEV1 is the worst."""

    SEV1 = "sev1"
    SEV2 = "sev2"
    SEV3 = "sev3"
    SEV4 = "sev4"

    def at_least(self, other: "Severity") -> bool:
        return self.value <= other.value


class Resource(Word):
    """Something in the account that the alert is about. `trusted` says that an authenticated field named it, not free text."""

    type: str = Field(description="as AWS Config would write it in lower case: ec2:instance, ecs:service, logs:log-group …")
    id: str = Field(description="the id within its type: i-0abc, cluster/service, /aws/lambda/name")
    arn: str = ""
    account: str = ""
    region: str = ""
    trusted: bool = False


class MetricRef(Word):
    """Which series crossed which line."""

    namespace: str
    name: str
    dimensions: dict[str, str] = {}
    statistic: str = ""
    period_seconds: int = 60
    evaluation_periods: int = 1
    comparison: str = ""
    threshold: float | None = None


class StoredPayload(Word):
    """Where the raw bytes lie, and what they hash to."""

    bucket: str
    key: str
    sha256: str
    size: int


class Alert(Row):
    prefix: ClassVar[str] = "ALERT"

    source: str
    kind: AlertKind
    title: str
    fingerprint: str
    occurred_at: Time
    severity: Severity = Severity.SEV3
    vendor_severity: str = ""
    service: str = "unknown"
    environment: str = ""
    account: str = ""
    region: str = ""
    description: str = ""
    resources: tuple[Resource, ...] = ()
    metric: MetricRef | None = None
    alarm_name: str = Field(default="", description="the CloudWatch alarm that verification asks, if one fired")
    log_excerpt: str = ""
    labels: dict[str, str] = {}
    links: dict[str, str] = {}
    raw: StoredPayload | None = None

    @property
    def key(self) -> str:
        """The same signal, delivered again, has the same id."""
        return token(self.source, self.fingerprint, self.kind, self.occurred_at.isoformat())
