"""SSM Automation tells EventBridge that an execution or one of its steps has a new status. A reason to look, not an alert."""

from collections.abc import Iterator

from reception.fields import Body, mapping, moment, text
from reception.sources.registry import AutomationChanged, Received, source


def is_automation_event(body: Body) -> bool:
    return body.get("source") == "aws.ssm" and "Automation" in text(body, "detail-type") and "ExecutionId" in mapping(body.get("detail"))


@source(
    "automation",
    samples=("events/ssm-automation-status.json",),
    recognises=is_automation_event,
    vendor="AWS Systems Manager Automation",
    docs="https://docs.aws.amazon.com/systems-manager/latest/userguide/monitoring-eventbridge-events.html",
)
def read_automation(body: Body, received: Received) -> Iterator[AutomationChanged]:
    """Which execution, and since when it is what."""
    detail = mapping(body["detail"])
    yield AutomationChanged(
        execution_id=text(detail, "ExecutionId") or "unknown",
        status=text(detail, "Status") or "changed",
        at=moment(body.get("time"), received.at),
    )
