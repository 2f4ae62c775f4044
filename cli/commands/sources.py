"""What can be pointed at this stack: where to, proven how, and whether this stack takes it."""

from argparse import ArgumentParser

from botocore.exceptions import BotoCoreError, ClientError

from cli.command import Command, Desk
from cli.doors import Door, ask_store, enable, example, retire
from cli.screen import columns, plain
from cli.stack import ROOT
from cli.trouble import DONE, NO, Trouble
from reception.sources.registry import Source, sources


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", help="one source: how to set it up, and a request to copy")
    doing = parser.add_mutually_exclusive_group()
    doing.add_argument("--enable", action="store_true", help="give it a secret, made here; one that it has stays good until --retire")
    doing.add_argument("--secret", metavar="FROM", help="the same with the vendor's secret: - for standard input, or file:PATH")
    doing.add_argument("--retire", action="store_true", help="after a change of the secret: the one before no longer counts")
    parser.add_argument("--reveal", action="store_true", help="show the secret and the API key themselves")


def run(desk: Desk) -> int:
    said, known = desk.said, sources()
    if not said.name:
        if said.enable or said.secret or said.retire or said.reveal:
            raise Trouble("no source is named", todo="./watchkeeper sources NAME --help")
        return _table(desk, list(known.values()))
    if said.name not in known:
        raise Trouble(f"there is no source {said.name}", todo="see them all: ./watchkeeper sources", code=NO)
    source = known[said.name]
    if source.proof is None and (said.enable or said.secret or said.retire):
        raise Trouble(f"{source.name} has no secret", "it comes through the intake queue, where IAM proves the sender", code=NO)
    if said.enable or said.secret:
        desk.out.print(plain(enable(desk.stack, source, said.secret or ""), "green"))
    elif said.retire:
        desk.out.print(plain(retire(desk.stack, source), "green"))
    return _card(desk, source)


def _table(desk: Desk, every: list[Source]) -> int:
    stored, why_not = _stored(desk)
    table = columns("SOURCE", "ENABLED", "ROUTE", "PROOF", "VENDOR'S PAGE")
    for source in every:
        table.add_row(
            plain(source.name), plain(*_state(source, stored)), plain(f"POST {source.path}" if source.path else "the intake queue"),
            plain(source.proof.words if source.proof else "IAM"), plain(source.docs),
        )  # fmt: skip
    desk.out.print(table)
    desk.out.print(plain(why_not or "One of them, with a request to copy: ./watchkeeper sources NAME", "dim"))
    return DONE


def _card(desk: Desk, source: Source) -> int:
    stored, why_not = _stored(desk)
    card = columns("", "")
    for name, value in (
        ("source", f"{source.name}: {source.vendor}" if source.vendor else source.name),
        ("vendor's page", source.docs),
        ("our page", page if (ROOT / (page := f"docs/integrations/{source.name}.md")).is_file() else "docs/integrations/README.md"),
        ("route", f"POST {source.path}" if source.path else "the intake queue (SNS, EventBridge) or an invocation"),
        ("API key", "" if not source.path else "x-api-key" if source.sends_key else "none: this vendor cannot send it"),
        ("proof", source.proof.words if source.proof else "IAM"),
        ("secret", f"`{source.name}`, and `{source.name}_previous` while it is being changed" if source.proof else ""),
        ("enabled", _state(source, stored)[0]),
        ("no alert", source.passes_over),
    ):
        if value:
            card.add_row(plain(name, "bold"), plain(value))
    desk.out.print(card)
    if source.proof and why_not:
        desk.out.print(plain(why_not, "yellow"))
    elif source.proof:
        door = Door(desk.stack, source, stored or {}, reveal=desk.said.reveal)
        desk.out.print(plain("\n" + example(door)), soft_wrap=True)
    return DONE


def _state(source: Source, stored: dict[str, str] | None) -> tuple[str, str]:
    if source.proof is None:
        return "always", "green"
    if stored is None:
        return "not known", "dim"
    if stored.get(source.name):
        return ("yes, two secrets" if stored.get(f"{source.name}_previous") else "yes"), "green"
    return "no", "dim"


def _stored(desk: Desk) -> tuple[dict[str, str] | None, str]:
    """The stack's webhook secrets, where there is a stack and they may be read; else why not."""
    try:
        return ask_store(desk.stack), ""
    except (Trouble, BotoCoreError, ClientError) as error:
        return None, f"Whether they are enabled is not known: {str(error).splitlines()[0]}"


COMMANDS = (Command("sources", "what can send alerts here, how it proves itself, and a request to copy", run, arguments),)
