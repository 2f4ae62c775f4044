"""Carries out what the pure rooms decide: get the world's answer, let them decide, write the change, ask again.

Every message ends in `advance`, which looks at the incident as it lies and takes it on, one change at a time. A worker
that dies leaves an incident that says where it was; whoever looks next, for whatever reason, goes on from there.
"""

from collections.abc import Callable

from remediation import approvals, deciding, dispatching, journal, proving
from remediation.approvals import Answer, Asked
from remediation.next_step import LONGEST_WAIT, STEPS_AT_MOST, TRIES, Hold, Look, Step, look_for
from remediation.scoring import scored, shadow
from remediation.wiring import Wiring
from watchkeeper.change import Change, change
from watchkeeper.errors import AlreadyWritten, BadPayload, NotYet, Stale
from watchkeeper.messages import AnalysisCompleted, AnyMessage, ApprovalAnswered, LookAgain
from watchkeeper.models import Approval, Delivery, Execution, Happening, Incident, Plan
from watchkeeper.telemetry import about, count

LOOKS: dict[Look, Callable[[Incident, Wiring, Hold], Step]] = {
    Look.PLAN: deciding.decide,
    Look.ANSWER: deciding.await_answer,
    Look.DISPATCH: dispatching.dispatch,
    Look.OBSERVE: proving.observe,
    Look.VERIFY: proving.verify,
}


def remediate(message: AnyMessage, wiring: Wiring) -> None:
    """Pay what is owed from before, take in what the message says, and go on as far as it goes."""
    take_in = MESSAGES.get(type(message))
    if take_in is None:
        raise BadPayload(f"remediation has no use for {message.kind}", field="kind")
    take_in(message, wiring)


def completed(message: AnalysisCompleted, wiring: Wiring) -> None:
    """Plan on this analysis, unless a newer one counts by now."""
    incident = _settled(message.incident_id, wiring)
    if incident.analysis_id == message.analysis_id:
        advance(incident.id, wiring)


def looked(message: LookAgain, wiring: Wiring) -> None:
    """Count what people have said since, and go on. A race that is lost here is looked at again by whoever won it, or the next time."""
    incident = _settled(message.incident_id, wiring)
    counted = shadow(incident, wiring, wiring.clock())
    if counted is not None:
        _publish(counted, wiring)
    advance(incident.id, wiring)


def answered(message: ApprovalAnswered, wiring: Wiring) -> None:
    """Record a person's answer, once, and go on; one that does not count is recorded as such and changes nothing."""
    incident = _settled(message.incident_id, wiring)
    for attempt in range(1, TRIES + 1):
        step = _answer(message, incident, wiring)
        try:
            if step is not None:
                _publish(step, wiring)
            break
        except Stale:
            if attempt == TRIES:
                raise
            incident = _load(message.incident_id, wiring)
    advance(message.incident_id, wiring)


MESSAGES: dict[type[AnyMessage], Callable[..., None]] = {
    AnalysisCompleted: completed,
    ApprovalAnswered: answered,
    LookAgain: looked,
}


def advance(incident_id: str, wiring: Wiring) -> None:
    """Step by step until there is only waiting left. Whoever loses a race reads again and decides again."""
    hold, lost = Hold(), 0
    for _ in range(STEPS_AT_MOST):
        incident = _load(incident_id, wiring)
        look = look_for(incident, _execution(incident, wiring))
        if look is None:
            return
        step = LOOKS[look](incident, wiring, hold)
        try:
            if step.change is not None:
                _publish(step.change, wiring)
        except (Stale, AlreadyWritten):
            lost += 1
            if lost == TRIES:
                raise
            continue
        if step.wait is not None and step.wait <= LONGEST_WAIT:
            raise NotYet(step.why, retry_after=step.wait.total_seconds())
        if not step.goes_on:
            return
        hold = step.hold


def _answer(message: ApprovalAnswered, incident: Incident, wiring: Wiring) -> Change | None:
    """The change that this answer makes; none when it was counted before."""
    at = wiring.clock()
    plan = wiring.incidents.row(incident.id, Plan, incident.plan_id) if incident.plan_id else None
    shown = {row.refs.get("channel", "") for row in wiring.incidents.rows(incident.id, Delivery)}
    asked = Asked(wiring.people(), shown - {""})
    judged = approvals.judge_answer(message, incident, plan, wiring.incidents.rows(incident.id, Approval), at, asked)
    if judged.answer is Answer.SEEN:
        return None
    if judged.answer is Answer.INVALID or plan is None:
        rejected = approvals.rejection(message, judged)
        return None if _told_before(rejected, incident, wiring) else change(incident, [rejected], at)
    approval = approvals.as_approval(message, at)
    if judged.answer is Answer.YES:
        return journal.agreed(incident, plan, approval, at)
    return journal.declined(incident, plan, approval, at, scored(plan, wiring, at, right=False))


def _told_before(rejected: Happening, incident: Incident, wiring: Wiring) -> bool:
    """A rejected answer has no row of its own: its record in the chain is what a second delivery finds."""
    return any(record.kind == rejected.kind and record.detail == rejected.detail for record in wiring.incidents.history(incident.id))


def _settled(incident_id: str, wiring: Wiring) -> Incident:
    """The incident, after the promises of a worker who died were kept, as far as they are ours to keep."""
    incident = _load(incident_id, wiring)
    about(incident.id, incident.trace_id)
    owed = wiring.incidents.owed(incident_id)
    wiring.publisher.settle([debt for debt in owed if debt.message is None or debt.message.queue in wiring.sends])
    return incident


def _load(incident_id: str, wiring: Wiring) -> Incident:
    incident = wiring.incidents.load(incident_id)
    if incident is None:
        raise NotYet(f"{incident_id} is not there yet")
    return incident


def _execution(incident: Incident, wiring: Wiring) -> Execution | None:
    return wiring.incidents.row(incident.id, Execution, incident.execution_id) if incident.execution_id else None


def _publish(written: Change, wiring: Wiring) -> None:
    wiring.publisher.publish(written)
    for record in written.records:
        count("Remediation", happened=record.kind)
