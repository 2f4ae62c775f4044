"""A Datadog monitor, through its webhook with the payload of docs/integrations/datadog.md.

Datadog's own default payload is read too: it has no more than a title, which says the transition and the scope.
"""

import re
from collections.abc import Iterator

from reception.fields import Body, mapping, moment, text
from reception.proofs import SharedHeader
from reception.resources import distinct
from reception.sources.registry import Received, source
from reception.sources.unrecognised import in_general
from reception.tags import environment_in, links_of, place_in, service_in, things_in, written
from reception.vocabulary import severity_of
from watchkeeper.ids import token
from watchkeeper.models import Alert, AlertKind, Severity

TRANSITIONS = {
    "triggered": AlertKind.FIRING,
    "re-triggered": AlertKind.FIRING,
    "warn": AlertKind.FIRING,
    "re-warn": AlertKind.FIRING,
    "no data": AlertKind.FIRING,
    "re-no data": AlertKind.FIRING,
    "renotify": AlertKind.FIRING,
    "recovered": AlertKind.RESOLVED,
}
TYPES = {"success": AlertKind.RESOLVED, "info": AlertKind.INFO, "user_update": AlertKind.INFO}
_HEAD = re.compile(
    r"\s*(?:\[P[1-5]\]\s{0,5})?\[(?P<transition>(?:Re-)?(?:Triggered|Warn|No Data)|Recovered|Renotify)"
    r"(?: on \{(?P<scope>[^}]{0,500})\})?\]\s{0,5}(?P<name>.*)",
    re.IGNORECASE | re.DOTALL,
)
_NOT_FILLED = re.compile(r"\$[A-Z][A-Z0-9_]*(?:\[.*\])?|null|none|n/a", re.IGNORECASE)


@source(
    "datadog",
    samples=("events/datadog-triggered.json", "events/datadog-recovered.json", "events/datadog-default-payload.json"),
    proof=SharedHeader("X-Watchkeeper-Secret"),
    vendor="Datadog webhooks",
    docs="https://docs.datadoghq.com/integrations/webhooks/",
)
def read_datadog(body: Body, received: Received) -> Iterator[Alert]:
    """One notification of one monitor, for one of its groups."""
    head = _HEAD.match(_said(body, "alert_title") or _said(body, "title"))
    transition = _said(body, "transition") or (head["transition"] if head else "")
    name = (head["name"] if head else "") or _said(body, "alert_title") or _said(body, "title") or "A Datadog monitor without a title"
    scope = _said(body, "scope") or (head["scope"] or "" if head else "")
    tags = written(_said(body, "tags")) | written(scope)
    place, host = place_in(tags, received.home), _said(body, "host") or tags.get("host", "")
    priority = _said(body, "priority")
    kind = _kind(transition, _said(body, "alert_type"))
    title = f"{name} ({scope})" if scope and scope != "*" else name
    yield Alert(
        source="datadog",
        kind=kind,
        title=f"Resolved: {title}" if kind is AlertKind.RESOLVED else title,
        fingerprint=token("datadog", _organisation(body), _said(body, "alert_id") or in_general(name), scope),
        occurred_at=moment(_said(body, "date") or _said(body, "last_updated"), received.at),
        severity=_severity(priority, transition, _said(body, "alert_type")),
        vendor_severity=priority or transition,
        service=service_in(tags) or "unknown",
        environment=environment_in(tags),
        account=place.account,
        region=place.region,
        description="\n".join(part for part in (_said(body, "status"), _said(body, "message") or _said(body, "body")) if part),
        resources=distinct(things_in(tags, place) + things_in({"instance_id": host}, place)),
        labels=tags | _labels(body, transition, scope, host),
        links=links_of(body, datadog="link", snapshot="snapshot"),
    )


def _said(body: Body, field: str) -> str:
    """The field, unless Datadog had nothing for its variable and left that or a word for nothing."""
    said = text(body, field)
    return "" if _NOT_FILLED.fullmatch(said) else said


def _organisation(body: Body) -> str:
    return text(mapping(body.get("org")), "id") or _said(body, "org")


def _kind(transition: str, type_of: str) -> AlertKind:
    return TRANSITIONS.get(transition.lower()) or TYPES.get(type_of.lower(), AlertKind.FIRING)


def _severity(priority: str, transition: str, type_of: str) -> Severity:
    """The monitor's priority, else the type of the alert. What only warns is at most SEV3."""
    said = severity_of(priority) or severity_of(type_of) or Severity.SEV3
    milder = "warn" in transition.lower() and said.at_least(Severity.SEV3)
    return Severity.SEV3 if milder else said


def _labels(body: Body, transition: str, scope: str, host: str) -> dict[str, str]:
    said = {
        "monitor": _said(body, "alert_id"),
        "transition": transition,
        "scope": scope,
        "host": host,
        "metric": _said(body, "metric"),
        "query": _said(body, "query"),
        "cycle": _said(body, "cycle_key"),
        "event_id": _said(body, "id"),
    }
    return {name: value for name, value in said.items() if value}
