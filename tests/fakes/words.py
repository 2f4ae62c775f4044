"""Examples of the words, with what a test cares about as arguments."""

from datetime import UTC, datetime
from typing import Any

from watchkeeper.models import Alert, AlertKind, Incident, Resource, Severity, Status

NIGHT = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
INSTANCE = Resource(
    type="ec2:instance",
    id="i-0123456789abcdef0",
    arn="arn:aws:ec2:eu-west-1:123456789012:instance/i-0123456789abcdef0",
    account="123456789012",
    region="eu-west-1",
    trusted=True,
)


def an_alert(**but: Any) -> Alert:
    return Alert.model_validate(
        {
            "source": "cloudwatch",
            "kind": AlertKind.FIRING,
            "title": "CPUUtilization of i-0123456789abcdef0 is above 80",
            "fingerprint": "fp-cpu",
            "occurred_at": NIGHT,
            "service": "checkout",
            "resources": (INSTANCE,),
            "alarm_name": "checkout-cpu-high",
            **but,
        }
    )


def an_incident(**but: Any) -> Incident:
    return Incident.model_validate(
        {
            "id": "INC-01M7WZ49C1ER8E2XA9F4D4TE0W",
            "version": 1,
            "status": Status.OPEN,
            "title": "CPUUtilization of i-0123456789abcdef0 is above 80",
            "severity": Severity.SEV2,
            "service": "checkout",
            "source": "cloudwatch",
            "fingerprint": "fp-cpu",
            "alarm_name": "checkout-cpu-high",
            "resources": (INSTANCE,),
            "opened_at": NIGHT,
            "updated_at": NIGHT,
            "fired_at": NIGHT,
            **but,
        }
    )
