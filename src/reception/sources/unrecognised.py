"""What nobody here knows is still an alert: what it is called, how bad it is and whose it is, as far as that can be told."""

import json
import re
from collections.abc import Iterator

from reception.fields import Body, listing, mapping, moment, text
from reception.resources import distinct
from reception.sources.registry import Received, source
from reception.vocabulary import kind_of, severity_of
from watchkeeper.arns import from_arn
from watchkeeper.ids import token
from watchkeeper.models import Alert, AlertKind, Severity

TITLES = (
    "title",
    "summary",
    "subject",
    "Subject",
    "alertname",
    "alert_name",
    "name",
    "event",
    "detail-type",
    "message",
    "Message",
    "description",
)
SEVERITIES = ("severity", "priority", "urgency", "level", "criticality")
SERVICES = ("service", "service_name", "application", "app", "component", "host")
STATES = ("status", "state", "action", "event_action", "current_state", "alert_state")
TIMES = ("occurred_at", "timestamp", "time", "startsAt", "started_at", "created_at", "date", "Timestamp")
NAMES = ("fingerprint", "dedup_key", "incident_key", "alert_id", "rule_id")
INSIDE = ("alert", "event", "detail", "data", "payload", "incident", "commonLabels", "commonAnnotations", "labels", "annotations")
LONGEST_TITLE = 250
SAMPLES = ("events/unrecognised.json", "events/not-json.json")


@source("unrecognised", samples=SAMPLES)
def read_anything(body: Body, received: Received) -> Iterator[Alert]:
    """Always one alert, whatever the body is."""
    layers = [body, *(mapping(body.get(name)) for name in INSIDE)]
    title = (_first(layers, TITLES) or "Something was reported that nobody here knows how to read").partition("\n")[0][:LONGEST_TITLE]
    said, service = _first(layers, SEVERITIES), _first(layers, SERVICES)
    arns = [entry for entry in listing(body.get("resources")) if isinstance(entry, str)]
    resources = distinct(r for r in (from_arn(arn, trusted=False) for arn in arns) if r)
    account = text(body, "account") or received.home.account
    region = text(body, "region") or received.home.region
    yield Alert(
        source="unrecognised",
        kind=next((kind for name in STATES for layer in layers if (kind := kind_of(text(layer, name)))), AlertKind.FIRING),
        title=title,
        fingerprint=token("unrecognised", account, region, service, _first(layers, NAMES) or in_general(title)),
        occurred_at=moment(next((layer[name] for layer in layers for name in TIMES if name in layer), None), received.at),
        severity=severity_of(said) or Severity.SEV3,
        vendor_severity=said,
        service=service or "unknown",
        account=account,
        region=region,
        description=_first(layers, ("description", "message", "Message", "text")),
        resources=resources,
        log_excerpt=json.dumps(body, ensure_ascii=False, indent=1, default=str),
        labels={"unrecognised": "yes", "door": received.door},
    )


def in_general(title: str) -> str:
    """The title without what differs from one time to the next: numbers, times, long ids."""
    return re.sub(r"\b[0-9a-f]{8,}(?:-[0-9a-f]{4,}){0,4}\b|\d+(?:[.:,]\d+)*", "#", title.lower()).strip()


def _first(layers: list[Body], names: tuple[str, ...]) -> str:
    return next((said for layer in layers for name in names if (said := text(layer, name))), "")
