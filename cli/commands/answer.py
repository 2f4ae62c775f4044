"""A person's word on a plan that waits for one. What they say is bound to exactly what they were shown."""

import sys
from argparse import ArgumentParser

from cli.command import Command, Desk
from cli.finding import story_of
from cli.screen import plain, span
from cli.trouble import CANNOT, DONE, NO, Trouble
from watchkeeper.actions import catalogue
from watchkeeper.messages import ApprovalAnswered
from watchkeeper.models import Plan, Status
from watchkeeper.story import Story


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("incident", metavar="INC", help="its id, the end of its id, or: latest")
    parser.add_argument("--yes", action="store_true", help="do not ask again")
    parser.add_argument("--as", dest="who", metavar="NAME", help="who answers (else: the AWS identity)")


def approve(desk: Desk) -> int:
    return _answer(desk, approved=True)


def reject(desk: Desk) -> int:
    return _answer(desk, approved=False)


def _answer(desk: Desk, *, approved: bool) -> int:
    story = story_of(desk.stack, desk.said.incident)
    plan = _waiting(story, desk)
    _show(plan, desk)
    word, past = ("Approve", "Approved") if approved else ("Reject", "Rejected")
    if not desk.said.yes and not desk.ask(f"{word} exactly this?"):
        print("Nothing was sent.", file=sys.stderr)
        return NO
    answer = ApprovalAnswered(
        trace_id=story.incident.trace_id,
        incident_id=story.incident.id,
        resource_group=story.incident.group,
        plan_id=plan.id,
        args_hash=plan.args_hash,
        state_hash=plan.state_hash,
        approver=desk.said.who or desk.stack.who(),
        approved=approved,
        via="cli",
        at=desk.clock(),
    )
    desk.stack.outbox.send([answer])
    desk.out.print(plain(f"{past} as {answer.approver}. See: ./watchkeeper show {story.incident.id}"))
    return DONE


def _waiting(story: Story, desk: Desk) -> Plan:
    """The plan that waits for an answer; Trouble says why none does."""
    incident, plan = story.incident, story.plan
    if incident.status is not Status.AWAITING_APPROVAL or plan is None:
        happened = f"{incident.id} waits for nobody's approval: it is {incident.status.value}"
        raise Trouble(happened, todo=f"see why: ./watchkeeper show {incident.id}", code=NO)
    if plan.expires_at and plan.expires_at <= desk.clock():
        happened = f"the plan of {incident.id} expired {span(desk.clock() - plan.expires_at)} ago"
        raise Trouble(happened, "what it was made for may have changed, so it will not run", "the incident goes to a person", code=NO)
    return plan


def _show(plan: Plan, desk: Desk) -> None:
    action = catalogue().get(plan.action)
    if action is None:
        todo = "use the command line of the version that is deployed"
        raise Trouble(
            f"{plan.action} is in no catalogue that this command line knows", "it cannot show what you would approve", todo, CANNOT
        )
    lines = [
        ("action", f"{plan.action}: {action.says}"),
        ("target", plan.target.arn or plan.target.id),
        ("parameters", ", ".join(f"{name}={value}" for name, value in plan.parameters.items())),
        ("its state", ", ".join(f"{name}={value}" for name, value in plan.target_state.items())),
        ("effect", action.expected_effect),
        ("risk", f"{action.risk.value}; irreversible: {action.why_irreversible}" if action.why_irreversible else action.risk.value),
        ("because", plan.why if plan.why != action.expected_effect else ""),
        ("asked as", " ".join(reason.why for reason in plan.verdict.reasons if reason.ruling == plan.verdict.ruling)),
        ("expires", f"in {span(plan.expires_at - desk.clock())}" if plan.expires_at else "never"),
    ]
    for name, words in lines:
        if words:
            desk.out.print(plain(f"{name:<12}{words}"))


COMMANDS = (
    Command("approve", "approve the plan that an incident waits with", approve, arguments),
    Command("reject", "reject the plan that an incident waits with", reject, arguments),
)
