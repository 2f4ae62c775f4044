"""The changes that remediation makes to an incident. Each is one transaction: what happened, to whom, and what is due next.

Pure: every function takes the incident as it was read and gives the change that follows; nothing here asks or writes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from remediation.gate import Case
from remediation.planning import make_plan
from watchkeeper.change import Change, Cooldown, change
from watchkeeper.episodes import Episode
from watchkeeper.goals import is_goal
from watchkeeper.ids import token
from watchkeeper.models import (
    Analysis,
    Approval,
    Cause,
    Due,
    DueKind,
    Execution,
    ExecutionStatus,
    Happening,
    Incident,
    Plan,
    Row,
    Ruling,
    Verdict,
)
from watchkeeper.states import Move, may, move

ACTOR = "remediation"


@dataclass(frozen=True)
class Terms:
    """What the settings say: how long a person has, how soon to look again, how documents are named."""

    approval: timedelta
    observe: timedelta
    runbook_prefix: str


def event(kind: str, says: str, **detail: object) -> Happening:
    """A happening of ours, with the details that are not empty."""
    return Happening(actor=ACTOR, kind=kind, says=says, detail={key: value for key, value in detail.items() if value})


def due(kind: DueKind, at: datetime) -> Due:
    return Due(kind=kind, at=at)


def handed_over(
    incident: Incident, says: str, at: datetime, before: Sequence[Happening] = (), rows: Sequence[Row] = (), plan: Plan | None = None
) -> Change:
    """To a person, with one sentence that says why; `plan` where it is a new one that counts from now on.

    A person's question ends here instead, as long as nothing was done for it: it is answered, and nobody is woken.
    """
    plan_id = plan.id if plan else incident.plan_id
    if is_goal(incident) and may(incident.status, Move.ANSWERED):
        return _answered(incident, says, at, before, rows, plan_id)
    told = [*before, event("incident.escalated", says)]
    return change(incident, told, at, rows=rows, status=move(incident.status, Move.HANDED_OVER), plan_id=plan_id, due=None)


def _answered(incident: Incident, says: str, at: datetime, before: Sequence[Happening], rows: Sequence[Row], plan_id: str) -> Change:
    """Its episode is left as it is: the fingerprint of a question never comes again."""
    told = [*before, event("question.answered", says)]
    status = move(incident.status, Move.ANSWERED)
    return change(incident, told, at, rows=rows, status=status, plan_id=plan_id, resolved_at=at, due=None, firing=())


def resolved(
    incident: Incident, why: Move, says: str, episode: Episode, ok_since: datetime, at: datetime,
    before: Sequence[Happening] = (), rows: Sequence[Row] = (),
) -> Change:  # fmt: skip
    """Over. The fingerprint's episode ends when the alarm turned OK, not now: what fires in between is not late."""
    ours = episode.open_incident == incident.id
    ended = episode.but(revision=episode.revision + 1, open_incident="", last_incident=incident.id, resolved_at=ok_since)
    return change(
        incident, [*before, event("incident.resolved", says)], at,
        rows=rows, episode=ended if ours else None, status=move(incident.status, why), resolved_at=at, due=None, firing=(),
    )  # fmt: skip


def ruled(
    case: Case, verdict: Verdict, terms: Terms, plan: Plan | None = None, before: Sequence[Happening] = (), rows: Sequence[Row] = ()
) -> Change:
    """What the gate's verdict means: run is a claim, ask is a question with an end, refuse is for a person to read.

    `plan` is the one that a person agreed to, where there is one; it keeps its id and hashes.
    """
    made = plan.but(verdict=verdict) if plan else make_plan(case.incident, case.proposal, case.seen, verdict, case.at)
    told = [*before, _plan_made(case, verdict, made)]
    if made is None or verdict.ruling is Ruling.REFUSE:
        against = " ".join(reason.why for reason in verdict.reasons if reason.ruling is Ruling.REFUSE)
        says = f"Nothing was done: {case.proposal.name} is refused. {against}"
        return handed_over(case.incident, says, case.at, told, [*rows, *([made] if made else [])], made)
    if verdict.ruling is Ruling.ASK:
        return _asked(case, made, terms, told, rows)
    return _claimed(case, made, terms, told, rows)


def _plan_made(case: Case, verdict: Verdict, plan: Plan | None) -> Happening:
    action, target = case.proposal.action, case.proposal.target
    what = action.says if action else case.proposal.name[:80]
    on = f" {target.id}" if target else ""
    by = f', by the order "{verdict.order}"' if verdict.order else ""
    reasons = [reason.model_dump(mode="json") for reason in verdict.reasons]
    says = f"Plan: {what}{on}. The gate says {verdict.ruling.value}{by}."
    return event("plan.made", says, ruling=verdict.ruling.value, plan_id=plan.id if plan else "", order=verdict.order, reasons=reasons)


