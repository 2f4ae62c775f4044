"""Amazon EC2: an instance stopped, and runs again.

A terminated instance never comes back, and scaling terminates them all day: it only informs, and joins what is open. A group
that cannot replace it says so itself (`autoscaling`).
"""

from collections.abc import Iterator

from reception.eventbridge import News, alert, event_of, is_from
from reception.fields import Body, text
from reception.resources import from_dimensions
from reception.sources.registry import Received, source
from watchkeeper.models import Alert, AlertKind

KINDS = {"stopped": AlertKind.FIRING, "running": AlertKind.RESOLVED}
SAYS = {"running": "runs again", "stopped": "stopped", "terminated": "was terminated"}


@source(
    "ec2",
    samples=("events/ec2-stopped.json", "events/ec2-running.json"),
    recognises=lambda body: is_from(body, "ec2", "EC2 Instance State-change Notification"),
    vendor="Amazon EC2 instance state",
    docs="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitoring-instance-state-changes.html",
)
def read_instance(body: Body, received: Received) -> Iterator[Alert]:
    """One change of state is one alert."""
    event = event_of(body, received)
    named = from_dimensions({"InstanceId": text(event.detail, "instance-id", "instance_id")}, event.place) or event.named()
    state, instance = text(event.detail, "state") or "changed", named[0].id if named else "without an id"
    yield alert(
        "ec2",
        event,
        News(
            kind=KINDS.get(state, AlertKind.INFO),
            title=f"Instance {instance} {SAYS.get(state, f'is {state}')}",
            about=(instance,),
            vendor_severity=state,
            resources=named,
            labels={"state": state},
            console=f"ec2/home?region={event.place.region}#InstanceDetails:instanceId={instance}",
        ),
    )
