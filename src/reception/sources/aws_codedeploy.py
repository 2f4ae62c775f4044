"""AWS CodeDeploy: a deployment failed; the next of the same group that succeeds ends it."""

from collections.abc import Iterator

from reception.eventbridge import News, alert, event_of, is_from
from reception.fields import Body, text
from reception.sources.registry import Received, source
from watchkeeper.models import Alert, AlertKind, Severity

KINDS = {"FAILURE": AlertKind.FIRING, "SUCCESS": AlertKind.RESOLVED}
SAYS = {
    "FAILURE": "failed",
    "SUCCESS": "succeeded",
    "STOP": "was stopped",
    "START": "started",
    "READY": "is ready",
}


@source(
    "codedeploy",
    samples=("events/codedeploy-failure.json", "events/codedeploy-success.json"),
    recognises=lambda body: is_from(body, "codedeploy", "CodeDeploy Deployment State-change Notification"),
    vendor="AWS CodeDeploy",
    docs="https://docs.aws.amazon.com/codedeploy/latest/userguide/monitoring-cloudwatch-events.html",
)
def read_deployment(body: Body, received: Received) -> Iterator[Alert]:
    """One change of a deployment's state is one alert of its deployment group. Only a failure fires."""
    event = event_of(body, received)
    detail, state = event.detail, text(event.detail, "state").upper()
    name = "/".join(part for part in (text(detail, "application"), text(detail, "deploymentGroup")) if part) or "without a name"
    deployment = text(detail, "deploymentId")
    yield alert(
        "codedeploy",
        event,
        News(
            kind=KINDS.get(state, AlertKind.INFO),
            title=f"Deployment of {name} {SAYS.get(state) or state.lower() or 'changed'}",
            about=(name,),
            severity=Severity.SEV2 if state == "FAILURE" else Severity.SEV3,
            vendor_severity=state,
            resources=event.named(),
            labels={"deployment": deployment, "application": text(detail, "application")},
            console=f"codesuite/codedeploy/deployments/{deployment}?region={event.place.region}" if deployment else "",
        ),
    )
