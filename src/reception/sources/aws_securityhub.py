"""AWS Security Hub: findings in its own format (ASFF), several to an event. What passes, is resolved or archived is over."""

from collections.abc import Iterator
from urllib.parse import quote

from reception.eventbridge import Event, News, alert, event_of, is_from
from reception.fields import Body, listing, mapping, moment, text
from reception.resources import Place
from reception.sources.registry import Received, source
from watchkeeper.arns import from_arn
from watchkeeper.models import Alert, AlertKind, Resource, Severity

TYPES = ("Security Hub Findings - Imported", "Security Hub Findings - Custom Action")
SEVERITIES = {
    "CRITICAL": Severity.SEV1,
    "HIGH": Severity.SEV2,
    "MEDIUM": Severity.SEV3,
    "LOW": Severity.SEV4,
    "INFORMATIONAL": Severity.SEV4,
}
MOST_FINDINGS = 100


@source(
    "securityhub",
    samples=("events/securityhub-findings.json", "events/securityhub-findings-resolved.json"),
    recognises=lambda body: is_from(body, "securityhub", *TYPES),
    vendor="AWS Security Hub CSPM",
    docs="https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-cwe-event-formats.html",
)
def read_findings(body: Body, received: Received) -> Iterator[Alert]:
    """Each finding is an alert of its own."""
    event = event_of(body, received)
    for finding in map(mapping, listing(event.detail.get("findings"))[:MOST_FINDINGS] or [{}]):
        yield alert("securityhub", event, _news(finding, event))


def _news(finding: Body, event: Event) -> News:
    place = Place(text(finding, "AwsAccountId") or event.place.account, text(finding, "Region") or event.place.region)
    label = text(mapping(finding.get("Severity")), "Label").upper()
    own_id, title = text(finding, "Id"), text(finding, "Title") or "Security Hub has a finding"
    named = _named(finding)
    whose = named[0].id if named else ""
    advice = mapping(mapping(finding.get("Remediation")).get("Recommendation"))
    return News(
        kind=_kind(finding, label),
        title=f"{title} ({whose})" if whose and whose not in title else title,
        about=(own_id or f"{text(finding, 'GeneratorId')} {title} {whose}",),
        severity=SEVERITIES.get(label, Severity.SEV3),
        vendor_severity=label,
        description="\n".join(part for part in (text(finding, "Description"), text(advice, "Text")) if part),
        resources=named,
        labels={
            "product": text(finding, "ProductName"),
            "rule": text(finding, "GeneratorId"),
            "compliance": text(mapping(finding.get("Compliance")), "Status"),
            "workflow": text(mapping(finding.get("Workflow")), "Status"),
            **_tags(finding),
        },
        console=_console(place, own_id) if own_id else "",
        links={"advice": text(advice, "Url") if text(advice, "Url").startswith("https://") else ""},
        place=place,
        at=moment(finding.get("UpdatedAt"), event.at),
    )


def _console(place: Place, own_id: str) -> str:
    """The console's search, whose value it reads decoded twice."""
    wanted = quote(quote(f"\\operator\\:EQUALS\\:{own_id}", safe=""), safe="")
    return f"securityhub/home?region={place.region}#/findings?search=Id%3D{wanted}"


def _kind(finding: Body, label: str) -> AlertKind:
    """Over, or somebody has it already, or it says nothing bad; else it fires."""
    workflow = text(mapping(finding.get("Workflow")), "Status")
    passed = text(mapping(finding.get("Compliance")), "Status") == "PASSED"
    if passed or workflow == "RESOLVED" or text(finding, "RecordState") == "ARCHIVED":
        return AlertKind.RESOLVED
    return AlertKind.INFO if workflow in {"SUPPRESSED", "NOTIFIED"} or label == "INFORMATIONAL" else AlertKind.FIRING


def _named(finding: Body) -> list[Resource]:
    ids = (text(mapping(one), "Id") for one in listing(finding.get("Resources")))
    return [r for own_id in ids if (r := from_arn(own_id, trusted=True))]


def _tags(finding: Body) -> dict[str, str]:
    for one in listing(finding.get("Resources")):
        tags = mapping(mapping(one).get("Tags"))
        if tags:
            return {f"tag:{key}": text(tags, key) for key in tags}
    return {}
