"""Watching what was started to its end, and whether it helped; and taking it back where it did not. Nothing is written here."""

from dataclasses import replace

from remediation import deciding, execution, journal, next_step, planning
from remediation.at_hand import execution_of, plan_of, there
from remediation.cases import Circumstances, see
from remediation.journal import Along
from remediation.next_step import REST, Hold, Step
from remediation.ports import Observation, Outcome
from remediation.scoring import failed, scored
from remediation.verification import GONE, Finding, Found, Proof, unmet, verify_back
from remediation.verification import verify as judge_alarm
from remediation.wiring import Wiring
from watchkeeper.errors import Permanent
from watchkeeper.models import Approval, DueKind, Execution, ExecutionStatus, Incident, Plan


def observe(incident: Incident, wiring: Wiring, hold: Hold) -> Step:  # noqa: ARG001 - every look has the same three arguments
    """How the automation stands. What takes longer than its action may, or cannot be asked, is unknown and a person's."""
    at, plan, run = wiring.clock(), plan_of(incident, wiring), execution_of(incident, wiring)
    wiring = there(incident, plan, wiring)
    action = wiring.catalogue().get(plan.action)
    try:
        seen = wiring.automation.observe(run.automation_id)
    except Permanent as error:
        return Step(execution.ended(incident, run, plan, ExecutionStatus.UNKNOWN, str(error), at, revised=failed(plan, wiring, at)))
    if seen is not None and seen.outcome is Outcome.SUCCEEDED:
        return Step(execution.observed(incident, run, plan, seen, wiring.terms, at, action.left_to_do if action else ""))
    if seen is not None and seen.outcome is Outcome.FAILED:
        return _failed(incident, run, plan, seen, wiring)
    if next_step.overdue(run, action, at):
        why = f"it has not ended in its time; SSM says {seen.status if seen else 'nothing of it'}"
        counted = failed(plan, wiring, at)
        return Step(execution.ended(incident, run, plan, ExecutionStatus.UNKNOWN, why, at, seen, counted))
    if seen is not None and seen.steps != run.steps:
        return Step(execution.progressed(incident, run, seen, wiring.terms, at), goes_on=False)
    if next_step.is_put_off(incident, at):
        return REST
    return Step(journal.put_off(incident, DueKind.EXECUTION, at + wiring.terms.observe, at), goes_on=False)


def verify(incident: Incident, wiring: Wiring, hold: Hold) -> Step:  # noqa: ARG001 - every look has the same three arguments
    """What the alarm and the named checks say. An OK that has to hold brings this message back when it has; all else waits for
    the next word. What is not proven to have helped is taken back where it can be."""
    at, plan, run = wiring.clock(), plan_of(incident, wiring), execution_of(incident, wiring)
    wiring = there(incident, plan, wiring)
    try:
        found = _is_back(plan, run, wiring) if plan.undoes else _proof(incident, plan, run, wiring)
    except Permanent as error:
        return Step(execution.unverifiable(incident, run, plan, str(error), at, failed(plan, wiring, at)))
    if found.finding is not Finding.WAIT:
        return _concluded(incident, run, plan, found, wiring)
    until = found.until if found.ok_since else min(found.until, at + wiring.terms.observe)
    later = None if next_step.is_put_off(incident, at) else journal.put_off(incident, DueKind.VERIFICATION, until, at)
    return Step(later, goes_on=False, wait=until - at if found.ok_since else None, why=found.why)


def _proof(incident: Incident, plan: Plan, run: Execution, wiring: Wiring) -> Found:
    """The alarm's word; and the target's own health, once the alarm says that it is over."""
    at, proof = wiring.clock(), Proof(plan.verdict.ok_periods, wiring.terms.verify)
    said = wiring.alarms.said(incident.alarm_name) if incident.alarm_name else None
    found = judge_alarm(incident, run, said, proof, at)
    action = wiring.catalogue().get(plan.action)
    if found.finding is not Finding.PASSED or action is None or not action.proven_by:
        return found
    seen = see(plan.target, wiring)
    if seen.unseen:
        raise Permanent(f"the named checks cannot be made: {seen.unseen}")
    return judge_alarm(incident, run, said, replace(proof, unmet=unmet(action, seen.health)), at)


