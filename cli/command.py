"""What a command is. Each lies in a file of cli/commands and is found by looking into that folder."""

import importlib
import pkgutil
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from rich.console import Console

import cli.commands
from cli.stack import ROOT, Choice, Stack, open_stack
from watchkeeper.ids import Clock, now
from watchkeeper.people import FILE, People
from watchkeeper.team import read_yaml

WIDE = 200  # where nobody looks, lines are for grep


def ask_person(question: str) -> bool:
    """y or yes is yes; anything else, and the end of the input, is no."""
    try:
        return input(f"{question} [y/N] ").strip().lower() in {"y", "yes"}
    except EOFError:
        return False


def team_people() -> People:
    """This checkout's people.yaml."""
    return read_yaml(ROOT / "config" / FILE, People)


@dataclass(frozen=True)
class Desk:
    """What a command works with: what the person said, where to write, whom to ask, how to wait, and the stack once it is needed."""

    said: Namespace
    out: Console = field(default_factory=lambda: Console(highlight=False, width=None if sys.stdout.isatty() else WIDE))
    ask: Callable[[str], bool] = ask_person
    clock: Clock = now
    pause: Callable[[float], None] = time.sleep
    opener: Callable[[Choice], Stack] = open_stack
    people: Callable[[], People] = team_people

    @cached_property
    def stack(self) -> Stack:
        names = ("stack", "region", "profile", "endpoint_url")
        return self.opener(Choice(**{name: getattr(self.said, name, None) or "" for name in names}))


def no_arguments(_: ArgumentParser) -> None:
    """A command that takes none."""


@dataclass(frozen=True)
class Command:
    """`name` may be two words, as in `audit verify`. `run` gives the exit code."""

    name: str
    says: str
    run: Callable[[Desk], int]
    arguments: Callable[[ArgumentParser], None] = no_arguments


def commands() -> list[Command]:
    """Every command, in the order of its name."""
    found: list[Command] = []
    for module in pkgutil.iter_modules(cli.commands.__path__):
        found += getattr(importlib.import_module(f"cli.commands.{module.name}"), "COMMANDS", ())
    return sorted(found, key=lambda command: command.name)
