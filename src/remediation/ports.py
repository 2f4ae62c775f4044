"""What remediation needs of the world beyond the tables and queues: what is there, what runs, what the alarm says."""

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Any, Protocol

from watchkeeper.actions import Action
from watchkeeper.ids import digest
from watchkeeper.models import Fleet, Opinion, PlanShown, Rehearsed, Resource, StepResult, Time, Word


class Sighting(Word):
    """A target as AWS describes it now. `unseen` says why it could not be looked at; then nothing else counts.

    `state` has what a person's yes depends on and nothing that changes by itself, because a plan is bound to its hash. `health`
    has what does change by itself, for the named checks; `name` and `tags` are for people, and the tag that allows us in for the gate.
    `fleet` is what the target is one of, where it is one of several.
    """

    exists: bool = False
    account: str = ""
    region: str = ""
    tags: dict[str, str] = {}
    name: str = ""
    state: dict[str, Any] = {}
    health: dict[str, str] = {}
    fleet: Fleet | None = None
    unseen: str = ""

    @property
    def state_hash(self) -> str:
        return digest({"exists": self.exists, "state": self.state})


class Running(Word):
    """An automation that was started, and when. `request_id` is AWS's own of the call that started it, where this very call did."""

    automation_id: str
    started_at: Time
    request_id: str = ""


class Pinned(Word):
    """A runbook as SSM has it: its name, version and hash, and those of the command that it sends to an instance, where it sends one."""

    document: str
    version: str
    hash: str = ""
    command: str = ""
    command_version: str = ""
    command_hash: str = ""

    @property
    def for_command(self) -> dict[str, list[str]]:
        """The runbook's parameters that hold it to this very command."""
        if not self.command:
            return {}
        return {"CommandName": [self.command], "CommandVersion": [self.command_version], "CommandHash": [self.command_hash]}


class Outcome(StrEnum):
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class Observation(Word):
    """What an automation has come to, in our three words; `status` is SSM's own, `outputs` what its runbook tells, by name."""

    outcome: Outcome
    status: str
    ended_at: Time | None = None
    steps: tuple[StepResult, ...] = ()
    failure: str = ""
    outputs: dict[str, str] = {}


class AlarmSaid(Word):
    """The alarm's state, since when, and how long one of its periods is."""

    state: str
    since: Time
    period_seconds: int = 60
    evaluation_periods: int = 1


class Inventory(Protocol):
    """Where a target named by an alert is looked up. What it says is trusted; what the alert says of it is not."""

    def see(self, target: Resource) -> Sighting:
        """The target as it is now; NotAllowed names the permission that is missing."""

    def reach(self, kind: str, start: Resource) -> list[Resource]:
        """The trusted resources of this type that belong to this trusted one, such as the group of an instance; the same errors."""


class Automation(Protocol):
    """Runbooks, started under a token that is the same for the same execution, and found again by it."""

    def find(self, execution_id: str) -> Running | None:
        """The automation that this execution started, if one is known."""

    def describe(self, action: str, command: str = "") -> Pinned:
        """The runbook, and the command that it sends, as they are registered now; Permanent where there is none."""

    def start(
        self, execution_id: str, incident_id: str, action: str, parameters: Mapping[str, list[str]], *,
        version: str = "", stop_alarms: Collection[str] = (),
    ) -> Running:  # fmt: skip
        """The automation. NotYet when it was started before and cannot be found yet; Permanent when it cannot start."""

    def observe(self, automation_id: str) -> Observation | None:
        """How it stands; none where SSM does not know it (yet)."""


class Alarms(Protocol):
    """CloudWatch's own word on an alarm."""

    def said(self, name: str) -> AlarmSaid | None:
        """Its state now; none where there is no such alarm."""


class Rehearsals(Protocol):
    """Trying a plan without doing it."""

    def rehearse(self, action: Action, parameters: Mapping[str, list[str]], target: Resource, seen: Sighting) -> tuple[Rehearsed, ...]:
        """What was tried and what it said; never an error, since what cannot be tried is an answer, too."""


class Guardian(Protocol):
    """A second model, in a function of its own, that may only lower what is allowed."""

    def ask(self, shown: PlanShown) -> Opinion:
        """Its opinion; never an error: one that does not answer has the objection `down`, none at all `absent`."""
