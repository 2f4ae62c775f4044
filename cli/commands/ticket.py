"""A person's word that an incident is to have a ticket. For a question nothing else makes one."""

from argparse import ArgumentParser

from cli.command import Command, Desk
from cli.finding import story_of
from cli.screen import plain
from cli.trouble import DONE
from watchkeeper.errors import Stale
from watchkeeper.models import Incident
from watchkeeper.publish import Publisher
from watchkeeper.tickets import asked_for, was_asked

TRIES = 5


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("incident", metavar="INC", help="its id, the end of its id, or: latest")
    parser.add_argument("--as", dest="who", metavar="NAME", help="who wants it (else: the AWS identity)")


def run(desk: Desk) -> int:
    incident = story_of(desk.stack, desk.said.incident).incident
    if _asked(desk, incident):
        done = f"Asked for. The ticket channels of channels.yaml make it. See where: ./watchkeeper show {incident.id}"
    else:
        done = f"A ticket of {incident.id} was asked for before. See where it is: ./watchkeeper show {incident.id}"
    desk.out.print(plain(done))
    return DONE


def _asked(desk: Desk, incident: Incident) -> bool:
    """On record and on its way; False where somebody was first. Under the incident's version, which others may raise meanwhile."""
    who = desk.said.who or desk.stack.who()
    publisher = Publisher(desk.stack.incidents, desk.stack.outbox, desk.stack.anchors)
    for attempt in range(1, TRIES + 1):
        if was_asked(desk.stack.incidents.history(incident.id)):
            return False
        try:
            publisher.publish(asked_for(incident, who, "cli", desk.clock()))
        except Stale:
            incident = desk.stack.incidents.load(incident.id) or incident
            if attempt == TRIES:
                raise
            continue
        return True
    raise Stale(f"{incident.id} changes too fast")


COMMANDS = (Command("ticket", "have a ticket made of an incident", run, arguments),)
