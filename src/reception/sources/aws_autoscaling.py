"""EC2 Auto Scaling: a group could not launch or terminate an instance, and could again."""

from collections.abc import Iterator
from urllib.parse import quote

from reception.eventbridge import News, alert, event_of, is_from
from reception.fields import Body, mapping, text
from reception.resources import from_dimensions
from reception.sources.registry import Received, source
from watchkeeper.models import Alert, AlertKind, Resource, Severity

TYPES = {
    "EC2 Instance Launch Unsuccessful": (AlertKind.FIRING, "launch", "cannot launch an instance"),
    "EC2 Instance Launch Successful": (AlertKind.RESOLVED, "launch", "launches instances again"),
    "EC2 Instance Terminate Unsuccessful": (AlertKind.FIRING, "terminate", "cannot terminate an instance"),
    "EC2 Instance Terminate Successful": (AlertKind.RESOLVED, "terminate", "terminates instances again"),
}


@source(
    "autoscaling",
    samples=("events/autoscaling-launch-unsuccessful.json", "events/autoscaling-launch-successful.json"),
    recognises=lambda body: is_from(body, "autoscaling", *TYPES),
    vendor="Amazon EC2 Auto Scaling",
    docs="https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-event-reference.html",
)
def read_group(body: Body, received: Received) -> Iterator[Alert]:
    """One activity is one alert of its group: the next that succeeds ends it."""
    event = event_of(body, received)
    kind, doing, words = TYPES.get(event.type, (AlertKind.INFO, "activity", "reports an activity"))
    group, said = text(event.detail, "AutoScalingGroupName") or "without a name", text(event.detail, "StatusMessage")
    arn = next((arn for arn in event.arns if ":autoScalingGroup:" in arn), "")
    of_group = Resource(type="autoscaling:group", id=group, arn=arn, account=event.place.account, region=event.place.region, trusted=True)
    instance = from_dimensions({"InstanceId": text(event.detail, "EC2InstanceId")}, event.place)
    yield alert(
        "autoscaling",
        event,
        News(
            kind=kind,
            title=f"Group {group} {words}" + (f": {said[:160]}" if said and kind is AlertKind.FIRING else ""),
            about=(doing, group),
            severity=Severity.SEV2 if doing == "launch" else Severity.SEV3,
            vendor_severity=text(event.detail, "StatusCode"),
            description="\n".join(part for part in (said, text(event.detail, "Cause")) if part),
            resources=(of_group, *instance),
            labels={"zone": text(mapping(event.detail.get("Details")), "Availability Zone")},
            console=f"ec2/home?region={event.place.region}#AutoScalingGroupDetails:id={quote(group, safe='')};view=activity",
        ),
    )
