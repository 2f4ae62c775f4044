"""What is wrong with the stack, if anything."""

from collections.abc import Callable, Iterator
from datetime import datetime

from botocore.exceptions import BotoCoreError, ClientError

from cli.checkup import LOOKS, Finding, How
from cli.command import Command, Desk
from cli.screen import columns, plain
from cli.stack import Stack
from cli.trouble import DONE, NO, Trouble, explain
from watchkeeper.errors import WatchkeeperError

STYLE = {How.WELL: "green", How.NOTE: "yellow", How.ILL: "bold red"}


def run(desk: Desk) -> int:
    stack = desk.stack
    found = [finding for look in LOOKS for finding in _looked(look, stack, desk.clock())]
    table = columns("", "", "")
    for one in found:
        table.add_row(
            plain(one.how.value, STYLE[one.how]), plain(one.about), plain(f"{one.says}{f'. To do: {one.todo}' if one.todo else ''}")
        )
    desk.out.print(table)
    return NO if any(one.how is How.ILL for one in found) else DONE


def _looked(look: Callable[[Stack, datetime], Iterator[Finding]], stack: Stack, at: datetime) -> Iterator[Finding]:
    """What it found; where it could not look on, that is what was found."""
    try:
        yield from look(stack, at)
    except (Trouble, WatchkeeperError, BotoCoreError, ClientError) as error:
        yield Finding(How.ILL, look.__name__, "; ".join(line.strip() for line in str(explain(error)).splitlines()))


COMMANDS = (Command("doctor", "check credentials, outputs, secrets, queues, dead letters and the kill switch", run),)
