"""SSM Automation: our own runbooks, each started once for an execution, found again by the tag that names it."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from remediation.ports import Observation, Outcome, Pinned, Running
from watchkeeper.errors import Misconfigured, NotAllowed, NotYet, Permanent
from watchkeeper.ids import Clock, now
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
READY, SOON = "Active", {"Creating", "Updating"}
LONGEST_MESSAGE = 500
FromStack = Mapping[str, Mapping[str, str]]
NOTHING: FromStack = {}


def tag_of(execution_id: str) -> str:
    """The tag key by which an execution is found again."""
    return f"watchkeeper-{execution_id}"


def alarms_that_stop(ordered: Collection[str], firing: str, firing_state: str) -> tuple[str, ...]:
    """Which alarm stops the runbook: the order's own; else the incident's, where it does not fire. One that fires already would
    stop what is to end it (docs/decisions/0022)."""
    if ordered:
        return tuple(dict.fromkeys(ordered))
    return (firing,) if firing and firing_state == "OK" else ()


class SsmAutomation:
    """The Automation port. Documents are named prefix-action, and each assumes the role that is named alike.

    `from_stack` are the parameters that the stack fills in for an action, beside those of a plan.
    """

    def __init__(
        self, client: Any, document_prefix: str, role_prefix: str, from_stack: FromStack = NOTHING, clock: Clock = now
    ) -> None:  # fmt: skip
        self._client, self._documents, self._roles, self._from_stack = client, document_prefix, role_prefix, from_stack
        self._clock = clock

    def describe(self, action: str, command: str = "") -> Pinned:
        """Each in the version that would run now. NotYet while one of them is being registered."""
        runbook = self._registered(f"{self._documents}-{action}")
        pinned = Pinned(document=runbook["Name"], version=runbook["DocumentVersion"], hash=runbook.get("Hash", ""))
        if not command:
            return pinned
        sent = self._registered(f"{self._documents}-{command}")
        return pinned.but(command=sent["Name"], command_version=sent["DocumentVersion"], command_hash=sent.get("Hash", ""))

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

    def start(
        self, execution_id: str, incident_id: str, action: str, parameters: Mapping[str, list[str]], *,
        version: str = "", stop_alarms: Collection[str] = (),
    ) -> Running:  # fmt: skip
        """Its time is taken before the call, so that an alarm that turns OK at once did so after it."""
        document, role, begun = f"{self._documents}-{action}", f"{self._roles}-{action}", self._clock()
        request = {
            "DocumentName": document,
            "Parameters": {**parameters, **self._of_the_stack(action), "AutomationAssumeRole": [role]},
            "ClientToken": execution_id,
            "MaxConcurrency": "1",
            "MaxErrors": "0",
            "Tags": [{"Key": tag_of(execution_id), "Value": incident_id}, {"Key": "watchkeeper-incident", "Value": incident_id}],
            **({"DocumentVersion": version} if version else {}),
            **_stopped_by(stop_alarms),
        }
        try:
            with in_our_words("ssm:StartAutomationExecution", f"{document} with iam:PassRole of {role}"):
                answer = self._client.start_automation_execution(**request)
        except Permanent as error:
            return self._started_before(execution_id, error)
        request_id = answer.get("ResponseMetadata", {}).get("RequestId", "")
        return Running(automation_id=answer["AutomationExecutionId"], started_at=begun, request_id=request_id)

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

    def _registered(self, name: str) -> dict[str, Any]:
        with in_our_words("ssm:DescribeDocument", name):
            found: dict[str, Any] = self._client.describe_document(Name=name)["Document"]
        if found["Status"] in SOON:
            raise NotYet(f"{name} is being registered: {found['Status']}", retry_after=5)
        if found["Status"] != READY:
            raise Permanent(f"{name} cannot be run: SSM says that it is {found['Status']}")
        return found

    def _started_before(self, execution_id: str, error: Permanent) -> Running:
        """SSM refuses a token that it knows. Whatever it refused with: what carries our tag is ours, and runs."""
        if isinstance(error, NotAllowed):
            raise error
        found = self.find(execution_id)
        if found is not None:
            return found
        if _code(error) == RESENT:
            raise NotYet(f"{execution_id} was started before and does not show yet", retry_after=2) from error
        raise error


def _stopped_by(alarms: Collection[str]) -> dict[str, Any]:
    """SSM watches one alarm for an automation, and no more; to leave one out in silence would be to run without it."""
    if len(set(alarms)) > 1:
        raise Misconfigured(f"SSM stops a runbook by one alarm, and {len(set(alarms))} are ordered: put them into a composite alarm")
    named = [{"Name": name} for name in sorted(set(alarms))]
    return {"AlarmConfiguration": {"IgnorePollAlarmFailure": False, "Alarms": named}} if named else {}


def _said(values: list[str]) -> str:
    """A runbook of ours wrote it, partly from what somebody else's service answered: one printable line of bounded length."""
    return "".join(c for c in values[0] if c.isprintable())[:LONGEST_MESSAGE]


def _code(error: Permanent) -> str:
    return code_of(error.__cause__) if isinstance(error.__cause__, ClientError) else ""


def _step(step: Mapping[str, Any]) -> StepResult:
    return StepResult(
        name=step.get("StepName", ""),
        status=step.get("StepStatus", ""),
        message=step.get("FailureMessage", "")[:LONGEST_MESSAGE],
        started_at=_when(step.get("ExecutionStartTime")),
        ended_at=_when(step.get("ExecutionEndTime")),
    )


def _when(at: datetime | None) -> str:
    return at.isoformat(timespec="seconds") if at else ""
