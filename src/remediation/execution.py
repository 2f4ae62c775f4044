"""The journal of a claimed action, from the claim to what the alarm said of it. Pure, like the rest of the journal."""

from collections.abc import Sequence
from datetime import datetime

from remediation.journal import due, event, handed_over, resolved
from remediation.next_step import Bar
from remediation.ports import Observation, Running
from remediation.terms import Terms
from remediation.verification import Finding, Found
from watchkeeper.change import Change, change
from watchkeeper.episodes import Episode
from watchkeeper.models import DueKind, Execution, ExecutionStatus, Happening, Incident, Plan, Revised, Verification
from watchkeeper.states import Move, move

STEP_ENDED = {"Success", "Failed", "TimedOut", "Cancelled", "CompletedWithSuccess", "CompletedWithFailure"}


def started(incident: Incident, execution: Execution, plan: Plan, running: Running, terms: Terms, at: datetime) -> Change:
    """SSM runs it. The link leads its events back to the incident."""
    now = execution.but(
        status=ExecutionStatus.STARTED, automation_id=running.automation_id, request_id=running.request_id, started_at=running.started_at
    )
    says = f"{plan.action} runs on {plan.target.id}."
    call = {"automation_id": running.automation_id, "request_id": running.request_id, "account": plan.target.account}
    told = event("action.started", says, execution_id=execution.id, document=plan.document, version=plan.document_version, **call)
    return change(
        incident, [told], at,
        rows=[now], links=[f"automation/{running.automation_id}"], due=due(DueKind.EXECUTION, at + terms.observe),
    )  # fmt: skip


def taken_over(incident: Incident, ours: Execution, terms: Terms, at: datetime) -> Change:
    """The claim of a worker who may be dead is in another's hands now. It is nobody's news."""
    return change(incident, [], at, rows=[ours], due=due(DueKind.EXECUTION, at + terms.observe), quiet=True)


def progressed(incident: Incident, execution: Execution, seen: Observation, terms: Terms, at: datetime) -> Change:
    """The runbook has come further: which steps have ended since we looked, for whoever watches."""
    ended = [step for step in seen.steps if step.status in STEP_ENDED and step not in execution.steps]
    told = [event("action.step", f"Step {step.name}: {step.status}.", execution_id=execution.id, step=step.model_dump()) for step in ended]
    now = execution.but(steps=seen.steps)
    return change(incident, told, at, rows=[now], due=due(DueKind.EXECUTION, at + terms.observe), quiet=not told)


def not_started(
    incident: Incident, execution: Execution, plan: Plan, why: str, at: datetime, *, certain: bool, revised: Sequence[Revised] = ()
) -> Change:
    """It did not start, or nobody can say whether it did: both are a person's, and the second one says so."""
    if certain:
        return ended(incident, execution, plan, ExecutionStatus.FAILED, f"it was not started: {why}", at, revised=revised)
    doubt = f"a worker died after the claim, and nothing shows whether it was started; now it may not be: {why}"
    return ended(incident, execution, plan, ExecutionStatus.UNKNOWN, doubt, at, revised=revised)


def ended(
    incident: Incident, execution: Execution, plan: Plan, status: ExecutionStatus, why: str, at: datetime, seen: Observation | None = None,
    revised: Sequence[Revised] = (),
) -> Change:  # fmt: skip
    """It failed or cannot be known, which is a person's. The steps that the runbook took are kept."""
    told, now = failure(execution, plan, status, why, at, seen)
    says = f"{_named(plan)} did not do its work: {why}. {undone(plan)}"
    return handed_over(incident, says, at, [told], [now], revised=revised)


