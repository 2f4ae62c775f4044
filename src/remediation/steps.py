"""One step for each look: get what the decision needs, and hand it to the pure rooms. Nothing is written here."""

from remediation import approvals, execution, journal, next_step, planning
from remediation.cases import make_case, see
from remediation.gate import Case, judge
from remediation.next_step import REST, Bar, Hold, Moment, Step
from remediation.ports import Outcome, Running
from remediation.verification import Finding
from remediation.verification import verify as judge_alarm
from remediation.wiring import Wiring
from watchkeeper.errors import NotYet, Permanent
from watchkeeper.models import Analysis, Approval, DueKind, Evidence, Execution, ExecutionStatus, Happening, Incident, Plan, Row, Ruling


def decide(incident: Incident, wiring: Wiring, hold: Hold) -> Step:  # noqa: ARG001 - every look has the same three arguments
    """What the analysis proposes, through the gate; a person's where it proposes nothing."""
    at = wiring.clock()
    if incident.cleared_at:
        return Step(journal.cleared(incident, wiring.incidents.episode(incident.fingerprint), at))
    analysis = _analysis(incident, wiring)
    proposal = planning.propose(analysis.proposed, incident, wiring.catalogue(), wiring.incidents.rows(incident.id, Evidence))
    if proposal is None:
        return Step(journal.nothing_proposed(incident, analysis, at))
    return _rule(make_case(incident, analysis, proposal, wiring, at), wiring)


def await_answer(incident: Incident, wiring: Wiring, hold: Hold) -> Step:  # noqa: ARG001 - every look has the same three arguments
    """A yes in time goes through the gate once more, on the world as it is now; no yes in time is a no."""
    at, plan = wiring.clock(), _plan(incident, wiring)
    if incident.cleared_at:
        return Step(journal.cleared(incident, wiring.incidents.episode(incident.fingerprint), at))
    if not approvals.in_time(plan, at):
        return Step(journal.expired(incident, plan, at))
    approval = approvals.standing(plan, wiring.incidents.rows(incident.id, Approval), at)
    if approval is None:
        return REST
    proposal = planning.again(plan, wiring.catalogue())
    seen = see(proposal.target, wiring)
    if (proposal.args_hash, seen.state_hash) == (plan.args_hash, plan.state_hash):
        return _rule(make_case(incident, _analysis(incident, wiring), proposal, wiring, at, seen=seen, approval=approval), wiring, plan)
    drifted = f"{plan.target.id} has changed since {approval.approver} agreed, so a person has to look again."
    return _rule(make_case(incident, _analysis(incident, wiring), proposal, wiring, at, seen=seen, drifted=drifted), wiring)


def dispatch(incident: Incident, wiring: Wiring, hold: Hold) -> Step:
    """Look first; then start, unless the world has changed since the claim.

    A claim of another worker is taken over by a write before anything is started. So the worker who claimed can prove,
    as long as nobody took it over, that nothing was started, and only then says so.
    """
    at, plan, claim = wiring.clock(), _plan(incident, wiring), _execution(incident, wiring)
    if not hold.covers(claim):
        ours = claim.but(hands=claim.hands + 1)
        return Step(execution.taken_over(incident, ours, wiring.terms, at), hold=Hold(ours.id, ours.hands))
    try:
        found = wiring.automation.find(claim.id)
        if found is None:
            moment = _moment(plan, wiring)
            bar = next_step.barred(incident, claim, wiring.catalogue().get(plan.action), plan.state_hash, moment)
            if bar is not None:
                return _stopped(bar, incident, claim, plan, moment, wiring, hold)
            found = _start(incident, claim, plan, wiring)
    except Permanent as error:
        return Step(execution.not_started(incident, claim, plan, str(error), at, certain=hold.fresh))
    return Step(execution.started(incident, claim, plan, found, wiring.terms, at))


def observe(incident: Incident, wiring: Wiring, hold: Hold) -> Step:  # noqa: ARG001 - every look has the same three arguments
    """How the automation stands. What takes longer than its action may, or cannot be asked, is unknown and a person's."""
    at, plan, run = wiring.clock(), _plan(incident, wiring), _execution(incident, wiring)
    try:
        seen = wiring.automation.observe(run.automation_id)
    except Permanent as error:
        return Step(execution.ended(incident, run, plan, ExecutionStatus.UNKNOWN, str(error), at))
    if seen is not None and seen.outcome is not Outcome.RUNNING:
        action = wiring.catalogue().get(plan.action)
        return Step(execution.observed(incident, run, plan, seen, wiring.terms, at, action.left_to_do if action else ""))
    if next_step.overdue(run, wiring.catalogue().get(plan.action), at):
        why = f"it has not ended in its time; SSM says {seen.status if seen else 'nothing of it'}"
        return Step(execution.ended(incident, run, plan, ExecutionStatus.UNKNOWN, why, at, seen))
    if next_step.is_put_off(incident, at):
        return REST
    return Step(journal.put_off(incident, DueKind.EXECUTION, at + wiring.terms.observe, at), goes_on=False)


