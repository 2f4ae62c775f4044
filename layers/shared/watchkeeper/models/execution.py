"""The journal of one action: claimed before anything is started, then observed, never assumed."""

from enum import StrEnum
from typing import ClassVar

from pydantic import ConfigDict

from watchkeeper.models.word import Row, Time, Word


class ExecutionStatus(StrEnum):
    CLAIMED = "claimed"
    STARTED = "started"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNKNOWN = "unknown"


class StepResult(Word):
    """One step of a runbook. Its times are text, as they go into audit records; an older reader ignores them."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    status: str
    message: str = ""
    started_at: str = ""
    ended_at: str = ""


class Execution(Row):
    """`id` is the client token: the same for the same incident, plan and attempt, whoever asks.

    `hands` counts the workers who have had the claim in hand. A worker who finds it taken over can no longer say that
    nothing was started.
    """

    prefix: ClassVar[str] = "EXEC"

    id: str
    incident_id: str
    plan_id: str
    attempt: int = 1
    hands: int = 1
    status: ExecutionStatus
    document: str
    automation_id: str = ""
    request_id: str = ""
    claimed_at: Time
    started_at: Time | None = None
    ended_at: Time | None = None
    steps: tuple[StepResult, ...] = ()
    failure: str = ""

    @property
    def key(self) -> str:
        return self.id


class Verification(Row):
    """What the alarm said after the action, and what we concluded."""

    prefix: ClassVar[str] = "VERIFICATION"

    execution_id: str
    passed: bool
    alarm_state: str
    why: str
    at: Time

    @property
    def key(self) -> str:
        return self.execution_id
