"""Does this answer count? Only from a person, for the plan that is asked about, as it was shown, in time."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from watchkeeper.ids import digest
from watchkeeper.messages import ApprovalAnswered
from watchkeeper.models import Approval, Happening, Incident, Plan, Status
from watchkeeper.people import STAGES, People, Person, person_by_id, why_not

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
        person_id=message.person_id,
        approved=message.approved,
        via=message.via,
        at=at,
    )


@dataclass(frozen=True)
class Asked:
    """What an answer is held against: who may answer, and the Slack channels in which the question was shown."""

    people: People
    channels: Collection[str] = ()


def judge_answer(
    message: ApprovalAnswered, incident: Incident, plan: Plan | None, known: Sequence[Approval], at: datetime, asked: Asked
) -> Judged:
    """A yes or a no that counts, one that was counted before, or why it does not count."""
    if any(_same(message, approval) for approval in known):
        return Judged(Answer.SEEN)
    why = [*_who(message, plan, asked), *(_what(message, incident, plan, at))]
    if message.approved and any(
        a.approved and a.who == (message.person_id or message.approver) and a.plan_id == message.plan_id for a in known
    ):
        why.append("this person has agreed already, and one person is one")
    if why:
        return Judged(Answer.INVALID, "; ".join(why))
    return Judged(Answer.YES if message.approved else Answer.NO)


def _who(message: ApprovalAnswered, plan: Plan | None, asked: Asked) -> list[str]:
    """What is wrong with the person, or with where they said it."""
    if not is_a_person(message.approver):
        return ["it names no person"]
    person = person_by_id(asked.people, message.person_id)
    teams = plan.verdict.approvers if plan else ()
    if person is None and (asked.people.people or teams or message.via != "cli"):
        return [f"nobody is called {message.person_id or message.approver!r} in people.yaml"]
    faults = (
        (person is not None and bool(why_not(person, teams)), why_not(person, teams) if person else ""),
        (person is not None and message.approver != person.id, "it is signed with another name than the person's own"),
        (_proposed(message, person, plan), "who asked for it may not agree to it"),
        (message.via == "slack" and message.channel not in asked.channels, "it was said in another channel than the one that was asked"),
    )
    return [says for wrong, says in faults if wrong]


def _proposed(message: ApprovalAnswered, person: Person | None, plan: Plan | None) -> bool:
    """Did this person ask for it? By any of their names: a request comes with the one that the other tool has for them."""
    if plan is None or not plan.proposer or not message.approved:
        return False
    names = {message.approver, *((person.id, person.name, person.email, person.slack) if person else ())}
    return plan.proposer.strip().lower() in {name.strip().lower() for name in names if name}


def _what(message: ApprovalAnswered, incident: Incident, plan: Plan | None, at: datetime) -> list[str]:
    """What is wrong with what was answered, and when."""
    if plan is None or message.plan_id != incident.plan_id:
        return ["it is for another plan than the one that is asked about"]
    faults = (
        (message.args_hash != plan.args_hash, "what would be done is not what was shown"),
        (message.state_hash != plan.state_hash, "the target's state is not the one that was shown"),
        (bool(message.ask_id) and message.ask_id != plan.ask_id, "it answers another question"),
        (incident.status is not Status.AWAITING_APPROVAL, f"nobody was asked: the incident is {incident.status.value}"),
        (not in_time(plan, at), "it came after the time to answer had ended"),
    )
    return [says for wrong, says in faults if wrong]


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


def standing(plan: Plan, known: Sequence[Approval], at: datetime) -> tuple[Approval, ...]:
    """The yeses that count for this plan now, one of each person; none when it has expired since."""
    agreed = {
        a.who: a for a in known if a.approved and (a.plan_id, a.args_hash, a.state_hash) == (plan.id, plan.args_hash, plan.state_hash)
    }
    return tuple(agreed.values()) if in_time(plan, at) else ()


def _same(message: ApprovalAnswered, approval: Approval) -> bool:
    """Everything but the time at which we took it."""
    return as_approval(message, approval.at) == approval
