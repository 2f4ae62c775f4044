"""Where the actions of the catalogue are performed: the emulated account, the simulator with the real runbooks, the real inventory."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.aws import ACCOUNT, Account
from local.places import ROOT
from local.ssm.execution import ENDED, Execution, Pace
from local.ssm.simulator import Simulator
from remediation.inventory import AwsInventory
from remediation.ports import Sighting
from watchkeeper.actions import Action, catalogue
from watchkeeper.models import Resource

PATIENCE = 30
ROLE = f"arn:aws:iam::{ACCOUNT}:role/watchkeeper-runbook"


@dataclass(frozen=True)
class Performance:
    """One run of an action's runbook: its parameters, the target before and after, and how the execution ended."""

    action: Action
    target: Resource
    parameters: dict[str, list[str]]
    before: Sighting
    after: Sighting
    execution: Execution
    effects: tuple[str, ...]

    @property
    def status(self) -> str:
        return self.execution.status

    @property
    def failure(self) -> str:
        return self.execution.failure

    @property
    def proven(self) -> bool:
        """Do the action's named checks hold afterwards?"""
        return all(self.after.health.get(name) in good for name, good in self.action.proven_by.items())


class Theatre:
    """`simulator.mishaps` and `simulator.agents` are a test's to set. Whatever an action needs is a resource of the test's own."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.simulator = Simulator(account, Pace(poll_seconds=0.05, longest_sleep_seconds=0.05, between_steps_seconds=0.0))
        self.inventory = AwsInventory(account.client)

    def client(self, service: str) -> Any:
        return self.account.client(service)

    def see(self, target: Resource) -> Sighting:
        return self.inventory.see(target)

    def plan(self, name: str, target: Resource, given: Mapping[str, Any] | None = None) -> dict[str, list[str]]:
        """The parameters that a plan would have; ValueError where they do not fit."""
        action = catalogue()[name]
        return action.parameters(target, self.see(target).state, given or {}).for_runbook() | self._pinned(action.command)

    def perform(self, name: str, target: Resource, given: Mapping[str, Any] | None = None, **more: list[str]) -> Performance:
        """Plan it and run its runbook to the end. `more` are parameters that the stack fills in."""
        return self.run(name, target, self.plan(name, target, given), **more)

    def undo(self, done: Performance, **more: list[str]) -> Performance:
        """Run it again with what puts back what was before."""
        return self.run(done.action.name, done.target, done.action.undone(done.parameters, done.before.state), **more)

    def run(self, name: str, target: Resource, parameters: dict[str, list[str]], **more: list[str]) -> Performance:
        before, known = self.see(target), len(self.simulator.journal.effects)
        execution = self.execute(name, {**parameters, **more})
        calls = self.simulator.journal.effects[known:]
        effects = tuple(f"{call.service}:{call.api}" for call in calls if call.execution_id == execution.id)
        return Performance(catalogue()[name], target, parameters, before, self.see(target), execution, effects)

    def execute(self, name: str, parameters: Mapping[str, list[str]], **more: Any) -> Execution:
        """The runbook of this name, run to its end; `more` is what it is started with besides."""
        asked = {"DocumentName": self._registered(name), "Parameters": {**parameters, "AutomationAssumeRole": [f"{ROLE}-{name}"]}} | more
        started = self.simulator.start_automation_execution(asked)["AutomationExecutionId"]
        execution = next(one for one in self.simulator.executions if one.id == started)
        deadline = time.monotonic() + PATIENCE
        while execution.status not in ENDED:
            assert time.monotonic() < deadline, f"{name} runs on: {execution.current}"
            time.sleep(0.01)
        return execution

    def _pinned(self, command: str) -> dict[str, list[str]]:
        """What a plan has besides for an action that sends a command: its name, version and hash, as SSM describes it."""
        if not command:
            return {}
        name = f"watchkeeper-{command}"
        if name not in self.simulator.documents:
            content = (ROOT / "runbooks" / "commands" / f"{command}.yaml").read_text()
            self.simulator.create_document({"Name": name, "Content": content, "DocumentType": "Command"})
        found = self.simulator.describe_document({"Name": name})["Document"]
        return {"CommandName": [name], "CommandVersion": [found["DocumentVersion"]], "CommandHash": [found["Hash"]]}

    def _registered(self, name: str) -> str:
        """The runbook's name in the simulator, where its file is registered on first use."""
        full = f"watchkeeper-{name}"
        if full not in self.simulator.documents:
            self.simulator.create_document({"Name": full, "Content": (ROOT / "runbooks" / f"{name}.yaml").read_text()})
        return full
