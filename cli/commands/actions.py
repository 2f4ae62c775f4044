"""watchkeeper actions: what could ever be done, and a page on each; `actions write` brings the templates and docs up to their files."""

from argparse import ArgumentParser
from pathlib import Path

from rich.markdown import Markdown

from cli.catalogue import page, spoke, template
from cli.command import Command, Desk
from cli.screen import columns, plain
from cli.stack import ROOT
from cli.trouble import DONE, NO, Trouble
from watchkeeper.actions import catalogue, runbooks


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("name", help="one action: everything that its files say of it")


def listed(desk: Desk) -> int:
    table = columns("action", "to what", "risk", "what it does")
    for name, action in sorted(catalogue().items()):
        table.add_row(name, action.target_type, action.risk.value, action.says)
    desk.out.print(table)
    return DONE


def show(desk: Desk) -> int:
    action = catalogue().get(desk.said.name)
    if action is None:
        raise Trouble(f"there is no action {desk.said.name}", todo="see them all: ./watchkeeper actions list", code=NO)
    desk.out.print(Markdown(page.page(ROOT, action)))
    return DONE


def written(root: Path) -> dict[Path, str]:
    """Every file that is written from the catalogue, as it should be now."""
    actions = [action for _, action in sorted(runbooks().items())]
    hub = template.written((root / "template.yaml").read_text(), root / "runbooks", actions)
    spokes = spoke.written((root / "spoke.yaml").read_text(), hub, root / "runbooks", actions)
    return {Path("template.yaml"): hub, Path("spoke.yaml"): spokes} | page.pages(root, actions)


def write(desk: Desk) -> int:
    for path, text in written(ROOT).items():
        (ROOT / path).parent.mkdir(exist_ok=True)
        if not (ROOT / path).exists() or (ROOT / path).read_text() != text:
            (ROOT / path).write_text(text)
            desk.out.print(plain(f"Written: {path}"))
    return DONE


COMMANDS = (
    Command("actions list", "what could ever be done", listed),
    Command("actions show", "one action: its parameters, runbook, role, how it is proven and taken back", show, arguments),
    Command("actions write", "bring the templates and docs/actions up to what runbooks/ and the catalogue say", write),
)
