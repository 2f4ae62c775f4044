"""Amazon GuardDuty: a finding. Its number from 1 to 10 is on AWS's own scale: 9 and up critical, 7 high, 4 medium, below low."""

from collections.abc import Iterator

from reception.eventbridge import Event, News, alert, event_of, is_from
from reception.fields import Body, listing, mapping, moment, number, text
from reception.resources import Place, from_dimensions
from reception.sources.registry import Received, source
from watchkeeper.arns import from_arn
from watchkeeper.models import Alert, AlertKind, Resource, Severity

SCALE = ((9.0, Severity.SEV1), (7.0, Severity.SEV2), (4.0, Severity.SEV3))
ARNS = (
    ("s3BucketDetails", "arn"),
    ("eksClusterDetails", "arn"),
    ("ecsClusterDetails", "arn"),
    ("lambdaDetails", "functionArn"),
    ("rdsDbInstanceDetails", "dbInstanceArn"),
)


@source(
    "guardduty",
    samples=("events/guardduty-finding.json", "events/guardduty-finding-archived.json"),
    recognises=lambda body: is_from(body, "guardduty", "GuardDuty Finding"),
    vendor="Amazon GuardDuty",
    docs="https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings_eventbridge.html",
)
def read_finding(body: Body, received: Received) -> Iterator[Alert]:
    """One finding is one alert; the same kind of finding on the same thing is the same trouble. An archived one is over."""
    event = event_of(body, received)
    detail, service = event.detail, mapping(event.detail.get("service"))
    place = Place(text(detail, "accountId") or event.place.account, text(detail, "region") or event.place.region)
    level, finding, named = number(detail.get("severity")), text(detail, "id"), _named(event, place)
    who = text(mapping(_resource(event).get("accessKeyDetails")), "userName")
    whose = next(iter(named)).id if named else who or finding
    yield alert(
        "guardduty",
        event,
        News(
            kind=AlertKind.RESOLVED if service.get("archived") is True else AlertKind.FIRING,
            title=text(detail, "title") or f"GuardDuty finds {text(detail, 'type') or 'something'} on {whose}",
            about=(text(detail, "type"), whose),
            severity=severity(level),
            vendor_severity="" if level is None else f"{level:g}",
            description=text(detail, "description"),
            resources=named,
            labels={"type": text(detail, "type"), "finding": finding, "times": text(service, "count"), "user": who, **_tags(event)},
            console=f"guardduty/home?region={place.region}#/findings?macros=current&fId={finding}" if finding else "",
            place=place,
            at=moment(detail.get("updatedAt"), event.at),
        ),
    )


def severity(level: float | None) -> Severity:
    """Ours for GuardDuty's number; medium where it says none."""
    return next((ours for least, ours in SCALE if (5.0 if level is None else level) >= least), Severity.SEV4)


def _resource(event: Event) -> Body:
    return mapping(event.detail.get("resource"))


def _named(event: Event, place: Place) -> list[Resource]:
    """What the finding is about: the instance, bucket, cluster, function or database. An access key has no ARN."""
    resource = _resource(event)
    found = from_dimensions({"InstanceId": text(mapping(resource.get("instanceDetails")), "instanceId")}, place)
    for field, name in ARNS:
        details = resource.get(field)
        for one in details if isinstance(details, list) else [details]:
            if by_arn := from_arn(text(mapping(one), name), trusted=True):
                found.append(by_arn)
    return found


def _tags(event: Event) -> dict[str, str]:
    tags = listing(mapping(_resource(event).get("instanceDetails")).get("tags"))
    pairs = [(text(mapping(tag), "key"), text(mapping(tag), "value")) for tag in tags]
    return {f"tag:{key}": value for key, value in pairs if key}
