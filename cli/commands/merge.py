"""Two incidents that are one matter: the first goes on in the second."""

from argparse import ArgumentParser

from cli.command import Command, Desk
from cli.finding import story_of
from cli.moving import carry_out, episodes_of, hand_over
from cli.screen import plain
from cli.trouble import DONE
from reception.noise.splitting import merge
from watchkeeper.models import Status
from watchkeeper.publish import Publisher
from watchkeeper.story import Story


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("incident", metavar="INC", help="the one that ends: its id, the end of its id, or: latest")
    parser.add_argument("into", metavar="INTO", help="the one that goes on")
    parser.add_argument("--as", dest="who", metavar="NAME", help="who says so (else: the AWS identity)")


def run(desk: Desk) -> int:
    giver, taker = story_of(desk.stack, desk.said.incident), story_of(desk.stack, desk.said.into)
    at = desk.clock()
    if _half_done(giver, taker):
        publisher = Publisher(desk.stack.incidents, desk.stack.outbox, desk.stack.anchors)
        hand_over(giver.incident, taker.incident, giver.alerts, publisher, at)
    else:
        episodes = episodes_of(desk.stack, giver.incident, giver.alerts)
        moved = merge(giver.incident, taker.incident, giver.alerts, episodes, desk.said.who or desk.stack.who(), at)
        carry_out(moved, desk.stack, at, analyse=False)
    desk.out.print(plain(f"{giver.incident.id} goes on in {taker.incident.id}. See: ./watchkeeper show {taker.incident.id}"))
    return DONE


def _half_done(giver: Story, taker: Story) -> bool:
    """Was this merged before, by a command that ended before the last of the alerts was there?"""
    said = [record for record in giver.history if record.kind == "incident.merged" and record.detail.get("to") == taker.incident.id]
    return bool(said and giver.alerts) and giver.incident.status is Status.RESOLVED


COMMANDS = (Command("merge", "let one incident go on in another", run, arguments),)
