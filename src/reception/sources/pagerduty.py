"""PagerDuty's V3 webhooks: what happens to its incidents. One event in each request.

PagerDuty throws an event away for good when it is answered with a 4xx, and stops calling after three of them. So
whatever an authentic body holds, it is taken: an event that says nothing about an incident makes no alert.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from reception.fields import Body, listing, mapping, moment, text
from reception.proofs import Hmac
from reception.sources.registry import Received, source
from reception.sources.unrecognised import in_general, read_anything
from reception.tags import links_of
from reception.vocabulary import severity_of
from watchkeeper.ids import token
from watchkeeper.models import Alert, AlertKind, Severity

FIRING = ("incident.triggered", "incident.reopened")
RESOLVED = ("incident.resolved",)
# By the state of the incident, where an event is of a kind that we do not know.
STATES = {"triggered": AlertKind.FIRING, "resolved": AlertKind.RESOLVED}
PASSED = {
    "incident.acknowledged": "Acknowledged",
    "incident.unacknowledged": "No longer acknowledged",
    "incident.escalated": "Escalated",
    "incident.delegated": "Given to another escalation policy",
    "incident.reassigned": "Reassigned",
    "incident.priority_updated": "Another priority",
    "incident.annotated": "A note",
    "incident.status_update_published": "A status update",
    "incident.responder.added": "A responder was asked",
    "incident.responder.replied": "A responder answered",
    "incident.action_invocation.created": "An automation action was started",
    "incident.action_invocation.updated": "An automation action went on",
    "incident.action_invocation.terminated": "An automation action ended",
}
OWN_ID = re.compile(r"[A-Z0-9]{6,24}")
# What Watchkeeper itself has raised there: the dedup key is an incident's id, and a takeover's has a word behind it.
RAISED_BY_US = re.compile(r"INC-[0-9A-HJKMNP-TV-Z]{26}(?:/takeover)?")
# The last line of each note that Watchkeeper makes.
NOTED_BY_US = re.compile(r"Watchkeeper INC-[0-9A-HJKMNP-TV-Z]{26}, moment \d+(?:\.\d+)?")
SAMPLES = ("events/pagerduty-triggered.json", "events/pagerduty-resolved.json", "events/pagerduty-annotated.json")


def greeted(body: Body, _: Mapping[str, str]) -> dict[str, Any] | None:
    """The test event that the button in PagerDuty sends."""
    event = mapping(body.get("event"))
    return {"status": "ok"} if text(event, "event_type") == "pagey.ping" else None


@source(
    "pagerduty",
    samples=SAMPLES,
    proof=Hmac("X-PagerDuty-Signature", prefix="v1=", several=True),
    handshake=greeted,
    vendor="PagerDuty V3 webhooks",
    docs="https://developer.pagerduty.com/docs/webhooks-overview",
    passes_over="events that are not about an incident, such as service.updated",
)
def read_pagerduty(body: Body, received: Received) -> Iterator[Alert]:
    """One alert for an event of an incident, none for one of anything else, or for what Watchkeeper has done there itself: it would be
    heard as something new. The same event again is the same alert."""
    event = mapping(body.get("event"))
    data = mapping(event.get("data"))
    if _is_ours(event, data):
        return
    if _is_about_an_incident(event, data):
        yield _read(event, data, received)
    elif not text(event, "event_type"):
        yield from read_anything(body, received)


def _is_about_an_incident(event: Body, data: Body) -> bool:
    said = (text(event, "event_type"), text(event, "resource_type"), text(data, "type"))
    return any(word.partition(".")[0].startswith("incident") for word in said)


def _is_ours(event: Body, data: Body) -> bool:
    """An incident that we have raised, or a note that we have made."""
    key = text(data, "incident_key") or text(mapping(data.get("incident")), "incident_key")
    last = text(data, "content").rstrip().rsplit("\n", 1)[-1].strip()
    noted = text(event, "event_type") == "incident.annotated" and NOTED_BY_US.fullmatch(last)
    return bool(RAISED_BY_US.fullmatch(key) or noted)


def own_id(incident: Body) -> str:
    """The id by which PagerDuty's REST API knows an incident: its own field, else the end of its page's address; empty for neither."""
    page = urlsplit(text(incident, "html_url")).path.rstrip("/").rsplit("/", 1)[-1]
    return next((said for said in (text(incident, "id"), page) if OWN_ID.fullmatch(said)), "")


def _read(event: Body, data: Body, received: Received) -> Alert:
    incident = mapping(data.get("incident")) or data
    title = text(incident, "title", "summary") or "An incident of PagerDuty without a title"
    kind, happened = _kind(event, data)
    said = text(mapping(data.get("priority")), "summary") or text(data, "urgency")
    return Alert(
        source="pagerduty",
        kind=kind,
        title=f"{happened}: {title}" if happened else title,
        fingerprint=token("pagerduty", text(incident, "id", "incident_key") or in_general(title)),
        occurred_at=moment(event.get("occurred_at"), received.at),
        severity=urgency(said),
        vendor_severity=said,
        service=text(mapping(data.get("service")), "summary") or "unknown",
        account=received.home.account,
        region=received.home.region,
        description="\n".join(_about(event, data)),
        labels=_labels(event, data, incident),
        links=links_of(incident, pagerduty="html_url"),
    )


def _kind(event: Body, data: Body) -> tuple[AlertKind, str]:
    """What it means to us, and what to say of it before the title."""
    what = text(event, "event_type")
    if what in PASSED:
        return AlertKind.INFO, PASSED[what]
    kind = AlertKind.FIRING if what in FIRING else AlertKind.RESOLVED if what in RESOLVED else _by_state(what, data)
    if kind is AlertKind.RESOLVED:
        merged = text(mapping(data.get("resolve_reason")), "type").startswith("merge")
        return kind, "Merged into another incident" if merged else "Resolved"
    return kind, "" if kind is AlertKind.FIRING else what.partition(".")[2].replace("_", " ").replace(".", " ").capitalize()


def _by_state(what: str, data: Body) -> AlertKind:
    """An event that PagerDuty has added since only informs; one whose kind is lost is read by the incident's state."""
    return AlertKind.INFO if what.startswith("incident.") else STATES.get(text(data, "status"), AlertKind.INFO)


