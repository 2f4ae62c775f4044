"""Somebody wants a ticket of an incident: a person, whatever they say it through, or a standing order by the action ticket-create."""

from collections.abc import Iterable
from datetime import datetime

from watchkeeper.change import Change, change
from watchkeeper.messages import TicketAsked
from watchkeeper.models import AuditRecord, Happening, Incident

ASKED = "ticket.asked"
BY_ORDER = "ticket-create"


def asked_for(incident: Incident, by: str, via: str, at: datetime) -> Change:
    """The wish on record with who had it, and the message that lets the ticket channels tell this incident from now on."""
    told = Happening(actor=f"person:{by}", kind=ASKED, says=f"{by} asked for a ticket.", detail={"via": via})
    wanted = TicketAsked(incident_id=incident.id, version=incident.version + 1, trace_id=incident.trace_id)
    return change(incident, [told], at, owed=[wanted])


def was_asked(history: Iterable[AuditRecord]) -> bool:
    """Does the audit record hold a person's word for it, or remediation's claim of a plan for it, which only an order leads to?"""
    records = tuple(history)
    planned = {record.detail.get("plan_id") for record in records if _is(record, "plan.made") and record.detail.get("action") == BY_ORDER}
    claimed = any(_is(record, "action.claimed") and record.detail.get("plan_id") in planned - {None, ""} for record in records)
    return claimed or any(record.kind == ASKED for record in records)


def _is(record: AuditRecord, kind: str) -> bool:
    return (record.actor, record.kind) == ("remediation", kind)
