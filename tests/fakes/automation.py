"""SSM Automation in memory, as strict as the real one: requests are checked against botocore's own model of the service."""

import threading
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

import botocore.session
from botocore.exceptions import ClientError
from botocore.validate import ParamValidator

from watchkeeper.ids import Clock

MOST_TAGS = 5
DOCUMENTS: dict[str, set[str]] = {
    "watchkeeper-ec2-restart": {"InstanceId", "AutomationAssumeRole"},
    "watchkeeper-ecs-redeploy": {"Cluster", "Service", "AutomationAssumeRole"},
    "watchkeeper-github-revert": {"Repository", "Number", "GithubApiUrl", "SecretId", "AutomationAssumeRole"},
}


@cache
def _service() -> Any:
    return botocore.session.get_session().get_service_model("ssm")


def refused(operation: str, code: str, status: int = 400) -> ClientError:
    """The error that boto3 raises for this answer."""
    answer: Any = {"Error": {"Code": code, "Message": f"{operation}: {code}"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, operation)


@dataclass
class StrictSsm:
    """The part of the SSM client that remediation uses. `started` is every execution that ever began, which is what a test counts.

    A client token that is known is refused, whatever comes with it; `hidden` lists are answered empty that many times,
    as an index that lags would; `fault` has an error code and status for each operation that is to fail.
    """

    clock: Clock
    documents: dict[str, set[str]] = field(default_factory=lambda: DOCUMENTS)
    fault: dict[str, tuple[str, int]] = field(default_factory=dict)
    hidden: int = 0
    started: dict[str, dict[str, Any]] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    lock: Any = field(default_factory=threading.Lock)

    def start_automation_execution(self, **request: Any) -> dict[str, Any]:
        self._check("StartAutomationExecution", request)
        wanted = self.documents.get(request["DocumentName"])
        if wanted is None:
            raise refused("StartAutomationExecution", "AutomationDefinitionNotFoundException")
        if set(request.get("Parameters", {})) != wanted or len(request.get("Tags", [])) > MOST_TAGS or "MaxConcurrency" in request:
            raise refused("StartAutomationExecution", "InvalidAutomationExecutionParametersException")
        with self.lock:
            token = request["ClientToken"].lower()
            if token in self.tokens:
                raise refused("StartAutomationExecution", "IdempotentParameterMismatch")
            self.tokens.add(token)
            automation_id = str(uuid.uuid4())
            self.started[automation_id] = {
                "AutomationExecutionId": automation_id,
                "DocumentName": request["DocumentName"],
                "Parameters": request["Parameters"],
                "Tags": {tag["Key"]: tag["Value"] for tag in request["Tags"]},
                "AutomationExecutionStatus": "InProgress",
                "ExecutionStartTime": self.clock(),
                "StepExecutions": [],
            }
        return {"AutomationExecutionId": automation_id}

    def describe_automation_executions(self, **request: Any) -> dict[str, Any]:
        """Two pages: an empty one with a token first, as the real service may answer a filter."""
        self._check("DescribeAutomationExecutions", request)
        [only] = request["Filters"]
        if "NextToken" not in request:
            return {"AutomationExecutionMetadataList": [], "NextToken": "more"}
        if self.hidden > 0:
            self.hidden -= 1
            return {"AutomationExecutionMetadataList": []}
        found = [dict(e) for e in self.started.values() if only["Key"] == "TagKey" and only["Values"][0] in e["Tags"]]
        return {"AutomationExecutionMetadataList": found}

    def get_automation_execution(self, **request: Any) -> dict[str, Any]:
        self._check("GetAutomationExecution", request)
        found = self.started.get(request["AutomationExecutionId"])
        if found is None:
            raise refused("GetAutomationExecution", "AutomationExecutionNotFoundException")
        return {"AutomationExecution": dict(found)}

    def finish(self, status: str = "Success", at: datetime | None = None) -> list[str]:
        """Everything that runs ends; the ids of what did."""
        running = [e for e in self.started.values() if e["AutomationExecutionStatus"] == "InProgress"]
        for execution in running:
            step = {"StepName": "restart", "StepStatus": status, "FailureMessage": "" if status == "Success" else "it would not"}
            execution |= {"AutomationExecutionStatus": status, "ExecutionEndTime": at or self.clock(), "StepExecutions": [step]}
        return [execution["AutomationExecutionId"] for execution in running]

    def _check(self, operation: str, request: dict[str, Any]) -> None:
        report = ParamValidator().validate(request, _service().operation_model(operation).input_shape)
        if report.has_errors():
            raise AssertionError(f"botocore would refuse this {operation}: {report.generate_report()}")
        if operation in self.fault:
            raise refused(operation, *self.fault[operation])