def urgency(said: str) -> Severity:
    """A priority by its name (`P1`, `SEV-2`, `P1 - Critical`), or an urgency."""
    words = (said, *said.split())
    return next((found for word in words if (found := severity_of(word))), Severity.SEV3)


def _about(event: Body, data: Body) -> Iterator[str]:
    """What people wrote, and who."""
    if said := text(data, "content", "message"):
        yield said
    if agent := text(mapping(event.get("agent")), "summary"):
        yield f"By {agent}."


def _labels(event: Body, data: Body, incident: Body) -> dict[str, str]:
    said = {
        "pagerduty_incident": own_id(incident) or text(incident, "id"),
        "number": text(data, "number"),
        "event": text(event, "event_type"),
        "event_id": text(event, "id"),
        "status": text(data, "status"),
        "urgency": text(data, "urgency"),
        "priority": text(mapping(data.get("priority")), "summary"),
        "agent": text(mapping(event.get("agent")), "summary"),
        "incident_key": text(data, "incident_key"),
        "assignees": _names(data, "assignees"),
        "teams": _names(data, "teams"),
        "escalation_policy": text(mapping(data.get("escalation_policy")), "summary"),
        "resolve_reason": text(mapping(data.get("resolve_reason")), "type"),
        "action": text(mapping(data.get("action")), "summary"),
    }
    return {name: value for name, value in said.items() if value}


def _names(data: Body, field: str) -> str:
    return ", ".join(said for one in listing(data.get(field)) if (said := text(mapping(one), "summary")))
