"""A person's word on a plan that waits for one, through the same service as Slack and the API. It is bound to what they were shown."""

import sys
from argparse import ArgumentParser

from cli.command import Command, Desk
from cli.finding import story_of
from cli.planned import what
from cli.screen import plain, span
from cli.trouble import CANNOT, DONE, NO, Trouble
from watchkeeper.actions import catalogue
from watchkeeper.actions.action import Action
from watchkeeper.answering import Given, Question, Refusal, answer, still_asked
from watchkeeper.models import Plan
from watchkeeper.people import FILE, Person, person_by_aws, person_by_id
from watchkeeper.story import Story


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("incident", metavar="INC", help="its id, the end of its id, or: latest")
    parser.add_argument("--yes", action="store_true", help="do not ask again")
    parser.add_argument("--as", dest="who", metavar="NAME", help=f"who answers, as {FILE} names them (else: whose AWS identity it is)")


def approve(desk: Desk) -> int:
    return _answer(desk, approved=True)


def reject(desk: Desk) -> int:
    return _answer(desk, approved=False)


def _answer(desk: Desk, *, approved: bool) -> int:
    story = story_of(desk.stack, desk.said.incident)
    question = _asked(story, desk)
    _show(question.plan, desk)
    who = _who(desk)
    word, past = ("Approve", "Approved") if approved else ("Reject", "Rejected")
    if not desk.said.yes and not desk.ask(f"{word} exactly this?"):
        print("Nothing was sent.", file=sys.stderr)
        return NO
    message = answer(question, who, Given(approved, "cli"), desk.clock(), known=story.approvals)
    if isinstance(message, Refusal):
        raise Trouble(message.says, todo=f"see how it stands: ./watchkeeper show {story.incident.id}", code=NO)
    desk.stack.outbox.send([message])
    desk.out.print(plain(f"{past} as {message.approver}. See what comes of it: ./watchkeeper show {story.incident.id}"))
    return DONE


def _asked(story: Story, desk: Desk) -> Question:
    """The question that is open; Trouble says why none is."""
    question = still_asked(story.incident, story.plan, desk.clock())
    if isinstance(question, Refusal):
        expired = story.plan and story.plan.expires_at and story.plan.expires_at <= desk.clock()
        means = f"it expired {span(desk.clock() - story.plan.expires_at)} ago" if story.plan and story.plan.expires_at and expired else ""
        raise Trouble(question.says, means, f"see why: ./watchkeeper show {story.incident.id}", code=NO)
    return question


def _who(desk: Desk) -> Person | str:
    """The person of people.yaml. Credentials that are somebody's answer for nobody else; where the file lists nobody, any name will do."""
    people, named = desk.people(), desk.said.who
    if not people.people:
        return str(named or desk.stack.who())
    arn = desk.stack.who()
    owner, person = person_by_aws(people, arn), person_by_id(people, named) if named else None
    if named and person is None:
        names = ", ".join(one.id for one in people.people)
        raise Trouble(f"{FILE} knows no {named}", "an answer in that name would not count", f"use one of: {names}", NO)
    if owner and person and owner != person:
        means = "an answer counts for whoever gives it"
        raise Trouble(f"these AWS credentials are {owner.id}'s and not {person.id}'s", means, "leave --as out", NO)
    found = person or owner
    if found is None:
        todo = f"say who you are with --as, or have the ARN put into {FILE} under aws"
        raise Trouble(f"{FILE} does not say whose AWS identity this is: {arn}", "an answer without a person does not count", todo, NO)
    return found


def _show(plan: Plan, desk: Desk) -> None:
    """All of it, before anything is asked."""
    action = catalogue().get(plan.action)
    if action is None:
        todo = "use the command line of the version that is deployed"
        raise Trouble(
            f"{plan.action} is in no catalogue that this command line knows", "it cannot show what you would approve", todo, CANNOT
        )
    for name, words in (*what(plan, action), *_whose(plan, action, desk)):
        if words:
            desk.out.print(plain(f"{name:<12}{words}"))


def _whose(plan: Plan, action: Action, desk: Desk) -> list[tuple[str, str]]:
    verdict = plan.verdict
    of = f" of {' or '.join(verdict.approvers)}" if verdict.approvers else ""
    return [
        ("risk", f"{action.risk.value}; irreversible: {action.why_irreversible}" if action.why_irreversible else action.risk.value),
        ("because", plan.why if plan.why != action.expected_effect else ""),
        ("asked as", " ".join(reason.why for reason in verdict.reasons if reason.ruling == verdict.ruling)),
        ("who may", f"{verdict.approvals} with the role approver{of}"),
        ("question", plan.ask_id),
        ("expires", f"in {span(plan.expires_at - desk.clock())}" if plan.expires_at else "never"),
    ]


COMMANDS = (
    Command("approve", "approve the plan that an incident waits with", approve, arguments),
    Command("reject", "reject the plan that an incident waits with", reject, arguments),
)
