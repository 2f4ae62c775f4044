"""Starting what was claimed, once: look first; then start, unless the world has changed since the claim. Nothing is written here."""

from remediation import deciding, execution, next_step, planning
from remediation.at_hand import execution_of, plan_of, there
from remediation.automation import alarms_that_stop
from remediation.cases import Circumstances, order_of, see
from remediation.journal import Along
from remediation.next_step import Bar, Hold, Moment, Step
from remediation.ports import Running
from remediation.scoring import failed
from remediation.wiring import Wiring
from watchkeeper.errors import Permanent
from watchkeeper.models import Execution, Incident, Plan


def dispatch(incident: Incident, wiring: Wiring, hold: Hold) -> Step:
    """A claim of another worker is taken over by a write before anything is started. So the worker who claimed can prove,
    as long as nobody took it over, that nothing was started, and only then says so.
    """
    at, plan, claim = wiring.clock(), plan_of(incident, wiring), execution_of(incident, wiring)
    wiring = there(incident, plan, wiring)
    if not hold.covers(claim):
        ours = claim.but(hands=claim.hands + 1)
        return Step(execution.taken_over(incident, ours, wiring.terms, at), hold=Hold(ours.id, ours.hands))
    try:
        found = wiring.automation.find(claim.id)
        if found is None:
            moment = _moment(incident, plan, wiring)
            bar = next_step.barred(incident, claim, plan, wiring.catalogue().get(plan.action), moment)
            if bar is not None:
                return _stopped(bar, incident, claim, plan, moment, wiring, hold)
            found = _start(incident, claim, plan, moment, wiring)
    except Permanent as error:
        counted = failed(plan, wiring, at)
        return Step(execution.not_started(incident, claim, plan, str(error), at, certain=hold.fresh, revised=counted))
    return Step(execution.started(incident, claim, plan, found, wiring.terms, at))


def _moment(incident: Incident, plan: Plan, wiring: Wiring) -> Moment:
    """The switch last, so that nothing but the start comes after it. An alarm that may not be asked keeps us from starting what
    nothing could prove afterwards."""
    seen = see(plan.target, wiring)
    said = wiring.alarms.said(incident.alarm_name) if incident.alarm_name else None
    order = order_of(plan, wiring)
    stopping = alarms_that_stop(order.stop_alarms if order else (), incident.alarm_name, said.state if said else "")
    return Moment(wiring.clock(), seen.unseen, seen.state_hash, stopping, switch=wiring.switch.thrown())


def _start(incident: Incident, claim: Execution, plan: Plan, moment: Moment, wiring: Wiring) -> Running:
    """The version of the runbook that was planned with, under the alarm that stops it."""
    parameters = {name: [str(value) for value in values] for name, values in plan.parameters.items()}
    action = wiring.catalogue()[plan.action]  # one that has left the catalogue was barred before
    return wiring.automation.start(
        claim.id, incident.id, action.document, parameters, version=plan.document_version, stop_alarms=moment.stop_alarms
    )


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
        counted = [] if hold.fresh else failed(plan, wiring, at)
        return Step(execution.not_started(incident, claim, plan, why, at, certain=hold.fresh, revised=counted))
    if bar is Bar.CLEARED:
        return Step(execution.stood_down(incident, claim, plan, wiring.incidents.episode(incident.fingerprint), at))
    return _asked_again(incident, claim, plan, wiring)


def _asked_again(incident: Incident, claim: Execution, plan: Plan, wiring: Wiring) -> Step:
    """The target changed under the claim, of which nothing was started: it is given up, and a new plan asks a person."""
    drifted = f"{plan.target.id} changed between the plan and the start, so a person has to look."
    undoing = wiring.incidents.row(incident.id, Plan, plan.undoes) if plan.undoes else None
    wish = planning.taking_back(undoing, wiring.catalogue()) if undoing else planning.again(plan, wiring.catalogue())
    along = Along((execution.gave_up(claim, plan),), (execution.abandoned(claim, wiring.clock()),))
    return deciding.rule(incident, wish, wiring, Circumstances(drifted=drifted, given_up=claim.id, undoing=undoing), along)
