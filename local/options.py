"""What a run of the laptop stack can be told."""

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

PAGE_PORT = 8700


class Reasoner(StrEnum):
    """Who states the cause."""

    DETERMINISTIC = "the deterministic analyst reasons: no ANTHROPIC_API_KEY in the environment"
    CLAUDE = "Claude reasons, with the ANTHROPIC_API_KEY of the environment"
    STAND_IN = "a stand-in for Claude reasons: it answers as the API would, and thinks nothing"


@dataclass(frozen=True)
class Options:
    """`once` plays, checks and ends; `iam` has the emulator enforce every policy."""

    once: bool = False
    iam: bool = False
    port: int = PAGE_PORT
    patience_seconds: float = 150.0
    claude_standin: bool = False
    anthropic_key: str = ""
    anthropic_url: str = ""

    @property
    def reasoner(self) -> Reasoner:
        if self.claude_standin:
            return Reasoner.STAND_IN
        return Reasoner.CLAUDE if self.anthropic_key else Reasoner.DETERMINISTIC


def read(arguments: Sequence[str] | None = None, environment: Mapping[str, str] | None = None) -> Options:
    """The command line, with ONCE=1 and IAM=1 of the environment as what make passes on."""
    env = os.environ if environment is None else environment
    parser = argparse.ArgumentParser(
        prog="python -m local.demo",
        description="The whole stack on this machine: the same template.yaml on an emulator, and nine incidents played through it.",
        epilog="With ANTHROPIC_API_KEY in the environment Claude reasons; without, the deterministic analyst does.",
    )
    parser.add_argument("--once", action="store_true", default=_set(env, "ONCE"), help="play, check the outcome and end (also: ONCE=1)")
    parser.add_argument(
        "--iam", action="store_true", default=_set(env, "IAM"), help="have the emulator enforce every IAM policy (also: IAM=1)"
    )
    parser.add_argument(
        "--port", type=int, default=PAGE_PORT, metavar="N", help=f"where the page listens; another port if it is busy ({PAGE_PORT})"
    )
    parser.add_argument("--patience", type=float, default=150.0, metavar="S", help="how many seconds an incident may take to its end (150)")
    parser.add_argument("--claude-standin", action="store_true", help="let a stand-in answer in Claude's place")
    told = parser.parse_args(arguments)
    return Options(
        once=told.once,
        iam=told.iam,
        port=told.port,
        patience_seconds=told.patience,
        claude_standin=told.claude_standin,
        anthropic_key=env.get("ANTHROPIC_API_KEY", ""),
        anthropic_url=env.get("ANTHROPIC_BASE_URL", ""),
    )


def _set(environment: Mapping[str, str], name: str) -> bool:
    return environment.get(name, "").lower() not in {"", "0", "no", "false"}
