"""A Dynatrace problem, in the custom payload of docs/integrations/dynatrace.md.

A problem is known by its own id, because the entities of one grow while it is open. One that was merged goes on under
another problem, which has its own notification: this one is over.
"""

import re
from collections.abc import Iterator
from datetime import datetime

from reception.fields import Body, listing, mapping, moment, number, text
from reception.proofs import AnyOf, Basic, SharedHeader
from reception.resources import LONGEST_NAME, distinct
from reception.sources.registry import Received, source
from reception.tags import environment_in, links_of, pairs, service_in, written
from watchkeeper.ids import token
from watchkeeper.models import Alert, AlertKind, Resource, Severity

KINDS = {"RESOLVED": AlertKind.RESOLVED, "MERGED": AlertKind.RESOLVED}
SEVERITIES = {
    "AVAILABILITY": Severity.SEV1,
    "ERROR": Severity.SEV2,
    "MONITORING_UNAVAILABLE": Severity.SEV2,
    "PERFORMANCE": Severity.SEV3,
    "RESOURCE_CONTENTION": Severity.SEV3,
    "CUSTOM_ALERT": Severity.SEV3,
    "INFO": Severity.SEV4,
}
_CONTEXT = re.compile(r"^\[[^\]]{1,40}\]")


@source(
    "dynatrace",
    samples=("events/dynatrace-open.json", "events/dynatrace-resolved.json"),
    proof=AnyOf((SharedHeader("X-Watchkeeper-Secret"), Basic())),
    vendor="Dynatrace",
    docs="https://docs.dynatrace.com/docs/analyze-explore-automate/notifications-and-alerting/problem-notifications/webhook-integration",
)
def read_problem(body: Body, received: Received) -> Iterator[Alert]:
    """One problem that opened, merged or ended is one alert."""
    state, own_id = text(body, "State").upper(), text(body, "PID", "ProblemID")
    kind, severity = KINDS.get(state, AlertKind.FIRING), text(body, "ProblemSeverity")
    entities = [mapping(entity) for entity in listing(body.get("ImpactedEntities"))]
    tags = written([_CONTEXT.sub("", tag.strip()) for tag in text(body, "Tags").split(",")])
    title = text(body, "ProblemTitle")
    names = ", ".join(name for name in (text(entity, "name") for entity in entities) if name)
    yield Alert(
        source="dynatrace",
        kind=kind,
        title=_title(title, names) + (" (merged into another problem)" if state == "MERGED" else ""),
        fingerprint=token("dynatrace", own_id or title + names),
        occurred_at=_at(body, kind, received),
        severity=SEVERITIES.get(severity.upper(), Severity.SEV3),
        vendor_severity=severity,
        service=service_in(tags) or "unknown",
        environment=environment_in(tags),
        description=text(body, "ProblemDetailsText"),
        resources=distinct(r for r in map(_resource, entities) if r),
        labels=pairs({"problem": text(body, "ProblemID"), "state": state, "impact": text(body, "ProblemImpact"), "entities": names}) | tags,
        links=links_of(body, problem="ProblemURL"),
    )


def _title(title: str, names: str) -> str:
    if not title:
        return f"Dynatrace reports a problem of {names}" if names else "Dynatrace reports a problem"
    return f"{title} of {names}" if names and names not in title else title


def _resource(entity: Body) -> Resource | None:
    own_id, kind = text(entity, "entity"), text(entity, "type").lower()
    return Resource(type=f"dynatrace:{kind or 'entity'}"[:LONGEST_NAME], id=own_id, trusted=True) if own_id else None


def _at(body: Body, kind: AlertKind, received: Received) -> datetime:
    """The problem's own times, in milliseconds. Its end is -1 while it is open."""
    details = mapping(body.get("ProblemDetailsJSONv2")) or mapping(body.get("ProblemDetailsJSON"))
    said = number(details.get("startTime" if kind is AlertKind.FIRING else "endTime"))
    return moment(said, received.at)
