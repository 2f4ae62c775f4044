"""The changes that remediation makes to an incident. Each is one transaction: what happened, to whom, and what is due next.

Pure: every function takes the incident as it was read and gives the change that follows; nothing here asks or writes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from remediation import tracks
from remediation.cases import Judged
from remediation.drafting import make_plan
from remediation.terms import Terms
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
    Revised,
    Row,
    Ruling,
    Track,
)
from watchkeeper.states import Move, may, move

ACTOR = "remediation"


def event(kind: str, says: str, **detail: object) -> Happening:
    """A happening of ours, with the details that are not empty."""
    return Happening(actor=ACTOR, kind=kind, says=says, detail={key: value for key, value in detail.items() if value})


def due(kind: DueKind, at: datetime) -> Due:
    return Due(kind=kind, at=at)


def handed_over(
    incident: Incident, says: str, at: datetime, before: Sequence[Happening] = (), rows: Sequence[Row] = (), plan: Plan | None = None,
    revised: Sequence[Revised] = (),
) -> Change:  # fmt: skip
    """To a person, with one sentence that says why; `plan` where it is a new one that counts from now on.

    A person's question ends here instead, as long as nothing was done for it: it is answered, and nobody is woken.
    """
    plan_id = plan.id if plan else incident.plan_id
    if is_goal(incident) and may(incident.status, Move.ANSWERED):
        return _answered(incident, says, at, before, rows, plan_id)
    told = [*before, event("incident.escalated", says)]
    handed = move(incident.status, Move.HANDED_OVER)
    return change(incident, told, at, rows=rows, status=handed, plan_id=plan_id, due=None, revised=revised)


def _answered(incident: Incident, says: str, at: datetime, before: Sequence[Happening], rows: Sequence[Row], plan_id: str) -> Change:
    """Its episode is left as it is: the fingerprint of a question never comes again."""
    told = [*before, event("question.answered", says)]
    status = move(incident.status, Move.ANSWERED)
    return change(incident, told, at, rows=rows, status=status, plan_id=plan_id, resolved_at=at, due=None, firing=())


def resolved(
    incident: Incident, why: Move, says: str, episode: Episode, ok_since: datetime, at: datetime,
    before: Sequence[Happening] = (), rows: Sequence[Row] = (), revised: Sequence[Revised] = (),
) -> Change:  # fmt: skip
    """Over. The fingerprint's episode ends when the alarm turned OK, not now: what fires in between is not late."""
    ours = episode.open_incident == incident.id
    ended = episode.but(revision=episode.revision + 1, open_incident="", last_incident=incident.id, resolved_at=ok_since)
    return change(
        incident, [*before, event("incident.resolved", says)], at,
        rows=rows, episode=ended if ours else None, status=move(incident.status, why), resolved_at=at, due=None, firing=(),
        revised=revised,
    )  # fmt: skip


@dataclass(frozen=True)
class Along:
    """What is written in the same change as a ruling: what happened before it, rows, and documents beside the incident."""

    told: tuple[Happening, ...] = ()
    rows: tuple[Row, ...] = ()
    revised: tuple[Revised, ...] = ()


ALONE = Along()


def ruled(judged: Judged, terms: Terms, plan: Plan | None = None, along: Along = ALONE) -> Change:
    """What the gate's verdict means: run is a claim, ask is a question with an end, refuse is for a person to read.

    `plan` is the one that a person agreed to, where there is one; it keeps its id and hashes.
    """
    case, verdict = judged.case, judged.verdict
    made = plan.but(verdict=verdict) if plan else make_plan(case, verdict, judged.pinned)
    along = replace(along, told=(*along.told, _plan_made(judged, made)))
    if made is None or verdict.ruling is Ruling.REFUSE:
        return _refused(judged, made, along)
    return _asked(judged, made, terms, along) if verdict.ruling is Ruling.ASK else _claimed(judged, made, terms, along)


def _plan_made(judged: Judged, plan: Plan | None) -> Happening:
    """With everything that was decided on, so that the record alone tells what was to be done and by whose word."""
    case, verdict = judged.case, judged.verdict
    action, target = case.proposal.action, case.proposal.target
    name = f"{case.proposal.name[:80]} on {target.id}" if target else case.proposal.name[:80]
    does = _small(action.says) if action else "not in the catalogue"
    what = f"{name}, to take back {case.undoing.action}" if case.undoing else f"{name}: {does}"
    by = f', by the order "{verdict.order}"' if verdict.order else ""
    return event(
        "plan.made",
        f"Plan: {what}. The gate says {verdict.ruling.value}{by}.",
        ruling=verdict.ruling.value,
        plan_id=plan.id if plan else "",
        action=case.proposal.name[:80],
        target=target.id if target else "",
        parameters=dict(case.proposal.parameters or {}),
        args_hash=plan.args_hash if plan else "",
        state_hash=plan.state_hash if plan else "",
        document=judged.pinned.model_dump(exclude_defaults=True) if judged.pinned else {},
        order=verdict.order,
        orders_version=verdict.orders_version,
        mode=verdict.mode,
        reasons=[reason.model_dump(mode="json") for reason in verdict.reasons],
    )


