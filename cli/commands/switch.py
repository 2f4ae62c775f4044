"""The kill switch: one word stops every action, whatever the orders say."""

from argparse import ArgumentParser
from collections import Counter

from cli.command import Command, Desk
from cli.screen import plain
from cli.trouble import DONE

LOOKED_AT = 100


def stop_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--why", required=True, help="one sentence that everyone will read")
    parser.add_argument("--as", dest="who", metavar="NAME", help="who stops it (else: the AWS identity)")


def stop(desk: Desk) -> int:
    desk.stack.switch.throw(desk.said.who or desk.stack.who(), desk.said.why)
    desk.out.print(plain("Stopped. Nothing will be done until: ./watchkeeper go   (what already runs is not interrupted)", "bold red"))
    return DONE


def go(desk: Desk) -> int:
    desk.stack.switch.release()
    desk.out.print(plain("Actions may run again, as the standing orders say.", "green"))
    return DONE


def status(desk: Desk) -> int:
    thrown = desk.stack.switch.thrown()
    desk.out.print(
        plain(f"Actions: stopped, {thrown}" if thrown else "Actions: may run, as the standing orders say", "red" if thrown else "green")
    )
    newest = desk.stack.incidents.recent(LOOKED_AT)
    counts = Counter(incident.status for incident in newest)
    said = ", ".join(f"{count} {name.value.replace('_', ' ')}" for name, count in counts.most_common())
    desk.out.print(plain(f"Incidents: {said or 'none'}{f' (of the newest {LOOKED_AT})' if len(newest) == LOOKED_AT else ''}"))
    return DONE


COMMANDS = (
    Command("stop", "throw the kill switch: no action runs", stop, stop_arguments),
    Command("go", "release the kill switch", go),
    Command("status", "say whether actions may run, and how many incidents are in which state", status),
)
