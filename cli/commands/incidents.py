"""The newest incidents, newest first."""

from argparse import ArgumentParser

from cli.command import Command, Desk
from cli.screen import columns, plain, severity, span, status
from cli.trouble import DONE
from watchkeeper.links import defanged
from watchkeeper.models import Incident, Status


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--limit", type=int, default=20, help="how many to look at (20)")
    parser.add_argument("--status", type=Status, choices=list(Status), metavar="STATUS", help=f"only these: {', '.join(Status)}")
    parser.add_argument("--json", action="store_true", help="one JSON list, for machines")


def run(desk: Desk) -> int:
    found = [one for one in desk.stack.incidents.recent(max(1, desk.said.limit)) if desk.said.status in {None, one.status}]
    if desk.said.json:
        desk.out.print_json(data=[incident.model_dump(mode="json") for incident in found])
    elif not found:
        desk.out.print(plain(f"No incidents in {desk.stack.name}. Try one: ./watchkeeper fire --alarm a-test"))
    else:
        _table(desk, found)
    return DONE


def _table(desk: Desk, found: list[Incident]) -> None:
    table = columns("incident", "status", "sev", "service", "opened", "alerts", "title")
    for one in found:
        age = f"{span(desk.clock() - one.opened_at)} ago"
        cells = (
            status(one.status),
            severity(one.severity),
            plain(one.service),
            plain(age),
            plain(one.alert_count),
            plain(defanged(one.title)),
        )
        table.add_row(plain(one.id), *cells)
    desk.out.print(table)


COMMANDS = (Command("incidents", "list the newest incidents", run, arguments),)
