"""One execution of a runbook: step after step, with AWS's statuses, retries, branches and ends."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from local.aws import ACCOUNT, REGION, Caller
from local.ssm.documents import Document, Step
from local.ssm.hands import StepHands
from local.ssm.journal import Journal
from local.ssm.mishaps import How, Mishaps
from local.ssm.shelf import Shelf
from local.ssm.steps import ACTIONS
from local.ssm.steps.action import Agent, Cancelled, Done, StepFailed, StepTimedOut
from local.ssm.stopping import stopped_by
from local.ssm.values import Unresolved, as_output, resolve, select

LONGEST_WALK = 200
ENDED = {"Success", "Failed", "TimedOut", "Cancelled"}


@dataclass(frozen=True)
class Pace:
    """How patient a laptop is: how often a waiting step looks, how long a sleep may take at most, and what a step takes at least."""

    poll_seconds: float = 0.2
    longest_sleep_seconds: float = 1.0
    between_steps_seconds: float = 0.1


@dataclass
class StepRun:
    """One step of one execution, as the API shows it."""

    step: Step
    status: str = "Pending"
    inputs: dict[str, Any] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)
    failure: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass
class Execution:
    """One execution. `account` is the emulated one, as the runbook's role where it names one."""

    id: str
    document: Document
    parameters: Mapping[str, list[str]]
    tags: Mapping[str, str]
    account: Caller
    executed_by: str
    alarm: tuple[str, bool] = ("", False)
    status: str = "Pending"
    failure: str = ""
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    ended_at: datetime | None = None
    runs: list[StepRun] = field(default_factory=list)
    outputs: dict[str, list[str]] = field(default_factory=dict)
    current: str = ""
    cancelled: threading.Event = field(default_factory=threading.Event)

    def known(self) -> dict[str, Any]:
        """Everything that `{{ }}` can stand for by now."""
        fixed = {
            "automation:EXECUTION_ID": self.id,
            "automation:DOCUMENT_NAME": self.document.name,
            "global:REGION": REGION,
            "global:ACCOUNT_ID": ACCOUNT,
            "global:AWS_PARTITION": "aws",
            "global:DATE": self.started_at.strftime("%Y-%m-%d"),
            "global:DATE_TIME": self.started_at.strftime("%Y-%m-%d_%H.%M.%S"),
        }
        said = {f"{run.step.name}.{name}": value for run in self.runs for name, value in run.outputs.items()}
        return fixed | self.document.values(self.parameters) | said


class Tell(Protocol):
    """Who hears that an execution has a new status, or that one of its steps has ended."""

    def __call__(self, execution: Execution, step: StepRun | None = None) -> None: ...


@dataclass
class Surroundings:
    """What executions share."""

    journal: Journal
    mishaps: Mishaps
    agents: dict[str, Agent]
    pace: Pace
    tell: "Tell"
    shelf: Shelf = field(default_factory=Shelf)


def run(execution: Execution, around: Surroundings) -> None:
    """Walk the runbook to its end. Whatever happens, the execution ends with one of AWS's end statuses and says so."""
    status = "Failed"
    execution.status = "InProgress"
    try:
        around.tell(execution)
        status = _walk(execution, around)
    finally:
        _finish(execution, "Cancelled" if execution.cancelled.is_set() else status)
        around.tell(execution)


def _walk(execution: Execution, around: Surroundings) -> str:
    """Step after step, to the status that they come to."""
    failed = ""
    name = execution.document.steps[0].name
    for _ in range(LONGEST_WALK):
        execution.cancelled.wait(around.pace.between_steps_seconds)
        if why := stopped_by(execution.alarm, execution.account):
            execution.failure = why
            return "Cancelled"
        step = execution.document.step(name)
        record = StepRun(step)
        execution.runs.append(record)
        execution.current = step.name
        jump = _attempt(execution, record, around)
        if record.status not in {"Success", "Cancelled"} and step.critical:
            failed = failed or record.status
            execution.failure = execution.failure or f"Step {step.name} {_verb(record.status)}: {record.failure}"
        name = _following(execution.document, record, jump)
        if name:
            around.tell(execution, record)
        if not name:
            return failed or "Success"
    execution.failure = f"it took more than {LONGEST_WALK} steps"
    return "Failed"


def _verb(status: str) -> str:
    return "timed out" if status == "TimedOut" else "failed"


def _following(document: Document, record: StepRun, jump: str) -> str:
    """Where the runbook goes from this step; empty where it ends."""
    step = record.step
    if record.status == "Success":
        return jump or document.after(step)
    if record.status == "Cancelled" or step.on_failure == "Abort":
        return ""
    if step.on_failure.startswith("step:"):
        return step.on_failure.removeprefix("step:")
    return document.after(step)


def _attempt(execution: Execution, record: StepRun, around: Surroundings) -> str:
    """The step, as often as it may be tried. Fills the record; says where a branch leads."""
    step, record.started_at = record.step, datetime.now(UTC)
    record.status = "InProgress"
    jump = ""
    for _ in range(step.max_attempts):
        hands = StepHands(execution, around, step, time.monotonic() + step.timeout_seconds)
        try:
            done = _once(execution, record, hands)
            jump, record.status, record.failure = done.jump, "Success", ""
        except Cancelled:
            record.status = "Cancelled"
        except StepTimedOut as error:
            record.status, record.failure = "TimedOut", str(error)
        except (StepFailed, Unresolved) as error:
            record.status, record.failure = "Failed", str(error)
        except (KeyError, TypeError, ValueError) as error:
            record.status, record.failure = "Failed", f"its inputs cannot be understood: {error!r}"
        if record.status in {"Success", "Cancelled"}:
            break
    record.ended_at = datetime.now(UTC)
    return jump


def _once(execution: Execution, record: StepRun, hands: StepHands) -> Done:
    step, mishaps, document = record.step, hands.around.mishaps, execution.document.name
    slow = mishaps.due(document, step.name, How.SLOW)
    if slow:
        hands.linger(slow.seconds)
    mishap = mishaps.due(document, step.name, How.FAIL, How.HANG)
    if mishap and mishap.how is How.HANG:
        hands.hang()
    if mishap:
        raise StepFailed(mishap.message)
    record.inputs = resolve(step.inputs, execution.known())
    done = ACTIONS[step.action].run(record.inputs, hands)
    record.outputs = {**done.outputs, **{o["Name"]: select(o["Selector"], done.response) for o in step.outputs if "Selector" in o}}
    late = mishaps.due(document, step.name, How.FAIL_AFTER)
    if late:
        raise StepFailed(late.message)
    return done


def _finish(execution: Execution, status: str) -> None:
    known = execution.known()
    execution.outputs = {name: as_output(known.get(name)) for name in execution.document.outputs}
    execution.current, execution.ended_at = "", datetime.now(UTC)
    execution.status = status
