"""An account made of functions, and a runbook to run against it."""

import threading
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import yaml
from botocore.exceptions import ClientError

from local.ssm import documents
from local.ssm.documents import Document
from local.ssm.execution import Execution, Pace, StepRun, Surroundings, run
from local.ssm.journal import Journal
from local.ssm.mishaps import Mishap, Mishaps
from local.ssm.shelf import Shelf
from local.ssm.steps.action import Agent

Operation = Callable[..., Any]
QUICK = Pace(poll_seconds=0.001, longest_sleep_seconds=0.001, between_steps_seconds=0)


class PretendedAccount:
    """`operations` by `service.operation`, as boto3 spells them. `roles` are those that can be assumed."""

    def __init__(self, operations: Mapping[str, Operation] | None = None, roles: tuple[str, ...] = ()) -> None:
        self.operations, self.roles = dict(operations or {}), roles
        self.assumed = ""

    def client(self, service: str) -> Any:
        prefix = f"{service}."
        return SimpleNamespace(**{name.removeprefix(prefix): call for name, call in self.operations.items() if name.startswith(prefix)})

    def role(self, arn: str, session: str) -> "PretendedAccount":
        if arn not in self.roles:
            raise refused("AccessDenied", "AssumeRole")
        other = PretendedAccount(self.operations, self.roles)
        other.assumed = arn
        return other

    def environment(self) -> dict[str, str]:
        return {"PRETENDED": self.assumed or "root"}


def refused(code: str, operation: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": f"{code} by a test"}}, operation)


def runbook(*steps: Mapping[str, Any], name: str = "wk-test", **more: Any) -> Document:
    return documents.read(name, yaml.safe_dump({"schemaVersion": "0.3", "mainSteps": list(steps), **more}))


def call(name: str, api: str = "DoIt", **more: Any) -> dict[str, Any]:
    """A step that makes one call."""
    inputs = {"Service": "svc", "Api": api, **more.pop("inputs", {})}
    return {"name": name, "action": "aws:executeAwsApi", "inputs": inputs, **more}


class Run:
    """A finished run of a runbook, with what can be seen of it."""

    def __init__(
        self,
        document: Document,
        operations: Mapping[str, Operation] | None = None,
        *,
        parameters: Mapping[str, list[str]] | None = None,
        mishaps: tuple[Mishap, ...] = (),
        agents: Mapping[str, Agent] | None = None,
        cancel_after: float | None = None,
        shelf: Shelf | None = None,
    ) -> None:
        self.journal, self.told = Journal(), list[str]()
        planned = Mishaps()
        for mishap in mishaps:
            planned.plan(mishap)
        account = PretendedAccount(operations)
        self.execution = Execution("exec-1", document, dict(parameters or {}), {}, account, "arn:aws:iam::123456789012:root")
        if cancel_after is not None:
            threading.Timer(cancel_after, self.execution.cancelled.set).start()
        around = Surroundings(self.journal, planned, dict(agents or {}), QUICK, self._hear, shelf or Shelf())
        run(self.execution, around)

    def _hear(self, execution: Execution, step: StepRun | None = None) -> None:
        """What the execution as a whole has come to; its steps are in its journal."""
        if step is None:
            self.told.append(execution.status)

    @property
    def status(self) -> str:
        return self.execution.status

    @property
    def steps(self) -> list[tuple[str, str]]:
        return [(run.step.name, run.status) for run in self.execution.runs]

    @property
    def failure(self) -> str:
        return self.execution.failure