def _small(says: str) -> str:
    """A sentence's words as they stand within another one."""
    return says[:1].lower() + says[1:]


def _refused(judged: Judged, made: Plan | None, along: Along) -> Change:
    case = judged.case
    against = " ".join(reason.why for reason in judged.verdict.reasons if reason.ruling is Ruling.REFUSE)
    nothing = f"{case.undoing.action} was not taken back" if case.undoing else f"Nothing was done: {case.proposal.name} is refused"
    rows = [*along.rows, *([made] if made else [])]
    return handed_over(case.incident, f"{nothing}. {against}", case.at, along.told, rows, made, along.revised)


def _asked(judged: Judged, plan: Plan, terms: Terms, along: Along) -> Change:
    case, until = judged.case, judged.case.at + terms.approval
    why = " ".join(reason.why for reason in plan.verdict.reasons if reason.ruling is Ruling.ASK)
    back = f" to take back {case.undoing.action}" if case.undoing else ""
    says = f"May {plan.action} run on {plan.target.id}{back}? Answer by {until:%H:%M:%S} UTC. {why}"
    asked = event("approval.asked", says, plan_id=plan.id, ask_id=plan.ask_id, approvals=plan.verdict.approvals)
    return change(
        case.incident, [*along.told, asked], case.at,
        rows=[*along.rows, plan.but(expires_at=until)], status=move(case.incident.status, Move.APPROVAL_ASKED), revised=along.revised,
        plan_id=plan.id, due=due(DueKind.APPROVAL, until), links=[f"ask/{plan.ask_id}"],
    )  # fmt: skip


def _claimed(judged: Judged, plan: Plan, terms: Terms, along: Along) -> Change:
    """The claim comes first: whoever writes it is the only one who may start this plan, and the target rests from now on.

    The tracks that the gate counted are written under the revisions that it read, so that two claims never share one free place.
    """
    case = judged.case
    execution = Execution(
        id=token(case.incident.id, plan.id, "1"),
        incident_id=case.incident.id,
        plan_id=plan.id,
        status=ExecutionStatus.CLAIMED,
        document=plan.document or f"{terms.runbook_prefix}-{plan.action}",
        claimed_at=case.at,
    )
    claimed = event("action.claimed", f"{plan.action} is about to run on {plan.target.id}.", execution_id=execution.id, plan_id=plan.id)
    return change(
        case.incident, [*along.told, claimed], case.at,
        rows=[*along.rows, plan], new=[execution], cooldown=_rest(judged, plan), status=move(case.incident.status, Move.ACTION_CLAIMED),
        revised=_newest([*along.revised, *tracks.claimed(case, plan)]),
        plan_id=plan.id, execution_id=execution.id, due=due(DueKind.EXECUTION, case.at + terms.observe),
    )  # fmt: skip


def _newest(documents: Sequence[Revised]) -> list[Revised]:
    """Each document once: where a failure and the claim that follows from it are counted in the same one, what both say."""
    by_place: dict[tuple[str, str], Revised] = {}
    for document in documents:
        before = by_place.get(document.place)
        merged = before.but(claimed=document.claimed) if isinstance(before, Track) and isinstance(document, Track) else document
        by_place[document.place] = merged
    return list(by_place.values())


def _rest(judged: Judged, plan: Plan) -> Cooldown | None:
    """None where this incident already holds it: from a claim that started nothing, or from the action that is taken back."""
    seconds, case = plan.verdict.cooldown_seconds, judged.case
    if not seconds or case.rests_for_us or case.undoing:
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
    """A yes that counts. It is due at once, so that the sweeper goes on from here when this worker cannot: be it the last yes that was
    needed or not, the next look sets the time that the question has left."""
    says = f"{approval.approver} agreed to {plan.action} on {plan.target.id}."
    return change(incident, [_by(approval, plan, "approval.given", says)], at, rows=[approval], due=due(DueKind.APPROVAL, at))


def declined(incident: Incident, plan: Plan, approval: Approval, at: datetime, revised: Sequence[Revised] = ()) -> Change:
    """A no. It ends the question, whoever said yes before."""
    told = _by(approval, plan, "approval.refused", f"{approval.approver} declined {plan.action} on {plan.target.id}.")
    return handed_over(incident, f"{plan.action} was not run: {approval.approver} said no.", at, [told], [approval], revised=revised)


def _by(approval: Approval, plan: Plan, kind: str, says: str) -> Happening:
    return Happening(actor=f"person:{approval.approver}", kind=kind, says=says, detail=_signed(approval, plan))


def _signed(approval: Approval, plan: Plan) -> dict[str, str]:
    """What was agreed to, letter by letter."""
    bound = {"plan_id": approval.plan_id, "args_hash": approval.args_hash, "state_hash": approval.state_hash}
    return bound | {"person": approval.person_id, "via": approval.via, "orders_version": plan.verdict.orders_version}
