"""A question in words, through the front door: followed step by step, and answered with what carries the answer."""

import json
from argparse import ArgumentParser
from datetime import timedelta

from cli.command import Command, Desk
from cli.commands.show import as_json
from cli.finding import story_of
from cli.following import Following
from cli.screen import plain as ours
from cli.sending import sent
from cli.telling import cause, step_line
from cli.telling import plain as theirs
from cli.trouble import DONE, NO, Trouble
from reception.sources.registry import sources
from watchkeeper.goals import SOURCE, approve_command, ticket_command, wants_ticket
from watchkeeper.models import Status, Step
from watchkeeper.story import Story
from watchkeeper.tickets import was_asked

PATIENCE = timedelta(minutes=3)
INTERRUPTED = 130


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("question", help='in words, e.g. "why did checkout slow down after 14:00? open a ticket if it is ours"')
    parser.add_argument("--service", default="", help="which service of services.yaml it is about (else: the one that the question names)")
    parser.add_argument("--since", default="", metavar="TIME", help="14:00 (UTC) or ISO 8601 (else: a time in the question, else now)")
    parser.add_argument("--no-wait", action="store_true", help="ask and go; the answer is told where incidents are told")
    parser.add_argument("--json", action="store_true", help="one JSON object at the end, for machines")
    parser.add_argument("--as", dest="who", metavar="NAME", help="who asks (else: the AWS identity)")


def run(desk: Desk) -> int:
    fingerprint = _ask(desk)
    if desk.said.no_wait:
        return _left(desk, fingerprint)
    following = Following(desk, fingerprint, lambda step: _say(step, desk))
    try:
        incident = following.follow(PATIENCE)
    except KeyboardInterrupt:
        desk.out.print(ours(f"The investigation goes on. {_see(following.incident_id)}"))
        return INTERRUPTED
    if incident is None:
        desk.out.print(ours(f"No answer yet; the investigation goes on. {_see(following.incident_id)}", "yellow"))
        return NO
    return _report(desk, story_of(desk.stack, incident.id))


def _ask(desk: Desk) -> str:
    """The fingerprint under which the question is found."""
    said = desk.said
    more = {"service": said.service, "since": said.since, "by": said.who or desk.stack.who()}
    body = {"question": said.question, **{name: value for name, value in more.items() if value}}
    answer = sent(desk, sources()[SOURCE], json.dumps(body).encode())
    try:
        told = answer.json()
    except ValueError:
        told = {}
    if answer.status_code != 202 or not told.get("fingerprints"):
        fault = f"{told.get('field', '')}: {told.get('error') or told.get('message') or 'no answer that could be read'}".lstrip(": ")
        raise Trouble(f"not taken, {answer.status_code}: {theirs(fault)}", todo="./watchkeeper investigate --help", code=NO)
    fingerprint: str = told["fingerprints"][0]
    return fingerprint


def _left(desk: Desk, fingerprint: str) -> int:
    if desk.said.json:
        desk.out.print_json(data={"fingerprint": fingerprint})
    else:
        desk.out.print(ours(f"Asked. {_see('')}"))
    return DONE


def _say(step: Step, desk: Desk) -> None:
    if not desk.said.json:
        desk.out.print(step_line(step))


def _report(desk: Desk, story: Story) -> int:
    if desk.said.json:
        desk.out.print_json(data=as_json(story))
        return DONE
    cause(story, desk.out)
    for needed in _needed(story):
        desk.out.print(ours(needed, "magenta"))
    desk.out.print(ours(f"All of it: ./watchkeeper show {story.incident.id}", "dim"))
    return DONE


def _needed(story: Story) -> list[str]:
    """What waits for a person's word, each with the command that says it."""
    incident, found = story.incident, list[str]()
    if wants_ticket(story.alerts) and not was_asked(story.history):
        found.append(f"Needs your word, a ticket: {ticket_command(incident.id)}")
    if incident.status is Status.AWAITING_APPROVAL and story.plan:
        found.append(f"Needs your word, {story.plan.action} on {story.plan.target.id}: {approve_command(incident.id)}")
    return found


def _see(incident_id: str) -> str:
    return f"See: ./watchkeeper show {incident_id}" if incident_id else "See: ./watchkeeper incidents"


COMMANDS = (Command("investigate", "ask a question in words, follow the investigation and read its answer", run, arguments),)
