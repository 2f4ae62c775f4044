"""A question that a person asks in words: an incident whose alert is the question. What every stage has to know of it."""

from collections.abc import Iterable

from watchkeeper.models import Alert, Incident

SOURCE = "goal"
BY, TICKET, WANTED = "by", "ticket", "wanted"


def is_goal(about: Alert | Incident) -> bool:
    """Did a person ask for this, where else something fired?"""
    return about.source == SOURCE


def wants_ticket(alerts: Iterable[Alert]) -> bool:
    """Did the words ask for a ticket? A wish: nobody makes one before a person says so once more, by `ticket_command`."""
    return any(is_goal(alert) and alert.labels.get(TICKET) == WANTED for alert in alerts)


def ticket_command(incident_id: str) -> str:
    """What a person says who wants the ticket."""
    return f"./watchkeeper ticket {incident_id}"


def approve_command(incident_id: str) -> str:
    """What a person says who agrees to the plan."""
    return f"./watchkeeper approve {incident_id}"
