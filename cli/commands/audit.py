"""Is the record of an incident what was written? Anyone can check, here or from an exported file without any access."""

from argparse import ArgumentParser
from pathlib import Path

from cli.audit_file import AuditFile, all_faults, read_audit_file
from cli.command import Command, Desk
from cli.finding import story_of
from cli.screen import plain
from cli.trouble import DONE, NO


def verify_arguments(parser: ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("incident", metavar="INC", nargs="?", help="its id, the end of its id, or: latest")
    which.add_argument("--export", metavar="FILE", help="an exported file instead, without any access to the stack; - reads standard input")


def export_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("incident", metavar="INC", help="its id, the end of its id, or: latest")
    parser.add_argument("-o", "--output", metavar="FILE", help="where to write it (standard output)")


def verify(desk: Desk) -> int:
    kept = read_audit_file(desk.said.export) if desk.said.export else _kept(desk)
    found = all_faults(kept.incident_id, kept.records, kept.anchors)
    if not desk.said.export:
        found += _not_what_the_incident_says(desk, kept)
    for fault in found:
        desk.out.print(plain(f"broken  {fault}", "red"))
    if found:
        desk.out.print(
            plain(f"{kept.incident_id}: the record is not what was written. Keep it as it is, and compare it with the anchors.", "bold red")
        )
        return NO
    head = max((anchor.seq for anchor in kept.anchors), default=0)
    desk.out.print(plain(f"{kept.incident_id}: {len(kept.records)} records hold, {head} of them under an anchor.", "green"))
    if head < len(kept.records):
        loose = len(kept.records) - head
        desk.out.print(
            plain(f"If the last {loose} had more after them, cutting those off would not show: they have no anchor yet.", "yellow")
        )
    return DONE


def export(desk: Desk) -> int:
    kept = _kept(desk)
    text = kept.model_dump_json(indent=2) + "\n"
    if desk.said.output:
        Path(desk.said.output).write_text(text)
        desk.out.print(plain(f"{len(kept.records)} records and {len(kept.anchors)} anchors in {desk.said.output}"))
    else:
        desk.out.print(text, end="", markup=False, soft_wrap=True)
    return DONE


def _kept(desk: Desk) -> AuditFile:
    story = story_of(desk.stack, desk.said.incident)
    anchors = tuple(sorted(desk.stack.anchors.of(story.incident.id), key=lambda anchor: anchor.seq))
    return AuditFile(incident_id=story.incident.id, exported_at=desk.clock(), records=story.history, anchors=anchors)


def _not_what_the_incident_says(desk: Desk, kept: AuditFile) -> list[str]:
    """The incident itself knows how long its chain is, and its head."""
    incident = desk.stack.incidents.load(kept.incident_id)
    if incident is None or not kept.records:
        return []
    same = (incident.audit_length, incident.audit_head) == (len(kept.records), kept.records[-1].hash)
    return [] if same else [f"the incident says that its chain has {incident.audit_length} records and another head"]


COMMANDS = (
    Command("audit verify", "check the audit chain of an incident", verify, verify_arguments),
    Command("audit export", "write the audit chain and its anchors to a file that anyone can verify", export, export_arguments),
)