def failure(
    execution: Execution, plan: Plan, status: ExecutionStatus, why: str, at: datetime, seen: Observation | None
) -> tuple[Happening, Execution]:
    """The end of an execution that did not do its work: for the timeline, and as its row."""
    now = execution.but(status=status, ended_at=(seen and seen.ended_at) or at, steps=seen.steps if seen else execution.steps, failure=why)
    told = event(
        f"action.{status.value}",
        f"{_named(plan)}: {why}.",
        execution_id=execution.id,
        automation_id=execution.automation_id,
        steps=_steps(seen),
    )
    return told, now


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
    """It ran to its end, which proves nothing: whether it helped is the alarm's word, or a person's first who has to finish it."""
    now = execution.but(status=ExecutionStatus.SUCCEEDED, ended_at=seen.ended_at or at, steps=seen.steps)
    if left_to_do:
        return _left(incident, now, plan, seen, left_to_do, at)
    proof = "now it has to be as it was" if plan.undoes else "now the alarm has to say that it helped"
    says = f"{_named(plan)} ran to its end; {proof}."
    told = event("action.succeeded", says, execution_id=execution.id, automation_id=execution.automation_id, steps=_steps(seen))
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
        automation_id=now.automation_id,
        steps=_steps(seen),
        **seen.outputs,
    )
    return handed_over(incident, f"{plan.action} on {plan.target.id} is done{where} {left_to_do}", at, [told], [now])


def verified(
    incident: Incident, execution: Execution, plan: Plan, found: Found, episode: Episode, at: datetime, revised: Sequence[Revised] = ()
) -> Change:
    """What the alarm's word means: resolved, or a person's with the whole story. Only called when there is no more to wait for."""
    told, row = verification(execution, found, at)
    since = found.ok_since or at
    if found.finding is Finding.PASSED:
        says = f"{plan.action} on {plan.target.id} helped: {found.why}"
        return resolved(incident, Move.VERIFIED, says, episode, since, at, [told], [row], revised)
    if found.finding is Finding.SUBSIDED:
        return resolved(incident, Move.SUBSIDED, found.why, episode, since, at, [told], [row])
    says = f"{plan.action} on {plan.target.id} ran to its end and did not prove to help. {found.why} {undone(plan)}"
    return handed_over(incident, says, at, [told], [row], revised=revised)


def verification(execution: Execution, found: Found, at: datetime) -> tuple[Happening, Verification]:
    """What was found, for the timeline and as a row."""
    passed = found.finding is Finding.PASSED
    row = Verification(execution_id=execution.id, passed=passed, alarm_state=found.alarm_state, why=found.why, at=at)
    kind = "verification.passed" if passed else "verification.failed"
    return event(kind, found.why, execution_id=execution.id, alarm_state=found.alarm_state), row


def taken_back(incident: Incident, execution: Execution, plan: Plan, found: Found, at: datetime) -> Change:
    """The inverse ran. Whether the target is again as it was before is on record; the trouble itself is a person's now."""
    told, row = verification(execution, found, at)
    back = "was taken back" if found.finding is Finding.PASSED else "could not be proven to be taken back"
    says = f"{plan.action} on {plan.target.id} did not help and {back}: {found.why} A person has to look."
    return handed_over(incident, says, at, [told], [row])


def unverifiable(incident: Incident, execution: Execution, plan: Plan, why: str, at: datetime, revised: Sequence[Revised] = ()) -> Change:
    """The alarm may not be asked; the missing permission is named."""
    row = Verification(execution_id=execution.id, passed=False, alarm_state="NOT ASKED", why=why, at=at)
    told = [event("verification.failed", f"The alarm cannot be asked: {why}.", execution_id=execution.id)]
    says = f"{plan.action} on {plan.target.id} ran to its end, but whether it helped cannot be asked: {why}."
    return handed_over(incident, says, at, told, [row], revised=revised)


def undone(plan: Plan) -> str:
    """Why it stays as it is, for the person who has it now."""
    if plan.undoes:
        return "It was itself to take an action back; a person has to look."
    says = plan.inverse_says.rstrip(".")
    return f"It is not taken back: {says}. A person has to look." if says else "Nothing was taken back; a person has to look."


def _named(plan: Plan) -> str:
    return f"{plan.action} on {plan.target.id}" + (" to take an action back" if plan.undoes else "")


def _steps(seen: Observation | None) -> list[dict[str, str]]:
    return [step.model_dump() for step in seen.steps] if seen else []
