"""Does this answer count? Only from a person, for the plan that is asked about, as it was shown, in time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from watchkeeper.ids import digest
from watchkeeper.messages import ApprovalAnswered
from watchkeeper.models import Approval, Happening, Incident, Plan, Status

STAGES = {"reception", "analysis", "remediation", "guardian", "distribution", "console", "sweeper", "watchkeeper", "system"}
LONGEST_NAME = 120


class Answer(StrEnum):
    YES = "yes"
    NO = "no"
    SEEN = "seen before"
    INVALID = "invalid"


@dataclass(frozen=True)
class Judged:
    """What the answer is worth; `why` where it is invalid."""

    answer: Answer
    why: str = ""


def is_a_person(name: str) -> bool:
    """A name that could be a person's: something printable, of bounded length, and none of our own stages."""
    return bool(name.strip()) and name.isprintable() and len(name) <= LONGEST_NAME and name.strip().lower() not in STAGES


def as_approval(message: ApprovalAnswered, at: datetime) -> Approval:
    """The row of this answer, at the time when we took it."""
    return Approval(
        plan_id=message.plan_id,
        args_hash=message.args_hash,
        state_hash=message.state_hash,
        approver=message.approver,
        approved=message.approved,
        via=message.via,
        at=at,
    )


def judge_answer(message: ApprovalAnswered, incident: Incident, plan: Plan | None, known: Sequence[Approval], at: datetime) -> Judged:
    """A yes or a no that counts, one that was counted before, or why it does not count."""
    if any(_same(message, approval) for approval in known):
        return Judged(Answer.SEEN)
    faults = (
        (not is_a_person(message.approver), "it names no person"),
        (plan is None or message.plan_id != incident.plan_id, "it is for another plan than the one that is asked about"),
        (plan is not None and message.args_hash != plan.args_hash, "what would be done is not what was shown"),
        (plan is not None and message.state_hash != plan.state_hash, "the target's state is not the one that was shown"),
        (incident.status is not Status.AWAITING_APPROVAL, f"nobody was asked: the incident is {incident.status.value}"),
        (plan is not None and not in_time(plan, at), "it came after the time to answer had ended"),
    )
    why = [says for wrong, says in faults if wrong]
    if why:
        return Judged(Answer.INVALID, "; ".join(why))
    return Judged(Answer.YES if message.approved else Answer.NO)


def rejection(message: ApprovalAnswered, judged: Judged) -> Happening:
    """For the record, with a digest of the whole answer by which a second delivery of it is known."""
    who = message.approver[:LONGEST_NAME] if message.approver.isprintable() else "(not printable)"
    return Happening(
        actor="remediation",
        kind="approval.rejected",
        says=f"An answer in the name of {who.strip() or '(nobody)'} does not count: {judged.why}.",
        detail={
            "plan_id": message.plan_id[:LONGEST_NAME],
            "via": message.via[:LONGEST_NAME],
            "answer": digest(message.model_dump(mode="json")),
        },
    )


def in_time(plan: Plan, at: datetime) -> bool:
    """Expiry denies; a plan that nobody was asked about has no time in which to agree to it."""
    return plan.expires_at is not None and at < plan.expires_at


def standing(plan: Plan, known: Sequence[Approval], at: datetime) -> Approval | None:
    """The yes that lets this plan run now; none when it has expired since."""
    agreed = (a for a in known if a.approved and (a.plan_id, a.args_hash, a.state_hash) == (plan.id, plan.args_hash, plan.state_hash))
    return next(agreed, None) if in_time(plan, at) else None


def _same(message: ApprovalAnswered, approval: Approval) -> bool:
    """Everything but the time at which we took it."""
    return as_approval(message, approval.at) == approval
