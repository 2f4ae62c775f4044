"""The status-change events of Automation, as EventBridge hands them on."""

import uuid
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local.aws import ACCOUNT, REGION, Caller
from local.eventbridge import deliver
from local.ssm.execution import Execution, StepRun
from local.ssm.journal import Journal


def status_event(execution: Execution) -> dict[str, Any]:
    """The event, as EventBridge hands it to a target."""
    now = datetime.now(UTC)
    detail: dict[str, Any] = {
        "ExecutionId": execution.id,
        "Definition": execution.document.name,
        "DefinitionVersion": float(execution.document.version),
        "Status": execution.status,
        "StartTime": _spelled(execution.started_at),
        "Time": ((execution.ended_at or now) - execution.started_at).total_seconds() * 1000,
        "ExecutedBy": execution.executed_by,
    }
    if execution.ended_at:
        detail["EndTime"] = _spelled(execution.ended_at)
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "EC2 Automation Execution Status-change Notification",
        "source": "aws.ssm",
        "account": ACCOUNT,
        "time": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": REGION,
        "resources": [
            f"arn:aws:ssm:{REGION}:{ACCOUNT}:automation-execution/{execution.id}",
            f"arn:aws:ssm:{REGION}:{ACCOUNT}:automation-definition/{execution.document.name}:{execution.document.version}",
        ],
        "detail": detail,
    }


def step_event(execution: Execution, step: StepRun) -> dict[str, Any]:
    """The same of one of its steps, once that has ended."""
    event = status_event(execution)
    of_step = {"StepName": step.step.name, "Action": step.step.action, "Status": step.status}
    event["detail"] |= of_step
    return event | {"detail-type": "EC2 Automation Step Status-change Notification"}


def _spelled(at: datetime) -> str:
    return f"{at:%b} {at.day}, {at.year} {at.hour % 12 or 12}:{at:%M:%S %p}"


class Announcer:
    """Delivers the events. Like EventBridge it is best effort: what could not be delivered is noted, and nobody waits for it."""

    def __init__(self, account: Caller, journal: Journal) -> None:
        self._account, self._journal = account, journal

    def __call__(self, execution: Execution, step: StepRun | None = None) -> None:
        try:
            deliver(self._account, [step_event(execution, step) if step else status_event(execution)])
        except (ClientError, BotoCoreError) as error:
            self._note(execution, f"not delivered: {error}")

    def _note(self, execution: Execution, outcome: str) -> None:
        self._journal.note(
            execution_id=execution.id, document=execution.document.name, step="", service="events", api="PutEvents",
            parameters={"Status": execution.status}, outcome=outcome,
        )  # fmt: skip