def verify(incident: Incident, wiring: Wiring, hold: Hold) -> Step:  # noqa: ARG001 - every look has the same three arguments
    """What the alarm says. An OK that has to hold brings this message back when it has; all else waits for the next word."""
    at, plan, run = wiring.clock(), _plan(incident, wiring), _execution(incident, wiring)
    try:
        said = wiring.alarms.said(incident.alarm_name) if incident.alarm_name else None
    except Permanent as error:
        return Step(execution.unverifiable(incident, run, plan, str(error), at))
    found = judge_alarm(incident, run, said, plan.verdict.ok_periods, at)
    if found.finding is not Finding.WAIT:
        episode = wiring.incidents.episode(incident.fingerprint)
        return Step(execution.verified(incident, run, plan, found, episode, at))
    until = found.until if found.ok_since else min(found.until, at + wiring.terms.observe)
    later = None if next_step.is_put_off(incident, at) else journal.put_off(incident, DueKind.VERIFICATION, until, at)
    return Step(later, goes_on=False, wait=until - at if found.ok_since else None, why=found.why)


def _rule(
    case: Case, wiring: Wiring, plan: Plan | None = None, before: tuple[Happening, ...] = (), rows: tuple[Row, ...] = ()
) -> Step:  # fmt: skip
    """The gate's verdict as a change; the worker that writes a claim holds it."""
    verdict = judge(case)
    written = journal.ruled(case, verdict, wiring.terms, plan, before, rows)
    claimed = Hold(written.incident.execution_id, hands=1, fresh=True)
    return Step(written, hold=claimed if verdict.ruling is Ruling.RUN else Hold())


def _moment(plan: Plan, wiring: Wiring) -> Moment:
    """The switch last, so that nothing but the start comes after it."""
    seen = see(plan.target, wiring)
    return Moment(wiring.clock(), unseen=seen.unseen, target_hash=seen.state_hash, switch=wiring.switch.thrown())


def _start(incident: Incident, claim: Execution, plan: Plan, wiring: Wiring) -> Running:
    """Its time is taken before the call, so that an alarm that turns OK at once did so after it."""
    begun = wiring.clock()
    parameters = {name: [str(value) for value in values] for name, values in plan.parameters.items()}
    return Running(automation_id=wiring.automation.start(claim.id, incident.id, plan.action, parameters), started_at=begun)


def _stopped(bar: Bar, incident: Incident, claim: Execution, plan: Plan, moment: Moment, wiring: Wiring, hold: Hold) -> Step:
    """A claim that may not be started: given up by the worker who can prove that it was not, else left to a person.

    Before that is said, SSM's list has had the time to show what a worker who died may have started.
    """
    at = moment.at
    why = {Bar.SWITCHED_OFF: f"the kill switch: {moment.switch}", Bar.UNSEEN: moment.unseen}.get(bar, bar.value)
    wait = None if hold.fresh else next_step.may_still_show(claim, at)
    if wait is not None:
        return Step(goes_on=False, wait=wait, why=f"{claim.id} may still show as started")
    if not hold.fresh or bar not in {Bar.CLEARED, Bar.DRIFTED}:
        return Step(execution.not_started(incident, claim, plan, why, at, certain=hold.fresh))
    if bar is Bar.CLEARED:
        return Step(execution.stood_down(incident, claim, plan, wiring.incidents.episode(incident.fingerprint), at))
    drifted = f"{plan.target.id} changed between the plan and the start, so a person has to look."
    proposal = planning.again(plan, wiring.catalogue())
    case = make_case(incident, _analysis(incident, wiring), proposal, wiring, at, drifted=drifted, given_up=claim.id)
    return _rule(case, wiring, before=(execution.gave_up(claim, plan),), rows=(execution.abandoned(claim, at),))


def _analysis(incident: Incident, wiring: Wiring) -> Analysis:
    found = wiring.incidents.row(incident.id, Analysis, incident.analysis_id)
    if found is None:
        raise NotYet(f"analysis {incident.analysis_id} of {incident.id} is not there yet")
    return found


def _plan(incident: Incident, wiring: Wiring) -> Plan:
    found = wiring.incidents.row(incident.id, Plan, incident.plan_id)
    if found is None:
        raise Permanent(f"{incident.id} is {incident.status.value} without its plan {incident.plan_id or '(none)'}")
    return found


def _execution(incident: Incident, wiring: Wiring) -> Execution:
    found = wiring.incidents.row(incident.id, Execution, incident.execution_id)
    if found is None:
        raise Permanent(f"{incident.id} is {incident.status.value} without its execution {incident.execution_id or '(none)'}")
    return found