def _asked(case: Case, plan: Plan, terms: Terms, told: Sequence[Happening], rows: Sequence[Row]) -> Change:
    until = case.at + terms.approval
    why = " ".join(reason.why for reason in plan.verdict.reasons if reason.ruling is Ruling.ASK)
    asked = event("approval.asked", f"May {plan.action} run on {plan.target.id}? Answer by {until:%H:%M:%S} UTC. {why}", plan_id=plan.id)
    return change(
        case.incident, [*told, asked], case.at,
        rows=[*rows, plan.but(expires_at=until)], status=move(case.incident.status, Move.APPROVAL_ASKED),
        plan_id=plan.id, due=due(DueKind.APPROVAL, until),
    )  # fmt: skip


def _claimed(case: Case, plan: Plan, terms: Terms, told: Sequence[Happening], rows: Sequence[Row]) -> Change:
    """The claim comes first: whoever writes it is the only one who may start this plan, and the target rests from now on."""
    execution = Execution(
        id=token(case.incident.id, plan.id, "1"),
        incident_id=case.incident.id,
        plan_id=plan.id,
        status=ExecutionStatus.CLAIMED,
        document=f"{terms.runbook_prefix}-{plan.action}",
        claimed_at=case.at,
    )
    claimed = event("action.claimed", f"{plan.action} is about to run on {plan.target.id}.", execution_id=execution.id)
    return change(
        case.incident, [*told, claimed], case.at,
        rows=[*rows, plan], new=[execution], cooldown=_rest(case, plan), status=move(case.incident.status, Move.ACTION_CLAIMED),
        plan_id=plan.id, execution_id=execution.id, due=due(DueKind.EXECUTION, case.at + terms.observe),
    )  # fmt: skip


def _rest(case: Case, plan: Plan) -> Cooldown | None:
    """None where the order asks for none, or where this incident already holds it from a claim that started nothing."""
    seconds = plan.verdict.cooldown_seconds
    if not seconds or case.rests_for_us:
        return None
    return Cooldown(plan.action, case.proposal.rests_on, case.at + timedelta(seconds=seconds), case.at)


def put_off(incident: Incident, kind: DueKind, until: datetime, at: datetime) -> Change:
    """Nothing happened; look again then. It is nobody's news."""
    return change(incident, [], at, due=due(kind, until), quiet=True)


def expired(incident: Incident, plan: Plan, at: datetime) -> Change:
    """Nobody answered in time, which is a no."""
    told = [event("approval.expired", f"Nobody agreed to {plan.action} on {plan.target.id} in time.", plan_id=plan.id)]
    return handed_over(incident, f"{plan.action} was not run: nobody answered in time.", at, told)


def cleared(incident: Incident, episode: Episode, at: datetime) -> Change:
    """The alarm said OK before anything was claimed."""
    return resolved(incident, Move.CLEARED, "The alarm cleared by itself before anything was done.", episode, incident.cleared_at or at, at)


def nothing_proposed(incident: Incident, analysis: Analysis, at: datetime) -> Change:
    """The analysis names no action, so there is nothing that a gate could rule on."""
    known = analysis.cause is not Cause.UNKNOWN
    found = f"the cause looks like {analysis.cause.value}, for which no action was proposed" if known else "no cause was found"
    if is_goal(incident):
        return handed_over(incident, f"The question is answered: {found}. Nothing was done.", at)
    return handed_over(incident, f"Nothing was done: {found}. A person has to look.", at)


def agreed(incident: Incident, plan: Plan, approval: Approval, at: datetime) -> Change:
    """A yes that counts. It is due at once, so that the sweeper goes on from here when this worker cannot."""
    says = f"{approval.approver} agreed to {plan.action} on {plan.target.id}."
    return change(incident, [_by(approval, "approval.given", says)], at, rows=[approval], due=due(DueKind.APPROVAL, at))


def declined(incident: Incident, plan: Plan, approval: Approval, at: datetime) -> Change:
    """A no. It ends the question, whoever said yes before."""
    told = _by(approval, "approval.refused", f"{approval.approver} declined {plan.action} on {plan.target.id}.")
    return handed_over(incident, f"{plan.action} was not run: {approval.approver} said no.", at, [told], [approval])


def _by(approval: Approval, kind: str, says: str) -> Happening:
    return Happening(actor=f"person:{approval.approver}", kind=kind, says=says, detail={"plan_id": approval.plan_id, "via": approval.via})
