"""Can this configuration be deployed?"""

import sys
from argparse import ArgumentParser
from pathlib import Path

from cli.command import Command, Desk
from cli.screen import plain
from cli.stack import ROOT
from cli.team_faults import faults_in
from cli.trouble import DONE, NO
from watchkeeper.team import read_orders


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("folder", metavar="DIR", nargs="?", type=Path, default=ROOT / "config", help="where the files lie (config)")


def check(desk: Desk) -> int:
    found = faults_in(desk.said.folder)
    for fault in found:
        print(fault, file=sys.stderr)
    if found:
        return NO
    orders = read_orders(desk.said.folder)
    desk.out.print(plain(f"{desk.said.folder}: in order; {len(orders.orders)} standing orders, version {orders.version}"))
    return DONE


COMMANDS = (
    Command("config check", "check standing-orders.yaml, services.yaml, channels.yaml, noise.yaml and mcp-servers.yaml", check, arguments),
)
