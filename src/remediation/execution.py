"""The journal of a claimed action, from the claim to what the alarm said of it. Pure, like the rest of the journal."""

from datetime import datetime

from remediation.journal import Terms, due, event, handed_over, resolved
from remediation.next_step import Bar
from remediation.ports import Observation, Outcome, Running
from remediation.verification import Finding, Found
from watchkeeper.change import Change, change
from watchkeeper.episodes import Episode
from watchkeeper.models import DueKind, Execution, ExecutionStatus, Happening, Incident, Plan, Verification
from watchkeeper.states import Move, move


def started(incident: Incident, execution: Execution, plan: Plan, running: Running, terms: Terms, at: datetime) -> Change:
    """SSM runs it. The link leads its events back to the incident."""
    now = execution.but(status=ExecutionStatus.STARTED, automation_id=running.automation_id, started_at=running.started_at)
    told = event("action.started", f"{plan.action} runs on {plan.target.id}.", automation_id=running.automation_id)
    return change(
        incident, [told], at,
        rows=[now], links=[f"automation/{running.automation_id}"], due=due(DueKind.EXECUTION, at + terms.observe),
    )  # fmt: skip


def taken_over(incident: Incident, ours: Execution, terms: Terms, at: datetime) -> Change:
    """The claim of a worker who may be dead is in another's hands now. It is nobody's news."""
    return change(incident, [], at, rows=[ours], due=due(DueKind.EXECUTION, at + terms.observe), quiet=True)


def not_started(incident: Incident, execution: Execution, plan: Plan, why: str, at: datetime, *, certain: bool) -> Change:
    """It did not start, or nobody can say whether it did: both are a person's, and the second one says so."""
    if certain:
        return ended(incident, execution, plan, ExecutionStatus.FAILED, f"it was not started: {why}", at)
    doubt = f"a worker died after the claim, and nothing shows whether it was started; now it may not be: {why}"
    return ended(incident, execution, plan, ExecutionStatus.UNKNOWN, doubt, at)


def ended(
    incident: Incident, execution: Execution, plan: Plan, status: ExecutionStatus, why: str, at: datetime, seen: Observation | None = None
) -> Change:  # fmt: skip
    """It failed or cannot be known, which is a person's. The steps that the runbook took are kept."""
    now = execution.but(status=status, ended_at=(seen and seen.ended_at) or at, steps=seen.steps if seen else (), failure=why)
    told = event(f"action.{status.value}", f"{plan.action} on {plan.target.id}: {why}.", execution_id=execution.id, steps=_steps(seen))
    undone = _undone(plan)
    return handed_over(incident, f"{plan.action} on {plan.target.id} did not do its work: {why}. {undone}", at, [told], [now])


def stood_down(incident: Incident, execution: Execution, plan: Plan, episode: Episode, at: datetime) -> Change:
    """The alarm cleared between the claim and the start: nothing runs on an incident that is over."""
    now = execution.but(status=ExecutionStatus.FAILED, ended_at=at, failure=f"not started: {Bar.CLEARED.value}")
    told = event("action.failed", f"{plan.action} was not started: the alarm cleared first.", execution_id=execution.id)
    says = "The alarm cleared by itself before the action was started."
    return resolved(incident, Move.SUBSIDED, says, episode, incident.cleared_at or at, at, [told], [now])


def gave_up(execution: Execution, plan: Plan) -> Happening:
    """The claim's end in the timeline; the new plan that follows it is the same change."""
    return event("action.failed", f"{plan.action} was not started: {Bar.DRIFTED.value}.", execution_id=execution.id)


def abandoned(execution: Execution, at: datetime) -> Execution:
    """A claim that was given up before anything was started, because its target had changed."""
    return execution.but(status=ExecutionStatus.FAILED, ended_at=at, failure=f"not started: {Bar.DRIFTED.value}")


def observed(
    incident: Incident, execution: Execution, plan: Plan, seen: Observation, terms: Terms, at: datetime, left_to_do: str = ""
) -> Change:
    """It ended. Success is only that the runbook ran to its end; whether it helped is the alarm's word, or a person's first
    who has to finish it."""
    if seen.outcome is not Outcome.SUCCEEDED:
        why = f"the runbook ended as {seen.status}" + (f": {seen.failure}" if seen.failure else "")
        return ended(incident, execution, plan, ExecutionStatus.FAILED, why, at, seen)
    now = execution.but(status=ExecutionStatus.SUCCEEDED, ended_at=seen.ended_at or at, steps=seen.steps)
    if left_to_do:
        return _left(incident, now, plan, seen, left_to_do, at)
    says = f"{plan.action} on {plan.target.id} ran to its end; now the alarm has to say that it helped."
    told = event("action.succeeded", says, execution_id=execution.id, steps=_steps(seen))
    return change(
        incident, [told], at,
        rows=[now], status=move(incident.status, Move.ACTION_DONE), due=due(DueKind.VERIFICATION, at + terms.observe),
    )  # fmt: skip


def _left(incident: Incident, now: Execution, plan: Plan, seen: Observation, left_to_do: str, at: datetime) -> Change:
    """Its work is done and the rest is a person's. Nothing is verified: the alarm fires until they have done it."""
    where = f": {seen.outputs['Url']}" if seen.outputs.get("Url") else ""
    told = event(
        "action.succeeded",
        f"{plan.action} on {plan.target.id} ran to its end{where}",
        execution_id=now.id,
        steps=_steps(seen),
        **seen.outputs,
    )
    return handed_over(incident, f"{plan.action} on {plan.target.id} is done{where} {left_to_do}", at, [told], [now])


def verified(incident: Incident, execution: Execution, plan: Plan, found: Found, episode: Episode, at: datetime) -> Change:
    """What the alarm's word means: resolved, or a person's with the whole story. Only called when there is no more to wait for."""
    passed = found.finding is Finding.PASSED
    row = Verification(execution_id=execution.id, passed=passed, alarm_state=found.alarm_state, why=found.why, at=at)
    kind = "verification.passed" if passed else "verification.failed"
    told = [event(kind, found.why, execution_id=execution.id, alarm_state=found.alarm_state)]
    since = found.ok_since or at
    if passed:
        return resolved(incident, Move.VERIFIED, f"{plan.action} on {plan.target.id} helped: {found.why}", episode, since, at, told, [row])
    if found.finding is Finding.SUBSIDED:
        return resolved(incident, Move.SUBSIDED, found.why, episode, since, at, told, [row])
    says = f"{plan.action} on {plan.target.id} ran to its end and did not prove to help. {found.why} {_undone(plan)}"
    return handed_over(incident, says, at, told, [row])


def unverifiable(incident: Incident, execution: Execution, plan: Plan, why: str, at: datetime) -> Change:
    """The alarm may not be asked; the missing permission is named."""
    row = Verification(execution_id=execution.id, passed=False, alarm_state="NOT ASKED", why=why, at=at)
    told = [event("verification.failed", f"The alarm cannot be asked: {why}.", execution_id=execution.id)]
    says = f"{plan.action} on {plan.target.id} ran to its end, but whether it helped cannot be asked: {why}."
    return handed_over(incident, says, at, told, [row])


def _undone(plan: Plan) -> str:
    return f"{plan.action} has no inverse, so nothing was undone; a person has to look."


def _steps(seen: Observation | None) -> list[dict[str, str]]:
    return [step.model_dump() for step in seen.steps] if seen else []
