"""Can this configuration be deployed? And what an editor has to know to say so while it is written."""

import argparse
import sys
from argparse import ArgumentParser
from pathlib import Path

from cli.command import Command, Desk
from cli.screen import plain
from cli.stack import ROOT
from cli.team_faults import faults_in
from cli.team_schemas import KINDS, outdated, schemas, write
from cli.trouble import DONE, NO, Trouble
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


def _schema_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", choices=sorted(KINDS), metavar="NAME", help=f"print this one: {', '.join(sorted(KINDS))}")
    parser.add_argument("--write", action="store_true", help="bring docs/schemas up to what the types say")
    parser.add_argument("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)


def schema(desk: Desk) -> int:
    """Print one, write them all, or say whether they are what the types say."""
    said = desk.said
    if said.name and said.write:
        raise Trouble("a name and --write", "one schema is printed, or all are written", "leave one of the two out")
    if said.name:
        found = next(text for place, text in schemas().items() if place.name == f"{said.name}.schema.json")
        desk.out.print(plain(found.rstrip()), soft_wrap=True)
        return DONE
    if said.write:
        write(said.root)
        desk.out.print(plain(f"Written: {', '.join(str(place) for place in schemas())}"))
        return DONE
    for place in (late := outdated(said.root)):
        print(f"{place}: is not what the types say; bring it up to them with: ./watchkeeper config schema --write", file=sys.stderr)
    if not late:
        desk.out.print(plain("Every schema is what the types say."))
    return NO if late else DONE


COMMANDS = (
    Command(
        "config check",
        "check standing-orders.yaml, people.yaml, services.yaml, channels.yaml, noise.yaml and mcp-servers.yaml",
        check,
        arguments,
    ),
    Command(
        "config schema",
        "the JSON Schemas of these files: print one, write all, or see whether they are up to date",
        schema,
        _schema_arguments,
    ),
)
