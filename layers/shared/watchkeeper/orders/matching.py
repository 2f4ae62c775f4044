"""Which orders speak of an incident, and which of them counts."""

from collections.abc import Mapping

from watchkeeper.matching import named, unsaid_or_named
from watchkeeper.models import Cause, Incident
from watchkeeper.orders.model import Mode, Order, StandingOrders, When


def speaks_of(order: Order, action: str, incident: Incident, analysis_cause: Cause, labels: Mapping[str, str]) -> bool:
    """Does this order speak of this action, for this incident? Severity is the incident's own: a model cannot lower it.

    `labels` are those of the incident's alerts, where a tag of a resource lies as `tag:<name>`.
    """
    return unsaid_or_named(action, (order.action,)) and speaks_for(order.when, incident, analysis_cause, labels)


def speaks_for(when: When, incident: Incident, cause: Cause, labels: Mapping[str, str]) -> bool:
    """Is it one of these incidents, whatever is to be done? Every list that is not empty must name it."""
    return (
        unsaid_or_named(incident.service, when.services)
        and unsaid_or_named(incident.environment, when.environments)
        and unsaid_or_named(incident.source, when.sources)
        and unsaid_or_named(incident.account, when.accounts)
        and unsaid_or_named(incident.alarm_name, when.alarms)
        and (not when.severities or incident.severity in when.severities)
        and (not when.causes or cause in when.causes)
        and labelled(labels, when.labels)
    )


def labelled(labels: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    """Is every wanted label there with its value, as a label or as the tag of a resource?"""
    return all(any(key in labels and named(labels[key], (value,)) for key in (name, f"tag:{name}")) for name, value in wanted.items())


def order_for(orders: StandingOrders, action: str, incident: Incident, cause: Cause, labels: Mapping[str, str]) -> Order | None:
    """The order that counts: any that says never, else the first one that fits."""
    fitting = [order for order in orders.orders if speaks_of(order, action, incident, cause, labels)]
    return next((order for order in fitting if order.mode is Mode.NEVER), fitting[0] if fitting else None)


def speaking(orders: StandingOrders, incident: Incident, cause: Cause, labels: Mapping[str, str]) -> list[Order]:
    """Every order that speaks of such an incident, for whatever action, in the order of the file."""
    return [order for order in orders.orders if speaks_for(order.when, incident, cause, labels)]
