"""One incident, whole."""

import dataclasses
from argparse import ArgumentParser
from typing import Any

from pydantic import BaseModel

from cli.command import Command, Desk
from cli.finding import story_of
from cli.telling import show
from cli.trouble import DONE
from watchkeeper.story import Story


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("incident", metavar="INC", help="its id, the end of its id, or: latest")
    parser.add_argument("--json", action="store_true", help="one JSON object, for machines")


def run(desk: Desk) -> int:
    story = story_of(desk.stack, desk.said.incident)
    if desk.said.json:
        desk.out.print_json(data=as_json(story))
    else:
        show(story, desk.out)
    return DONE


def as_json(story: Story) -> dict[str, Any]:
    """Every part under its name, as it is stored."""
    return {part.name: _plain(getattr(story, part.name)) for part in dataclasses.fields(story)}


def _plain(value: object) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


COMMANDS = (Command("show", "tell one incident: timeline, evidence, cause, plan, what was done, who was told", run, arguments),)
