"""SSM Automation: our own runbooks, each started once for an execution, found again by the tag that names it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from remediation.ports import Observation, Outcome, Running
from watchkeeper.errors import NotAllowed, NotYet, Permanent
from watchkeeper.models import StepResult
from watchkeeper.storage.aws import code_of, in_our_words

OUTCOMES = {
    "Success": Outcome.SUCCEEDED,
    "CompletedWithSuccess": Outcome.SUCCEEDED,
    "Failed": Outcome.FAILED,
    "TimedOut": Outcome.FAILED,
    "Cancelled": Outcome.FAILED,
    "Rejected": Outcome.FAILED,
    "CompletedWithFailure": Outcome.FAILED,
    "Exited": Outcome.FAILED,
    "ChangeCalendarOverrideRejected": Outcome.FAILED,
}
RESENT, UNKNOWN = "IdempotentParameterMismatch", "AutomationExecutionNotFoundException"
LONGEST_MESSAGE = 500
FromStack = Mapping[str, Mapping[str, str]]
NOTHING: FromStack = {}


def tag_of(execution_id: str) -> str:
    """The tag key by which an execution is found again."""
    return f"watchkeeper-{execution_id}"


class SsmAutomation:
    """The Automation port. Documents are named prefix-action, and each assumes the role that is named alike.

    `from_stack` are the parameters that the stack fills in for an action, beside those of a plan.
    """

    def __init__(self, client: Any, document_prefix: str, role_prefix: str, from_stack: FromStack = NOTHING) -> None:
        self._client, self._documents, self._roles, self._from_stack = client, document_prefix, role_prefix, from_stack

    def find(self, execution_id: str) -> Running | None:
        page: dict[str, Any] = {}
        while True:
            more = {"NextToken": page["NextToken"]} if page else {}
            with in_our_words("ssm:DescribeAutomationExecutions", tag_of(execution_id)):
                page = self._client.describe_automation_executions(
                    Filters=[{"Key": "TagKey", "Values": [tag_of(execution_id)]}], MaxResults=50, **more
                )
            for found in page.get("AutomationExecutionMetadataList", []):
                return Running(automation_id=found["AutomationExecutionId"], started_at=found["ExecutionStartTime"])
            if not page.get("NextToken"):
                return None

    def start(self, execution_id: str, incident_id: str, action: str, parameters: Mapping[str, list[str]]) -> str:
        """One target named by parameter, so there is no rate control and MaxConcurrency and MaxErrors do not apply."""
        document, role = f"{self._documents}-{action}", f"{self._roles}-{action}"
        try:
            with in_our_words("ssm:StartAutomationExecution", f"{document} with iam:PassRole of {role}"):
                answer = self._client.start_automation_execution(
                    DocumentName=document,
                    Parameters={**parameters, **self._of_the_stack(action), "AutomationAssumeRole": [role]},
                    ClientToken=execution_id,
                    Tags=[{"Key": tag_of(execution_id), "Value": incident_id}, {"Key": "watchkeeper-incident", "Value": incident_id}],
                )
        except Permanent as error:
            return self._started_before(execution_id, error)
        started: str = answer["AutomationExecutionId"]
        return started

    def observe(self, automation_id: str) -> Observation | None:
        try:
            with in_our_words("ssm:GetAutomationExecution", automation_id):
                found = self._client.get_automation_execution(AutomationExecutionId=automation_id)["AutomationExecution"]
        except Permanent as error:
            if _code(error) == UNKNOWN:
                return None
            raise
        status = found["AutomationExecutionStatus"]
        ended: datetime | None = found.get("ExecutionEndTime")
        return Observation(
            outcome=OUTCOMES.get(status, Outcome.RUNNING),
            status=status,
            ended_at=ended,
            steps=tuple(_step(step) for step in found.get("StepExecutions", [])),
            failure=found.get("FailureMessage", "")[:LONGEST_MESSAGE],
            outputs={name.rpartition(".")[2]: _said(values) for name, values in found.get("Outputs", {}).items() if values},
        )

    def _of_the_stack(self, action: str) -> dict[str, list[str]]:
        return {name: [value] for name, value in self._from_stack.get(action, {}).items()}

    def _started_before(self, execution_id: str, error: Permanent) -> str:
        """SSM refuses a token that it knows. Whatever it refused with: what carries our tag is ours, and runs."""
        if isinstance(error, NotAllowed):
            raise error
        found = self.find(execution_id)
        if found is not None:
            return found.automation_id
        if _code(error) == RESENT:
            raise NotYet(f"{execution_id} was started before and does not show yet", retry_after=2) from error
        raise error


def _said(values: list[str]) -> str:
    """A runbook of ours wrote it, partly from what somebody else's service answered: one printable line of bounded length."""
    return "".join(c for c in values[0] if c.isprintable())[:LONGEST_MESSAGE]


def _code(error: Permanent) -> str:
    return code_of(error.__cause__) if isinstance(error.__cause__, ClientError) else ""


def _step(step: Mapping[str, Any]) -> StepResult:
    return StepResult(
        name=step.get("StepName", ""), status=step.get("StepStatus", ""), message=step.get("FailureMessage", "")[:LONGEST_MESSAGE]
    )
