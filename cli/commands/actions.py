"""watchkeeper actions: what could ever be done, and a page on each; `write` brings templates and docs up to what runbooks/ says."""

from pathlib import Path

from cli.catalogue import template
from cli.command import Command, Desk
from cli.screen import plain
from cli.trouble import DONE
from watchkeeper.actions import catalogue

ROOT = Path(__file__).parents[2]
TEMPLATE = Path("template.yaml")


def write_template(root: Path) -> None:
    path = root / TEMPLATE
    actions = [action for _, action in sorted(catalogue().items())]
    path.write_text(template.written(path.read_text(), root / "runbooks", actions))


def write(desk: Desk) -> int:
    write_template(ROOT)
    desk.out.print(plain("Written: template.yaml"))
    return DONE


COMMANDS = (Command("actions write", "bring template.yaml and docs/actions up to what runbooks/ and the catalogue say", write),)
