"""What an action is given and what it gives back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol


class StepFailed(Exception):
    """The step did not do what it should; the message is what the API shows."""


class StepTimedOut(Exception):
    """Its time was over first."""


class Cancelled(Exception):
    """Somebody stopped the execution."""


class Hands(Protocol):
    """What a step may do: call AWS as the runbook's role, wait, run a command on an instance."""

    def call(self, service: str, api: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """One AWS call, journaled. StepFailed when AWS refuses it."""

    def pause(self, seconds: float | None = None) -> None:
        """Let time pass: as long as asked, at most what a laptop's patience allows, or one turn of polling."""

    def command(self, instance_id: str, asked: dict[str, Any]) -> list[str]:
        """What this SendCommand comes to for the pretended agent there. Journaled as the call it is; StepFailed where SSM refuses it."""

    def script(self, handler: str, payload: dict[str, Any]) -> "Leave":
        """A script of the runbook is about to run under this name: the caller it runs as, and the seconds it has."""

    def agent(self, instance_id: str) -> "Agent | None":
        """The pretended SSM agent on this instance, where a test or a story has put one."""


class Leave(Protocol):
    """For one run of a script."""

    @property
    def environment(self) -> dict[str, str]:
        """All that it finds in its environment."""

    @property
    def seconds(self) -> float:
        """How long it has."""

    def ended(self, outcome: str = "ok") -> None:
        """It is over; this is written into the journal."""


Agent = Callable[[Sequence[str]], tuple[int, str]]


@dataclass(frozen=True)
class Done:
    """What a step leaves: its outputs, what its selectors look into, and where a branch leads."""

    outputs: dict[str, Any] = field(default_factory=dict)
    response: Any = None
    jump: str = ""


def _nowhere(_: dict[str, Any]) -> list[str]:
    return []


@dataclass(frozen=True)
class Action:
    """`jumps` says which steps its inputs name, so that a wrong name is met when the document is registered."""

    name: str
    run: Callable[[dict[str, Any], Hands], Done]
    jumps: Callable[[dict[str, Any]], list[str]] = _nowhere