def _is_back(plan: Plan, run: Execution, wiring: Wiring) -> Found:
    """Is the target as it was before the action that this plan took back?"""
    action, seen = wiring.catalogue().get(plan.action), see(plan.target, wiring)
    if seen.unseen:
        raise Permanent(f"the target cannot be looked at: {seen.unseen}")
    holds = action is not None and action.holds(plan.parameters, seen.state)
    return verify_back(run, wiring.terms.verify, wiring.clock(), holds=holds)


def _concluded(incident: Incident, run: Execution, plan: Plan, found: Found, wiring: Wiring) -> Step:
    at = wiring.clock()
    if plan.undoes:
        return Step(execution.taken_back(incident, run, plan, found, at))
    if found.finding is not Finding.FAILED:
        episode = wiring.incidents.episode(incident.fingerprint)
        counted = scored(plan, wiring, at, right=True) if found.finding is Finding.PASSED else []
        return Step(execution.verified(incident, run, plan, found, episode, at, counted))
    counted = failed(plan, wiring, at)
    if not plan.inverse:
        return Step(execution.verified(incident, run, plan, found, wiring.incidents.episode(incident.fingerprint), at, counted))
    told, row = execution.verification(run, found, at)
    unproven = found.why if found.alarm_state == GONE else ""
    return _take_back(incident, plan, wiring, Along((told,), (row,), tuple(counted)), unproven)


def _failed(incident: Incident, run: Execution, plan: Plan, seen: Observation, wiring: Wiring) -> Step:
    """The runbook failed. What it has changed before that is taken back; where it changed nothing there is nothing to take back."""
    at, counted = wiring.clock(), failed(plan, wiring, wiring.clock())
    why = f"the runbook ended as {seen.status}" + (f": {seen.failure}" if seen.failure else "")
    now = see(plan.target, wiring)
    why += f"; what it has changed cannot be looked at: {now.unseen}" if now.unseen else ""
    touched = plan.inverse and not plan.undoes and not now.unseen and now.state_hash != plan.state_hash
    if not touched:
        return Step(execution.ended(incident, run, plan, ExecutionStatus.FAILED, why, at, seen, counted))
    told, row = execution.failure(run, plan, ExecutionStatus.FAILED, why, at, seen)
    return _take_back(incident, plan, wiring, Along((told,), (row,), tuple(counted)))


def _take_back(incident: Incident, plan: Plan, wiring: Wiring, along: Along, unproven: str = "") -> Step:
    """The inverse, through the same gate. Where somebody has changed the target since, a person decides."""
    action, seen = wiring.catalogue().get(plan.action), see(plan.target, wiring)
    as_set = action is not None and action.holds(plan.parameters, seen.state)
    drifted = "" if as_set or seen.unseen else f"{plan.target.id} is not as {plan.action} set it, so a person has to say."
    covered = _covering(incident, plan, wiring) if as_set and not unproven else ()
    around = Circumstances(seen=seen, undoing=plan, drifted=drifted, unproven=unproven, approvals=covered)
    return deciding.rule(incident, planning.taking_back(plan, wiring.catalogue()), wiring, around, along)


def _covering(incident: Incident, plan: Plan, wiring: Wiring) -> tuple[Approval, ...]:
    """Those who agreed to the plan were shown its inverse: their word covers it, for it and nothing else."""
    known = wiring.incidents.rows(incident.id, Approval)
    bound = (plan.id, plan.args_hash, plan.state_hash)
    return tuple(one for one in known if one.approved and (one.plan_id, one.args_hash, one.state_hash) == bound)
