"""Alerts that joined an incident and are another matter: they become an incident of their own."""

from argparse import ArgumentParser
from collections import Counter

from cli.command import Command, Desk
from cli.finding import story_of
from cli.moving import carry_out, episodes_of
from cli.screen import clock, columns, plain
from cli.trouble import DONE, NO, Trouble
from reception.noise.splitting import split
from watchkeeper.ids import incident_id
from watchkeeper.story import Story

SHORT = 8


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("incident", metavar="INC", help="its id, the end of its id, or: latest")
    parser.add_argument("alerts", metavar="ALERT", nargs="*", help="which alerts go, by the beginning of their id; none: list them")
    parser.add_argument("--as", dest="who", metavar="NAME", help="who says so (else: the AWS identity)")


def run(desk: Desk) -> int:
    story = story_of(desk.stack, desk.said.incident)
    if not desk.said.alerts:
        return _list(story, desk)
    chosen = [_key(story, begins) for begins in desk.said.alerts]
    at, incident = desk.clock(), story.incident
    episodes = episodes_of(desk.stack, incident, story.alerts)
    moved = split(incident, story.alerts, chosen, episodes, desk.said.who or desk.stack.who(), at, incident_id(at))
    taker = carry_out(moved, desk.stack, at, analyse=True)
    desk.out.print(plain(f"{len(moved.alerts)} alerts of {incident.id} are {taker.id} now. See: ./watchkeeper show {taker.id}"))
    return DONE


def _list(story: Story, desk: Desk) -> int:
    """By fingerprint, because those of one fingerprint go together."""
    times = Counter(alert.fingerprint for alert in story.alerts)
    newest = {alert.fingerprint: alert for alert in sorted(story.alerts, key=lambda alert: alert.occurred_at)}
    table = columns("alert", "times", "last", "service", "title")
    for fingerprint, alert in newest.items():
        own = "  (opened it, stays)" if fingerprint == story.incident.fingerprint else ""
        cells = (alert.key[:SHORT], times[fingerprint], clock(alert.occurred_at), alert.service, alert.title + own)
        table.add_row(*map(plain, cells))
    desk.out.print(table)
    return DONE


def _key(story: Story, begins: str) -> str:
    found = [alert.key for alert in story.alerts if alert.key.startswith(begins)]
    if len(found) != 1:
        happened = f"{begins} is the beginning of {len(found)} alerts of {story.incident.id}"
        raise Trouble(happened, todo=f"see them: ./watchkeeper split {story.incident.id}", code=NO)
    return found[0]


COMMANDS = (Command("split", "make alerts of an incident an incident of their own", run, arguments),)
