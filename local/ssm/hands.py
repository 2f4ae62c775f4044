"""The Hands of one step: every call of it goes through here, is journaled, and ends when its time is over or somebody cancels."""

import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import UnknownServiceError

from local.ssm.answers import as_aws
from local.ssm.documents import Step
from local.ssm.faults import InvalidInstanceId, SsmError
from local.ssm.leave import ScriptLeave
from local.ssm.steps.action import Agent, Cancelled, StepFailed, StepTimedOut

if TYPE_CHECKING:
    from local.ssm.execution import Execution, Surroundings


@dataclass
class StepHands:
    """The Hands of one step."""

    execution: "Execution"
    around: "Surroundings"
    step: Step
    deadline: float

    def call(self, service: str, api: str, parameters: dict[str, Any]) -> dict[str, Any]:
        self._still_going()
        note = self._note(service, api, parameters)
        try:
            operation = getattr(self.execution.account.client(service), xform_name(api))
            response: dict[str, Any] = operation(**parameters)
        except (ClientError, BotoCoreError, AttributeError, UnknownServiceError) as error:
            self.around.journal.note(**note, outcome=str(error))
            raise StepFailed(f"{service}:{api}: {error}") from error
        self.around.journal.note(**note)
        return as_aws(service, api, parameters, response)

    def pause(self, seconds: float | None = None) -> None:
        pace = self.around.pace
        wanted = pace.poll_seconds if seconds is None else min(seconds, pace.longest_sleep_seconds)
        self.execution.cancelled.wait(min(wanted, max(0.0, self.deadline - time.monotonic())))
        self._still_going()

    def agent(self, instance_id: str) -> Agent | None:
        return self.around.agents.get(instance_id)

    def command(self, instance_id: str, asked: dict[str, Any]) -> list[str]:
        self._still_going()
        note = self._note("ssm", "SendCommand", {**asked, "InstanceIds": [instance_id]})
        try:
            lines = self.around.shelf.lines(asked)
            if instance_id not in self.around.agents:
                raise InvalidInstanceId(f"no agent answers on {instance_id}")
        except SsmError as error:
            self.around.journal.note(**note, outcome=f"{error.code}: {error}")
            raise StepFailed(f"ssm:SendCommand: {error.code}: {error}") from error
        self.around.journal.note(**note)
        return lines

    def script(self, handler: str, payload: dict[str, Any]) -> ScriptLeave:
        self._still_going()
        call = self._note("script", handler, payload)
        return ScriptLeave(self.execution.account.environment(), self.deadline, partial(self.around.journal.note, **call))

    def hang(self) -> None:
        while True:
            self.pause()

    def linger(self, seconds: float) -> None:
        """Let that much real time pass, whatever a laptop's patience is for a sleep."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.pause(until - time.monotonic())

    def _note(self, service: str, api: str, parameters: dict[str, Any]) -> dict[str, Any]:
        return {
            "execution_id": self.execution.id, "document": self.execution.document.name, "step": self.step.name,
            "service": service, "api": api, "parameters": parameters,
        }  # fmt: skip

    def _still_going(self) -> None:
        if self.execution.cancelled.is_set():
            raise Cancelled
        if time.monotonic() >= self.deadline:
            raise StepTimedOut(f"step {self.step.name} was not done within {self.step.timeout_seconds:g} s")
