"""SSM Automation in memory, as strict as the real one: requests are checked against botocore's own model of the service."""

import hashlib
import re
import threading
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
import yaml
from botocore.exceptions import ClientError
from botocore.validate import ParamValidator

from watchkeeper.ids import Clock

MOST_TAGS = 5
PREFIX = "watchkeeper-"
RUNBOOKS = Path(__file__).parents[2] / "runbooks"


@cache
def _service() -> Any:
    return botocore.session.get_session().get_service_model("ssm")


def refused(operation: str, code: str, status: int = 400) -> ClientError:
    """The error that boto3 raises for this answer."""
    answer: Any = {"Error": {"Code": code, "Message": f"{operation}: {code}"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, operation)


@cache
def text_of(document: str) -> str:
    """What the stack registers under this name: the file of a runbook or of a command; empty where there is none."""
    name = f"{document.removeprefix(PREFIX)}.yaml"
    found = [folder / name for folder in (RUNBOOKS, RUNBOOKS / "commands") if document.startswith(PREFIX) and (folder / name).is_file()]
    return found[0].read_text() if found else ""


@cache
def declared(document: str) -> dict[str, dict[str, Any]]:
    """The parameters of a runbook, by name."""
    parameters: dict[str, dict[str, Any]] = yaml.safe_load(text_of(document))["parameters"]
    return parameters


@dataclass
class StrictSsm:
    """The part of the SSM client that remediation uses. `started` is every execution that ever began, which is what a test counts.

    The documents are the files of runbooks/, as the stack registers them, each in its only version unless `versions` says how
    many there are; `statuses` has those that are not Active. A client token that is known is refused, whatever comes with it;
    `hidden` lists are answered empty that many times, as an index that lags would; `fault` has an error code and status for
    each operation that is to fail.
    """

    clock: Clock
    versions: dict[str, int] = field(default_factory=dict)
    statuses: dict[str, str] = field(default_factory=dict)
    fault: dict[str, tuple[str, int]] = field(default_factory=dict)
    hidden: int = 0
    started: dict[str, dict[str, Any]] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    lock: Any = field(default_factory=threading.Lock)

    def describe_document(self, **request: Any) -> dict[str, Any]:
        """Every version of a document is another text, so that its hash is another one."""
        self._check("DescribeDocument", request)
        name = request["Name"]
        if not text_of(name):
            raise refused("DescribeDocument", "InvalidDocument")
        version = self.versions.get(name, 1)
        return {
            "Document": {
                "Name": name,
                "Status": self.statuses.get(name, "Active"),
                "DocumentVersion": str(version),
                "Hash": hashlib.sha256(f"{text_of(name)}{version}".encode()).hexdigest(),
                "HashType": "Sha256",
            }
        }

    def start_automation_execution(self, **request: Any) -> dict[str, Any]:
        self._check("StartAutomationExecution", request)
        self._check_start(request)
        with self.lock:
            token = request["ClientToken"].lower()
            if token in self.tokens:
                raise refused("StartAutomationExecution", "IdempotentParameterMismatch")
            self.tokens.add(token)
            automation_id = str(uuid.uuid4())
            self.started[automation_id] = {
                "AutomationExecutionId": automation_id,
                "DocumentName": request["DocumentName"],
                "DocumentVersion": request.get("DocumentVersion", str(self.versions.get(request["DocumentName"], 1))),
                "Parameters": request["Parameters"],
                "AlarmConfiguration": request.get("AlarmConfiguration", {}),
                "Tags": {tag["Key"]: tag["Value"] for tag in request["Tags"]},
                "AutomationExecutionStatus": "InProgress",
                "ExecutionStartTime": self.clock(),
                "StepExecutions": [],
            }
        return {"AutomationExecutionId": automation_id, "ResponseMetadata": {"RequestId": f"request-{automation_id}"}}

    def _check_start(self, request: dict[str, Any]) -> None:
        """A runbook of ours in a version that there is, all its parameters and no other, one target at a time."""
        name, given = request["DocumentName"], request.get("Parameters", {})
        if not text_of(name):
            raise refused("StartAutomationExecution", "AutomationDefinitionNotFoundException")
        known = {str(number) for number in range(1, self.versions.get(name, 1) + 1)}
        if request.get("DocumentVersion", "1") not in known:
            raise refused("StartAutomationExecution", "AutomationDefinitionVersionNotFoundException")
        parameters = declared(name)
        wanted = {one for one, how in parameters.items() if "default" not in how}
        fits = all(re.fullmatch(how.get("allowedPattern", ".*"), v) for one, how in parameters.items() for v in given.get(one, []))
        one_at_a_time = (request.get("MaxConcurrency"), request.get("MaxErrors")) == ("1", "0")
        if not (wanted <= set(given) <= set(parameters) and fits and one_at_a_time) or len(request.get("Tags", [])) > MOST_TAGS:
            raise refused("StartAutomationExecution", "InvalidAutomationExecutionParametersException")

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
            step: dict[str, Any] = {
                "StepName": "restart",
                "StepStatus": status,
                "FailureMessage": "" if status == "Success" else "it would not",
            }
            step |= {"ExecutionStartTime": execution["ExecutionStartTime"], "ExecutionEndTime": at or self.clock()}
            execution |= {"AutomationExecutionStatus": status, "ExecutionEndTime": at or self.clock(), "StepExecutions": [step]}
        return [execution["AutomationExecutionId"] for execution in running]

    def _check(self, operation: str, request: dict[str, Any]) -> None:
        report = ParamValidator().validate(request, _service().operation_model(operation).input_shape)
        if report.has_errors():
            raise AssertionError(f"botocore would refuse this {operation}: {report.generate_report()}")
        if operation in self.fault:
            raise refused(operation, *self.fault[operation])
