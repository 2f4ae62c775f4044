"""What people can do here: answer a question, ask for an explanation, say whether an analysis was right.

Each is safe to repeat. An answer becomes a message, and nothing else: it is remediation that judges it with authority.
"""

from collections.abc import Callable

from console.refusals import TurnedAway, not_theirs
from console.wiring import Wiring
from watchkeeper.answering import Given, Refusal, Turned, answer, asked, posted_there
from watchkeeper.change import Change, change
from watchkeeper.errors import Stale
from watchkeeper.feedback import given as rated
from watchkeeper.messages import ApprovalAnswered
from watchkeeper.models import Analysis, Approval, Delivery, Feedback, Happening, Incident
from watchkeeper.people import Person, Role
from watchkeeper.telemetry import about, count, logger

TRIES = 5
EXPLAINED = "explanation.asked"
_ASIDE = {"feedback.given"}


def decide(ask_id: str, person: Person, given: Given, wiring: Wiring) -> ApprovalAnswered:
    """Hand the answer to remediation; TurnedAway says why it is not taken."""
    question = asked(wiring.incidents, ask_id, wiring.clock())
    if isinstance(question, Refusal):
        raise TurnedAway(question)
    incident = question.incident
    about(incident.id, incident.trace_id)
    deliveries = wiring.incidents.rows(incident.id, Delivery) if given.channel or given.via == "slack" else []
    known = wiring.incidents.rows(incident.id, Approval)
    message = answer(question, person, given, wiring.clock(), deliveries, known)
    if isinstance(message, Refusal):
        raise TurnedAway(message)
    wiring.outbox.send([message])
    count("AnswersTaken", via=given.via)
    logger.info("an answer was taken", extra={"person": person.id, "via": given.via, "approved": given.yes, "plan_id": message.plan_id})
    return message


def explain(incident_id: str, person: Person, given: Given, wiring: Wiring) -> str:
    """Have the analysis, the plan and the gate's reasons told in the thread; not again before something new has happened."""
    incident = _incident(incident_id, given, wiring)
    happened = [record.kind for record in wiring.incidents.history(incident.id) if record.kind not in _ASIDE]
    if happened and happened[-1] == EXPLAINED:
        return "The explanation is in the thread already, and nothing has happened since."
    told = Happening(
        actor=f"person:{person.id}", kind=EXPLAINED, says=f"{person.name} asked for an explanation.", detail={"via": given.via}
    )
    _publish(incident, lambda now: change(now, [told], wiring.clock()), wiring)
    return "The explanation comes into the thread in a moment."


def rate(incident_id: str, analysis_id: str, person: Person, given: Given, wiring: Wiring) -> str:
    """Their word on an analysis. What was wrong is not taken from the cache again."""
    incident = _incident(incident_id, given, wiring)
    if not person.role.may(Role.RESPONDER):
        raise not_theirs(f"{person.name} is {person.role.value}, and saying whether it was right takes a responder.")
    analysis = wiring.incidents.row(incident.id, Analysis, analysis_id) if analysis_id else None
    if analysis is None or analysis_id != incident.analysis_id:
        raise TurnedAway(Refusal(Turned.OVER, "There is a newer analysis: please look at that one."))
    word = Feedback(analysis_id=analysis.id, by=person.id, right=given.yes, at=wiring.clock())
    before = wiring.incidents.row(incident.id, Feedback, word.key)
    if before and before.right == word.right:
        return f"You have said already that the analysis was {'right' if given.yes else 'wrong'}."
    _publish(incident, lambda now: rated(now, analysis, word, given.via, wiring.clock()), wiring)
    if not given.yes and analysis.signature:
        wiring.forget(analysis.signature)
    return f"Noted: the analysis was {'right' if given.yes else 'wrong'}. Thank you."


def _incident(incident_id: str, given: Given, wiring: Wiring) -> Incident:
    """The incident whose card holds the button that was pressed."""
    incident = wiring.incidents.load(incident_id) if incident_id.startswith("INC-") else None
    deliveries = wiring.incidents.rows(incident.id, Delivery) if incident else []
    if incident is None or not (given.message and posted_there(deliveries, given.channel, given.message)):
        raise TurnedAway(Refusal(Turned.ELSEWHERE, "That button is not on the card that Watchkeeper posted, so nothing was done."))
    about(incident.id, incident.trace_id)
    return incident


def _publish(incident: Incident, make: Callable[[Incident], Change], wiring: Wiring) -> None:
    """Under the incident's version, which others may raise meanwhile."""
    now = incident
    for attempt in range(TRIES):
        try:
            return wiring.publisher.publish(make(now))
        except Stale:
            if attempt == TRIES - 1:
                raise
            now = wiring.incidents.load(incident.id) or now
    return None
