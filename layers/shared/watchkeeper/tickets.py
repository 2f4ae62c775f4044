"""A person wants a ticket of an incident: one service for whatever they say it through."""

from collections.abc import Iterable
from datetime import datetime

from watchkeeper.change import Change, change
from watchkeeper.messages import TicketAsked
from watchkeeper.models import AuditRecord, Happening, Incident

ASKED = "ticket.asked"


def asked_for(incident: Incident, by: str, via: str, at: datetime) -> Change:
    """The wish on record with who had it, and the message that lets the ticket channels tell this incident from now on."""
    told = Happening(actor=f"person:{by}", kind=ASKED, says=f"{by} asked for a ticket.", detail={"via": via})
    wanted = TicketAsked(incident_id=incident.id, version=incident.version + 1, trace_id=incident.trace_id)
    return change(incident, [told], at, owed=[wanted])


def was_asked(history: Iterable[AuditRecord]) -> bool:
    """Does the audit record hold a person's word for it?"""
    return any(record.kind == ASKED for record in history)
