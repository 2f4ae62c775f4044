"""What happened to an Opsgenie alert, as its webhook integration posts it: Create fires, Close and Delete end, all else informs."""

from collections.abc import Iterator
from datetime import datetime

from reception.fields import Body, mapping, moment, number, text
from reception.proofs import AnyOf, Basic, SharedHeader
from reception.resources import distinct
from reception.sources.registry import Received, source
from reception.tags import environment_in, pairs, place_in, service_in, things_in, written
from reception.vocabulary import severity_of
from watchkeeper.arns import from_arn
from watchkeeper.ids import token
from watchkeeper.models import Alert, AlertKind, Severity

KINDS = {"create": AlertKind.FIRING, "close": AlertKind.RESOLVED, "delete": AlertKind.RESOLVED}
LABELS = ("tinyId", "alias", "entity", "source")
NANOSECONDS_FROM = 10**17


@source(
    "opsgenie",
    samples=("events/opsgenie-create.json", "events/opsgenie-acknowledge.json", "events/opsgenie-close.json"),
    proof=AnyOf((SharedHeader("X-Watchkeeper-Secret"), Basic())),
    vendor="Opsgenie",
    docs="https://support.atlassian.com/opsgenie/docs/opsgenie-edge-connector-alert-action-data/",
)
def read_action(body: Body, received: Received) -> Iterator[Alert]:
    """One action on one alert. Its description and details come with Create and custom actions only."""
    alert, action = mapping(body.get("alert")), text(body, "action")
    kind = KINDS.get(action.lower(), AlertKind.INFO)
    own_id, tags = text(alert, "alertId"), written(alert.get("tags")) | pairs(alert.get("details"))
    named = text(alert, "alias") or own_id
    place = place_in(tags, received.home)
    priority = text(alert, "priority")
    title = text(alert, "message") or f"Opsgenie alert {named or 'without a message'}"
    yield Alert(
        source="opsgenie",
        kind=kind,
        title=title,
        fingerprint=token("opsgenie", named or title),
        occurred_at=_at(alert, kind, received),
        severity=severity_of(priority) or Severity.SEV3,
        vendor_severity=priority,
        service=service_in(tags) or text(alert, "entity") or "unknown",
        environment=environment_in(tags),
        description=text(alert, "description") or text(alert, "note"),
        account=place.account,
        region=place.region,
        resources=distinct(
            [*(r for r in (from_arn(said, trusted=True) for said in (*tags.values(), text(alert, "entity"))) if r), *things_in(tags, place)]
        ),
        labels=pairs({"action": action, "integration": text(body, "integrationName")} | {name: text(alert, name) for name in LABELS})
        | tags,
        links={"alert": f"https://app.opsgenie.com/alert/detail/{own_id}/details"} if own_id.replace("-", "").isalnum() else {},
    )


def _at(alert: Body, kind: AlertKind, received: Received) -> datetime:
    """`createdAt` is in milliseconds, `updatedAt` in nanoseconds."""
    said = alert.get("createdAt") if kind is AlertKind.FIRING else alert.get("updatedAt")
    value = number(said)
    return moment(value / 1_000_000 if value is not None and value >= NANOSECONDS_FROM else said, received.at)
