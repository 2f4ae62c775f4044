"""Executions and documents, as the API's answers show them."""

from datetime import datetime
from typing import Any

from local.aws import ACCOUNT
from local.ssm.documents import Step
from local.ssm.execution import Execution, StepRun
from local.ssm.shelf import AnyDocument
from local.ssm.values import as_output


def _drop_nothing(answer: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in answer.items() if value not in (None, "", {})}


def _epoch(at: datetime | None) -> float | None:
    return at.timestamp() if at else None


def metadata(execution: Execution) -> dict[str, Any]:
    """An entry of DescribeAutomationExecutions. Tags are not in it, as they are not in AWS's."""
    return _drop_nothing(
        {
            "AutomationExecutionId": execution.id,
            "DocumentName": execution.document.name,
            "DocumentVersion": execution.document.version,
            "AutomationExecutionStatus": execution.status,
            "ExecutionStartTime": _epoch(execution.started_at),
            "ExecutionEndTime": _epoch(execution.ended_at),
            "ExecutedBy": execution.executed_by,
            "Mode": "Auto",
            "AutomationType": "Local",
            "CurrentStepName": execution.current,
            "FailureMessage": execution.failure,
            "Outputs": execution.outputs,
        }
    )


def detail(execution: Execution) -> dict[str, Any]:
    """The AutomationExecution of GetAutomationExecution: the steps that ran, and those that did not yet."""
    ran = [_run(run) for run in execution.runs]
    begun = {run.step.name for run in execution.runs}
    to_come = [_step(step) | {"StepStatus": "Pending"} for step in execution.document.steps if step.name not in begun]
    shown = metadata(execution) | {"StepExecutions": ran + to_come, "StepExecutionsTruncated": False}
    shown["Parameters"] = {name: as_output(value) for name, value in execution.document.values(execution.parameters).items()}
    shown.pop("AutomationType")
    return shown


def _step(step: Step) -> dict[str, Any]:
    return _drop_nothing(
        {
            "StepName": step.name,
            "Action": step.action,
            "TimeoutSeconds": int(step.timeout_seconds),
            "OnFailure": step.on_failure,
            "MaxAttempts": step.max_attempts,
            "NextStep": step.next_step,
            "IsEnd": step.is_end,
            "IsCritical": step.critical,
        }
    )


def _run(run: StepRun) -> dict[str, Any]:
    return _step(run.step) | _drop_nothing(
        {
            "StepStatus": run.status,
            "ExecutionStartTime": _epoch(run.started_at),
            "ExecutionEndTime": _epoch(run.ended_at),
            "Inputs": {key: value if isinstance(value, str) else str(value) for key, value in run.inputs.items()},
            "Outputs": {key: as_output(value) for key, value in run.outputs.items()},
            "FailureMessage": run.failure,
        }
    )


def document(found: AnyDocument, latest: str = "1", default: str = "1") -> dict[str, Any]:
    """A DocumentDescription of this version; which is the latest and which the default one is said besides."""
    parameters = [
        _drop_nothing({"Name": name, "Type": "StringList" if declared.get("type") == "StringList" else "String",
                       "Description": declared.get("description"), "DefaultValue": declared.get("default")})
        for name, declared in found.parameters.items()
    ]  # fmt: skip
    return {
        "Name": found.name,
        "Hash": found.sha256,
        "HashType": "Sha256",
        "Owner": ACCOUNT,
        "CreatedDate": _epoch(found.made_at),
        "Status": "Active",
        "DocumentVersion": found.version,
        "LatestVersion": latest,
        "DefaultVersion": default,
        "Description": found.description,
        "Parameters": parameters,
        "DocumentType": found.kind,
        "SchemaVersion": found.schema,
        "DocumentFormat": "YAML",
    }
