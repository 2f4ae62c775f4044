"""AWS Health: trouble at AWS, a change that AWS plans, a notice to the account. An issue that is closed resolves."""

from collections.abc import Iterator
from dataclasses import replace

from reception.eventbridge import Event, News, alert, event_of, is_from
from reception.fields import Body, listing, mapping, text
from reception.resources import Place, from_dimensions
from reception.sources.registry import Received, source
from watchkeeper.arns import from_arn
from watchkeeper.models import Alert, AlertKind, Resource, Severity

TYPES = ("AWS Health Event", "AWS Health Abuse Event")
SEVERITIES = {
    "issue": Severity.SEV2,
    "investigation": Severity.SEV3,
    "scheduledChange": Severity.SEV4,
    "accountNotification": Severity.SEV4,
}
FIRES = {"issue", "investigation"}


@source(
    "health",
    samples=("events/health-issue.json", "events/health-issue-closed.json", "events/health-scheduled-change.json"),
    recognises=lambda body: is_from(body, "health", *TYPES),
    vendor="AWS Health",
    docs="https://docs.aws.amazon.com/health/latest/ug/aws-health-events-eventbridge-schema.html",
)
def read_health(body: Body, received: Received) -> Iterator[Alert]:
    """One event of AWS Health is one alert, as often as AWS writes on it. What is only planned informs."""
    event = event_of(body, received)
    detail = event.detail
    category, code, service = text(detail, "eventTypeCategory"), text(detail, "eventTypeCode"), text(detail, "service")
    abuse = event.type == TYPES[1]
    closed = text(detail, "statusCode") == "closed"
    kind = AlertKind.FIRING if category in FIRES or abuse else AlertKind.INFO
    said, arn = _said(detail), text(detail, "eventArn")
    place = _where(event)
    yield alert(
        "health",
        event,
        News(
            kind=AlertKind.RESOLVED if closed and kind is AlertKind.FIRING else kind,
            title=f"AWS {service or 'Health'} in {place.region}: {_in_words(code, service)}" + (" is over" if closed else ""),
            about=(arn or code,),
            severity=Severity.SEV2 if abuse else SEVERITIES.get(category, Severity.SEV3),
            vendor_severity=category,
            description=said,
            resources=_affected(event, place),
            labels={"event": code, "scope": text(detail, "eventScopeCode"), "zone": text(detail, "availabilityZone")},
            links={"health": f"https://health.aws.amazon.com/health/home#/account/event-log?eventID={arn}&eventTab=details" if arn else ""},
            place=place,
        ),
    )


def _where(event: Event) -> Place:
    """The account that is affected and the region that it happens in, which need not be where it was told."""
    region = text(event.detail, "eventRegion")
    place = event.place.of(text(event.detail, "affectedAccount"))
    return replace(place, region=region) if region and region != "global" else place


def _said(detail: Body) -> str:
    told = [mapping(one) for one in listing(detail.get("eventDescription"))]
    english = next((one for one in told if text(one, "language").startswith("en")), told[0] if told else {})
    return text(english, "latestDescription").replace("\\n", "\n")


def _in_words(code: str, service: str) -> str:
    """`AWS_EC2_OPERATIONAL_ISSUE` as people say it."""
    words = code.removeprefix("AWS_").removeprefix(f"{service}_").replace("_", " ").lower()
    return words or "an event"


def _affected(event: Event, place: Place) -> list[Resource]:
    """What AWS says is touched: ARNs, or instances by their id. Volumes, certificates and the rest come as ARNs as well."""
    values = [text(mapping(one), "entityValue") for one in listing(event.detail.get("affectedEntities"))]
    found = [r for value in (*values, *event.arns) if (r := from_arn(value, trusted=True))]
    instances = [value for value in (*values, *event.arns) if value.startswith("i-")]
    return found + [r for instance in instances for r in from_dimensions({"InstanceId": instance}, place)]
