"""Whose turn is it to analyse an incident? Decided from the incident alone, so that every delivery decides the same."""

from datetime import datetime, timedelta
from enum import StrEnum

from watchkeeper.change import Change, change
from watchkeeper.models import Due, DueKind, Happening, Incident, Status
from watchkeeper.states import Move, move


class Turn(StrEnum):
    TAKE = "take"
    GO_ON = "go on"
    LEAVE = "leave"
    DONE = "done"


def turn(incident: Incident, claim: str, now: datetime) -> Turn:
    """TAKE what is open or whose lease ran out, GO_ON with what this message holds, LEAVE what another message holds.

    An incident that is analysed, or that is no longer anybody's to analyse, is DONE.
    """
    if incident.status is Status.OPEN:
        return Turn.TAKE
    if incident.status is not Status.INVESTIGATING or incident.due is None or incident.due.kind is not DueKind.ANALYSIS:
        return Turn.DONE
    if incident.due.at <= now:
        return Turn.TAKE
    return Turn.GO_ON if incident.analysis_claim == claim else Turn.LEAVE


def holds(incident: Incident, claim: str) -> bool:
    """Does this message still hold the claim, were it a little late? Nobody else took it, and nobody ended it."""
    due = incident.due is not None and incident.due.kind is DueKind.ANALYSIS
    return incident.status is Status.INVESTIGATING and due and incident.analysis_claim == claim


def taken(incident: Incident, claim: str, now: datetime, lease: timedelta) -> Change:
    """The incident is being investigated by this message, until the lease ends."""
    again = " again, because the one who had begun did not finish" if incident.status is Status.INVESTIGATING else ""
    says = f"Gathering evidence{again}."
    return change(
        incident,
        [Happening(actor="analysis", kind="analysis.started", says=says)],
        now,
        status=move(incident.status, Move.ANALYSIS_BEGAN),
        analysis_claim=claim,
        due=Due(kind=DueKind.ANALYSIS, at=now + lease),
    )
