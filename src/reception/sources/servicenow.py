"""A ServiceNow incident, as the business rule of docs/integrations/servicenow.md posts it.

A ticket that Watchkeeper wrote itself comes back here and says nothing new: it makes no alert.
"""

import re
from collections.abc import Iterator
from datetime import datetime

from reception.fields import Body, listing, mapping, moment, text
from reception.proofs import SharedHeader
from reception.resources import distinct
from reception.sources.registry import Received, source
from reception.tags import environment_in, links_of, pairs, service_in
from watchkeeper.arns import from_arn
from watchkeeper.ids import token
from watchkeeper.models import Alert, AlertKind, Severity

PRIORITIES = {"1": Severity.SEV1, "2": Severity.SEV2, "3": Severity.SEV3, "4": Severity.SEV4, "5": Severity.SEV4}
OVER = {"6", "7", "8", "resolved", "closed", "canceled", "cancelled"}
TIMES = {
    AlertKind.FIRING: ("opened_at", "sys_created_on"),
    AlertKind.RESOLVED: ("resolved_at", "closed_at", "sys_updated_on"),
    AlertKind.INFO: ("sys_updated_on",),
}
LABELS = ("number", "state", "priority", "impact", "urgency", "category", "assignment_group", "business_service", "close_code")


@source(
    "servicenow",
    samples=("events/servicenow-insert.json", "events/servicenow-update.json", "events/servicenow-resolve.json"),
    proof=SharedHeader("X-Watchkeeper-Secret"),
    vendor="ServiceNow",
    docs="https://www.servicenow.com/docs/bundle/washingtondc-api-reference/page/app-store/dev_portal/API_reference/RESTMessageV2/concept/c_RESTMessageV2API.html",
    passes_over="tickets that Watchkeeper wrote itself",
)
def read_ticket(body: Body, received: Received) -> Iterator[Alert]:
    """One ticket that was opened, changed or ended is one alert."""
    ticket = mapping(body.get("incident")) or body
    if text(ticket, "correlation_display").lower() == "watchkeeper":
        return
    kind = _kind(body, ticket)
    number = text(ticket, "number")
    title = text(ticket, "short_description") or f"ServiceNow incident {number or 'without a number'}"
    own_labels = pairs(ticket.get("labels"))
    where = text(body, "instance")
    yield Alert(
        source="servicenow",
        kind=kind,
        title=title,
        fingerprint=token("servicenow", where, text(ticket, "sys_id") or number or title),
        occurred_at=_at(kind, body, ticket, received),
        severity=PRIORITIES.get(_digit(ticket, "priority"), Severity.SEV3),
        vendor_severity=text(ticket, "priority"),
        service=service_in(own_labels) or text(ticket, "business_service") or "unknown",
        environment=text(ticket, "environment") or environment_in(own_labels),
        description="\n".join(part for part in (text(ticket, "description"), text(ticket, "close_notes")) if part),
        resources=distinct(r for r in (from_arn(arn, trusted=True) for arn in _arns(ticket)) if r),
        labels=pairs({"instance": where, "ci": text(mapping(ticket.get("ci")), "name")} | {name: text(ticket, name) for name in LABELS})
        | own_labels,
        links=links_of(body, ticket="url"),
    )


def _kind(body: Body, ticket: Body) -> AlertKind:
    """A ticket fires when it is opened, reopened or made more urgent; any other change of an open one only informs."""
    if _over(ticket, "state"):
        return AlertKind.RESOLVED
    was, now = _digit(body, "previous_priority"), _digit(ticket, "priority")
    worse = bool(was and now and now < was)
    if text(body, "event").lower() != "update" or _over(body, "previous_state") or worse:
        return AlertKind.FIRING
    return AlertKind.INFO


def _over(part: Body, name: str) -> bool:
    return text(part, name).lower() in OVER


def _digit(part: Body, name: str) -> str:
    """ServiceNow says `1` as value and `1 - Critical` for display."""
    found = re.match(r"\d", text(part, name))
    return found[0] if found else ""


def _at(kind: AlertKind, body: Body, ticket: Body, received: Received) -> datetime:
    """ServiceNow stores UTC without saying so. What fires by a change fires when it was changed."""
    changed = ("sys_updated_on",) if kind is AlertKind.FIRING and text(body, "event").lower() == "update" else ()
    return moment(text(ticket, *changed, *TIMES[kind]), received.at)


def _arns(ticket: Body) -> list[str]:
    said = [text(mapping(ticket.get("ci")), "arn"), *(entry for entry in listing(ticket.get("resources")) if isinstance(entry, str))]
    return [arn for arn in said if arn]
