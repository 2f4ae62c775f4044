"""An analysis once more, from what it was made from: does it come out the same, byte for byte?"""

import difflib
from argparse import ArgumentParser
from dataclasses import replace
from pathlib import Path

from analysis.case_file import opened, stamped
from analysis.deciding import decide
from analysis.thought import Thought
from cli.command import Command, Desk
from cli.finding import story_of
from cli.screen import plain
from cli.trouble import CANNOT, DONE, NO, Trouble
from watchkeeper.models import Analysis, StoredPayload

CASE, ANALYSIS = "case.json", "analysis.json"


def arguments(parser: ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("incident", metavar="INC", nargs="?", help="its id, the end of its id, or: latest")
    what.add_argument("--from", dest="folder", type=Path, metavar="FOLDER", help="offline, from a folder that --save made")
    parser.add_argument("--save", type=Path, metavar="FOLDER", help="keep the case and its analysis here, for a replay offline")
    parser.add_argument("--engine", choices=("recorded", "deterministic"), default="recorded",
                        help="with what the model said then (recorded), or as if it had not been asked")  # fmt: skip


def run(desk: Desk) -> int:
    raw, analysis = _from_folder(desk.said.folder) if desk.said.folder else _from_stack(desk)
    if desk.said.save:
        _save(desk.said.save, raw, analysis)
        desk.out.print(plain(f"Kept in {desk.said.save}: {CASE} and {ANALYSIS}. Offline: ./watchkeeper replay --from {desk.said.save}"))
    inputs = opened(raw)
    if desk.said.engine == "deterministic":
        inputs = replace(inputs, cached=None, thought=Thought(None, "left out of this replay"))
    again = stamped(decide(inputs), analysis.case_key, raw)
    return _compared(analysis, again, desk)


def _from_stack(desk: Desk) -> tuple[bytes, Analysis]:
    story = story_of(desk.stack, desk.said.incident)
    analysis = story.analysis
    if analysis is None or not analysis.case_key:
        raise Trouble(f"{story.incident.id} has no analysis that can be replayed", todo="wait until it is analysed", code=NO)
    stored = StoredPayload(bucket=desk.stack.settings.bucket, key=analysis.case_key, sha256=analysis.case_sha256, size=0)
    return desk.stack.blobs.get(stored), analysis


def _from_folder(folder: Path) -> tuple[bytes, Analysis]:
    try:
        return (folder / CASE).read_bytes(), Analysis.model_validate_json((folder / ANALYSIS).read_bytes())
    except (OSError, ValueError) as error:
        what = f"{folder} holds no case that can be read: {error}"
        raise Trouble(what, todo="make one: ./watchkeeper replay INC --save FOLDER", code=CANNOT) from error


def _save(folder: Path, raw: bytes, analysis: Analysis) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / CASE).write_bytes(raw)
    (folder / ANALYSIS).write_text(analysis.model_dump_json(indent=2))


def _compared(then: Analysis, again: Analysis, desk: Desk) -> int:
    desk.out.print(plain(f"{then.engine.value} then, {again.engine.value} now: {again.root_cause} ({again.confidence:.0%})"))
    if then.model_dump_json() == again.model_dump_json():
        desk.out.print(plain("The same, byte for byte.", "green"))
        return DONE
    before, after = (one.model_dump_json(indent=2).splitlines() for one in (then, again))
    for line in difflib.unified_diff(before, after, "then", "now", lineterm="", n=1):
        desk.out.print(plain(line))
    desk.out.print(plain("It comes out differently.", "yellow"))
    return NO


COMMANDS = (Command("replay", "make an analysis again from what it was made from, and compare", run, arguments),)
