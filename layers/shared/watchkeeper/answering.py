"""A person's answer to a question: one way for Slack, the API and the command line. Pure but for reading what was asked.

What is refused here is refused early, with a sentence for the person. Nothing is allowed here: whether an answer counts is
judged once more, and with authority, by remediation, from the message that this makes.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from watchkeeper.messages import ApprovalAnswered
from watchkeeper.models import Approval, Delivery, Incident, Plan, Status
from watchkeeper.people import Person, why_not
from watchkeeper.ports import Incidents

_ASK_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
CARD, CHANNEL = "card", "channel"


class Turned(StrEnum):
    """Why somebody was turned away."""

    OVER = "over"
    STRANGER = "stranger"
    NOT_THEIRS = "not theirs"
    ELSEWHERE = "elsewhere"
    TWICE = "twice"


@dataclass(frozen=True)
class Refusal:
    """`says` is for the person, and tells nothing that they may not know."""

    why: Turned
    says: str


@dataclass(frozen=True)
class Question:
    """What a person is asked: this plan, as it is now."""

    incident: Incident
    plan: Plan


@dataclass(frozen=True)
class Given:
    """A yes or a no, and through what it came. `channel` and `message` are Slack's names of the message that holds the button."""

    yes: bool
    via: str
    channel: str = ""
    message: str = ""


def link_of(ask_id: str) -> str:
    """The link under which a question is found; written with it."""
    return f"ask/{ask_id}"


def asked(incidents: Incidents, ask_id: str, at: datetime) -> Question | Refusal:
    """The question of this id, if it is still asked."""
    found = incidents.linked(link_of(ask_id)) if _ASK_ID.fullmatch(ask_id) else None
    incident = incidents.load(found) if found else None
    if incident is None:
        return Refusal(Turned.OVER, "There is no such question, or it is long over.")
    plan = incidents.row(incident.id, Plan, incident.plan_id) if incident.plan_id else None
    return still_asked(incident, plan, at, ask_id)


def still_asked(incident: Incident, plan: Plan | None, at: datetime, ask_id: str = "") -> Question | Refusal:
    """Does this plan wait for a person now, and is it the one that was asked about?"""
    if incident.status is not Status.AWAITING_APPROVAL:
        status = incident.status.value.replace("_", " ")
        return Refusal(Turned.OVER, f"This question is over: {incident.id} waits for nobody's answer, it is {status}.")
    if plan is None or plan.ask_id != (ask_id or plan.ask_id):
        return Refusal(Turned.OVER, f"This question is over: {incident.id} asks about another plan now, or the target has changed since.")
    if plan.expires_at is None or plan.expires_at <= at:
        return Refusal(Turned.OVER, f"This question is over: nobody answered {incident.id} in time, and the plan will not run.")
    return Question(incident, plan)


def answer(
    question: Question, by: Person | str, given: Given, at: datetime,
    deliveries: Sequence[Delivery] = (), known: Sequence[Approval] = (),
) -> ApprovalAnswered | Refusal:  # fmt: skip
    """The message that carries the answer, or why it is not taken. `by` is a bare name only where people.yaml lists nobody."""
    plan, incident = question.plan, question.incident
    name = by if isinstance(by, str) else by.id
    refused = _refused(question, by, name, given, deliveries, known)
    if refused:
        return refused
    return ApprovalAnswered(
        trace_id=incident.trace_id,
        incident_id=incident.id,
        resource_group=incident.group,
        plan_id=plan.id,
        args_hash=plan.args_hash,
        state_hash=plan.state_hash,
        approver=name,
        approved=given.yes,
        via=given.via,
        at=at,
        person_id="" if isinstance(by, str) else by.id,
        ask_id=plan.ask_id,
        channel=given.channel,
    )


def posted_there(deliveries: Sequence[Delivery], channel: str, message: str = "") -> bool:
    """Is this the Slack channel, and the message, where one of our cards of the incident stands?"""
    return any(
        bool(channel) and refs.get(CHANNEL) == channel and CARD in refs and message in {"", refs[CARD]}
        for refs in (delivery.refs for delivery in deliveries)
    )


def _same_name(proposer: str, by: Person | str) -> bool:
    """Is this one of their names? A request comes with the one that the tool which it came through has for them."""
    names = (by,) if isinstance(by, str) else (by.id, by.name, by.email, by.slack)
    return proposer.strip().lower() in {name.strip().lower() for name in names if name}


def _refused(
    question: Question, by: Person | str, name: str, given: Given, deliveries: Sequence[Delivery], known: Sequence[Approval]
) -> Refusal | None:  # fmt: skip
    """The first thing that is wrong with it."""
    plan = question.plan
    if given.via == "slack" and not (given.message and posted_there(deliveries, given.channel, given.message)):
        return Refusal(Turned.ELSEWHERE, "That button is not on the card that Watchkeeper posted, so it decides nothing.")
    why = "" if isinstance(by, str) else why_not(by, plan.verdict.approvers)
    if why:
        return Refusal(Turned.NOT_THEIRS, f"{why}.")
    if given.yes and plan.proposer and _same_name(plan.proposer, by):
        return Refusal(Turned.NOT_THEIRS, "You asked for this plan, so somebody else has to decide on it.")
    shown = (plan.id, plan.args_hash, plan.state_hash, name)
    before = next((one for one in known if (one.plan_id, one.args_hash, one.state_hash, one.who) == shown), None)
    if before and (given.yes or not before.approved):  # a yes may be taken back, for as long as the plan still waits for another one
        return Refusal(Turned.TWICE, f"You have answered this already: {'approved' if before.approved else 'rejected'}.")
    return None
