"""Is the record of an incident what was written? Anyone can check, here or from an exported file without any access."""

from argparse import ArgumentParser
from pathlib import Path

from cli.audit_file import AuditFile, Chain, all_faults, read_audit_file
from cli.command import Command, Desk
from cli.finding import story_of
from cli.screen import plain
from cli.trouble import DONE, NO
from watchkeeper.audit import Anchor, chain_of


def verify_arguments(parser: ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("incident", metavar="INC", nargs="?", help="its id, the end of its id, or: latest")
    which.add_argument("--export", metavar="FILE", help="an exported file instead, without any access to the stack; - reads standard input")


def export_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("incident", metavar="INC", help="its id, the end of its id, or: latest")
    parser.add_argument("-o", "--output", metavar="FILE", help="where to write it (standard output)")


def verify(desk: Desk) -> int:
    kept = read_audit_file(desk.said.export) if desk.said.export else _kept(desk)
    found = all_faults(kept)
    if not desk.said.export:
        found += _not_what_the_incident_says(desk, kept)
    for fault in found:
        desk.out.print(plain(f"broken  {fault}", "red"))
    if found:
        desk.out.print(
            plain(f"{kept.incident_id}: the record is not what was written. Keep it as it is, and compare it with the anchors.", "bold red")
        )
        return NO
    for chain in kept.chains:
        _tell(desk, chain, own=chain.name == kept.incident_id)
    return DONE


def _tell(desk: Desk, chain: Chain, *, own: bool) -> None:
    """That it holds, and how much of it is under an anchor."""
    head = max((anchor.seq for anchor in chain.anchors), default=0)
    what = "records" if own else f"messages to {chain.name.partition('#')[2]}"
    desk.out.print(plain(f"{chain.name.partition('#')[0]}: {len(chain.records)} {what} hold, {head} of them under an anchor.", "green"))
    if head < len(chain.records):
        loose = len(chain.records) - head
        desk.out.print(
            plain(f"If the last {loose} had more after them, cutting those off would not show: they have no anchor yet.", "yellow")
        )


def export(desk: Desk) -> int:
    kept = _kept(desk)
    text = kept.model_dump_json(indent=2) + "\n"
    if desk.said.output:
        Path(desk.said.output).write_text(text)
        told = f", {sum(len(chain.records) for chain in kept.messages)} messages to {len(kept.messages)} channels" if kept.messages else ""
        desk.out.print(plain(f"{len(kept.records)} records and {len(kept.anchors)} anchors{told} in {desk.said.output}"))
    else:
        desk.out.print(text, end="", markup=False, soft_wrap=True)
    return DONE


def _kept(desk: Desk) -> AuditFile:
    """The incident's chain and those of its messages: of every channel that has a debt, or of which a head was anchored."""
    story = story_of(desk.stack, desk.said.incident)
    own = story.incident.id
    channels = {chain_of(own, delivery.channel) for delivery in story.deliveries} | set(desk.stack.anchors.chains(own))
    messages = [_chain(desk, name) for name in sorted(channels - {own})]
    kept = AuditFile(
        incident_id=own,
        exported_at=desk.clock(),
        records=story.history,
        anchors=_anchors(desk, own),
        messages=tuple(chain for chain in messages if chain.records or chain.anchors),
    )
    return kept.sealed()


def _chain(desk: Desk, name: str) -> Chain:
    return Chain(name=name, records=tuple(desk.stack.incidents.history(name)), anchors=_anchors(desk, name))


def _anchors(desk: Desk, name: str) -> tuple[Anchor, ...]:
    return tuple(sorted(desk.stack.anchors.of(name), key=lambda anchor: anchor.seq))


def _not_what_the_incident_says(desk: Desk, kept: AuditFile) -> list[str]:
    """The incident itself knows how long its chain is, and its head."""
    incident = desk.stack.incidents.load(kept.incident_id)
    if incident is None or not kept.records:
        return []
    same = (incident.audit_length, incident.audit_head) == (len(kept.records), kept.records[-1].hash)
    return [] if same else [f"the incident says that its chain has {incident.audit_length} records and another head"]


COMMANDS = (
    Command(
        "audit verify",
        "check the audit chains of an incident: what was decided and done, and what each channel was sent",
        verify,
        verify_arguments,
    ),
    Command(
        "audit export",
        "write the audit chains, with every message that was sent, to a file that anyone can verify",
        export,
        export_arguments,
    ),
)
