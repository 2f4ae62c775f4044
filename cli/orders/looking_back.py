"""Two sets of orders, held against the incidents that came: what would one have judged otherwise than the other?"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cli.orders.judging import Asked, Outcome, judged, other_terms
from cli.stack import Stack
from watchkeeper.models import Alert, Analysis, Incident, Standing
from watchkeeper.orders.model import StandingOrders

BACK = timedelta(days=30)


@dataclass(frozen=True)
class Past:
    """An incident as it was analysed, with the labels that its alerts carried."""

    incident: Incident
    analysis: Analysis
    labels: Mapping[str, str]


@dataclass(frozen=True)
class Difference:
    """One action for one incident: what it was by the old orders, what it is by the new ones. `terms` where only these differ."""

    incident: Incident
    action: str
    was: Outcome
    now: Outcome
    terms: tuple[str, ...] = ()


def past_of(stack: Stack, at: datetime, most: int) -> tuple[list[Past], int]:
    """The analysed incidents of the last 30 days that something was proposed for, newest first, and how many there were in all."""
    incidents = [one for one in stack.incidents.recent(most) if at - one.opened_at <= BACK]
    found = []
    for incident in incidents:
        analysis = stack.incidents.row(incident.id, Analysis, incident.analysis_id) if incident.analysis_id else None
        if analysis and analysis.proposed:
            alerts = stack.incidents.rows(incident.id, Alert)
            found.append(Past(incident, analysis, {name: value for alert in alerts for name, value in alert.labels.items()}))
    return found, len(incidents)


def standings_of(stack: Stack, *orders: StandingOrders) -> dict[str, Standing]:
    """How each order stands on its ladder now; what it was then is not known."""
    names = {order.name for one in orders for order in one.orders if order.ladder}
    return {name: stack.incidents.revised(Standing, name) for name in sorted(names)}


def without_calendars(orders: StandingOrders) -> StandingOrders:
    """What a calendar said then is not known: its freezes are left out on both sides."""
    return orders.but(freeze=tuple(freeze for freeze in orders.freeze if not freeze.calendar))


def differences(old: StandingOrders, new: StandingOrders, past: Sequence[Past], standings: Mapping[str, Standing]) -> Iterator[Difference]:
    """At the time of each analysis, for every action that it proposed."""
    for one in past:
        for name in dict.fromkeys(proposed.action for proposed in one.analysis.proposed):
            asked = Asked(
                name, one.incident, one.analysis.cause, one.analysis.made_at, one.labels,
                standings=standings, confidence=one.analysis.confidence,
            )  # fmt: skip
            was, now = judged(old, asked), judged(new, asked)
            terms = tuple(other_terms(was, now))
            if was.would is not now.would:
                yield Difference(one.incident, name, was, now)
            elif terms:
                yield Difference(one.incident, name, was, now, terms)
