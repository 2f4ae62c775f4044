"""Earlier incidents of the same kind, and how much they are worth remembering."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from analysis.evidence.ask import Past
from watchkeeper.goals import is_goal
from watchkeeper.models import Analysis, Feedback, Incident, Plan, Verification
from watchkeeper.ports import Incidents

BACK = timedelta(days=90)
HALVES_IN = timedelta(days=30)
MOST_LOOKED_AT = 20
MOST_TOLD = 4
PROVEN, SAID_RIGHT, UNSAID = 1.0, 1.0, 0.6


def earlier(incident: Incident, incidents: Incidents, now: datetime) -> tuple[Past, ...]:
    """What happened before to this service or resource and was explained: the same fingerprint first, then the newest."""
    since = now - BACK
    found = {one.id: one for one in incidents.of_service(incident.service, since, MOST_LOOKED_AT)}
    for resource in incident.resources[:1]:
        found |= {one.id: one for one in incidents.on_resource(resource.id, since, MOST_LOOKED_AT)}
    known = [one for one in found.values() if one.id != incident.id and one.analysis_id and not is_goal(one)]
    known.sort(key=lambda one: (one.fingerprint == incident.fingerprint, one.fired_at, one.id), reverse=True)
    return tuple(_past(one, incidents) for one in known[:MOST_TOLD])


def strength(past: Past, now: datetime) -> float:
    """Between 0 and 1: halved every thirty days, nothing where people last said that it was wrong, whole where they said that
    it was right or where its fix was proven, and 0.6 of it where nobody said anything."""
    said = last_word(past.feedback)
    if said is not None and not said.right:
        return 0.0
    proven = past.verification is not None and past.verification.passed
    worth = SAID_RIGHT if said else (PROVEN if proven else UNSAID)
    age = max(timedelta(), now - past.incident.fired_at)
    return round(worth * float(0.5 ** (age / HALVES_IN)), 2)


def last_word(feedback: Iterable[Feedback]) -> Feedback | None:
    """The newest; people may change their minds."""
    return max(feedback, key=lambda one: (one.at, one.by), default=None)


def _past(incident: Incident, incidents: Incidents) -> Past:
    executed = incidents.row(incident.id, Verification, incident.execution_id) if incident.execution_id else None
    feedback = tuple(one for one in incidents.rows(incident.id, Feedback) if one.analysis_id == incident.analysis_id)
    return Past(
        incident=incident,
        analysis=incidents.row(incident.id, Analysis, incident.analysis_id),
        plan=incidents.row(incident.id, Plan, incident.plan_id) if incident.plan_id else None,
        verification=executed,
        feedback=feedback,
    )
