"""Does the kill switch stop anything? Everything that a stop promises, asked for one by one while it is thrown."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import boto3
from botocore.exceptions import ClientError

from cli.stack import PATIENT, Stack
from cli.stopping import runbook_prefix
from watchkeeper.ids import Clock
from watchkeeper.lockdown import changes_of, role_name
from watchkeeper.models import Status
from watchkeeper.storage.aws import code_of, in_our_words

DENIED, LETS_THROUGH = "explicitDeny", "allowed"
START, LEND = "ssm:StartAutomationExecution", "iam:PassRole"
RUNS = ("Pending", "InProgress", "Waiting", "Cancelling", "PendingApproval", "Approved", "Scheduled", "RunbookInProgress")
BUSY = {Status.REMEDIATING}
LOOKED_AT = 200
A_CALL = 20
PATIENCE = timedelta(seconds=60)


@dataclass(frozen=True)
class Question:
    """May this role make these calls on this resource?"""

    role: str
    calls: tuple[str, ...]
    on: str
    says: str


@dataclass(frozen=True)
class Proof:
    """One line of the table: what was asked, whether it holds, what the answer was, and after how many seconds."""

    says: str
    holds: bool
    answer: str
    seconds: float


def running(stack: Stack) -> list[str]:
    """What a drill would stop: actions that run, by our own record, and automations of our documents, by Systems Manager's."""
    ours = [f"{one.id} is {one.status.value}" for one in stack.incidents.recent(LOOKED_AT) if one.status in BUSY]
    if stack.endpoint_url:
        return ours  # an emulator knows no Automation; its simulator runs nothing that our record does not have
    prefix = f"{stack.output('RunbookPrefix')}-"
    with in_our_words("ssm:DescribeAutomationExecutions", prefix):
        pages = stack.client("ssm").get_paginator("describe_automation_executions")
        found = [
            one
            for page in pages.paginate(Filters=[{"Key": "ExecutionStatus", "Values": list(RUNS)}])
            for one in page["AutomationExecutionMetadataList"]
            if one["DocumentName"].startswith(prefix)
        ]
    return ours + [f"the automation {one['AutomationExecutionId']} of {one['DocumentName']} runs" for one in found]


def questions(stack: Stack, roles: tuple[str, ...]) -> Iterator[Question]:
    """For each document whether remediation may start it, for each runbook's role whether it may be lent and do what it is for."""
    starter = stack.output("RemediationRoleArn")
    partition, account = starter.split(":")[1], starter.split(":")[4]
    region, prefix = stack.client("ssm").meta.region_name, runbook_prefix(stack)
    for role in [role for role in roles if role.startswith(prefix)]:
        name = f"{stack.output('RunbookPrefix')}-{role.removeprefix(prefix)}"
        document = f"arn:{partition}:ssm:{region}:{account}:document/{name}"
        lent = f"{starter.removesuffix(role_name(starter))}{role}"
        yield Question(starter, (START,), document, f"remediation starts {name}")
        yield Question(starter, (LEND,), lent, f"remediation lends {role}")
        if calls := changes_of(stack.client("iam"), role):
            yield Question(lent, tuple(calls), "*", f"{role} calls {', '.join(calls)}")


def decisions(iam: Any, asked: Question) -> dict[str, str]:
    """What IAM says to each call, as it would say it to the role itself."""
    said: dict[str, str] = {}
    context = [{"ContextKeyName": "aws:PrincipalArn", "ContextKeyValues": [asked.role], "ContextKeyType": "string"}]
    for start in range(0, len(asked.calls), A_CALL):
        with in_our_words("iam:SimulatePrincipalPolicy", asked.role):
            answer = iam.simulate_principal_policy(
                PolicySourceArn=asked.role,
                ActionNames=list(asked.calls[start : start + A_CALL]),
                ResourceArns=[asked.on],
                ContextEntries=context,
            )
        said |= {one["EvalActionName"]: one["EvalDecision"] for one in answer["EvaluationResults"]}
    return said


@dataclass(frozen=True)
class Watch:
    """Asks until it holds or there is no more time: IAM needs some seconds to tell all its servers. Times count from `began`."""

    began: datetime
    clock: Clock
    pause: Callable[[float], None]

    def see(self, says: str, ask: Callable[[], tuple[bool, str]]) -> Proof:
        holds, answer = ask()
        while not holds and self.clock() < self.began + PATIENCE:
            self.pause(1.0)
            holds, answer = ask()
        return Proof(says, holds, answer, (self.clock() - self.began).total_seconds())


def denied(iam: Any, asked: Question) -> tuple[bool, str]:
    """Every call explicitly: what is merely not allowed today may be allowed by somebody tomorrow."""
    said = decisions(iam, asked)
    loose = [call for call in asked.calls if said.get(call) != DENIED]
    return not loose, f"not denied: {', '.join(loose)}" if loose else "explicitly denied"


def let_through(iam: Any, asked: Question) -> tuple[bool, str]:
    """No call is denied any more. What no statement allows on this resource is the role's own affair."""
    shut = [call for call, said in decisions(iam, asked).items() if said == DENIED]
    return not shut, f"still denied: {', '.join(shut)}" if shut else "not denied"


def tried(stack: Stack, asked: Question) -> tuple[bool, str]:
    """A real start, as remediation, of a document without the parameters that it demands: refused by IAM, or by nobody but the form.

    On AWS nobody but Lambda can be that role, so there is nothing to try with; where it can be, it starts nothing in any case.
    """
    try:
        lent = stack.client("sts").assume_role(
            RoleArn=asked.role, RoleSessionName=f"watchkeeper-drill-{uuid.uuid4().hex[:8]}", DurationSeconds=900
        )
    except ClientError as error:
        return True, f"not tried, nobody but Lambda can be this role ({code_of(error)})"
    try:
        _as(lent["Credentials"], stack).start_automation_execution(DocumentName=asked.on.rpartition("/")[2], Parameters={})
    except ClientError as error:
        refused = code_of(error) in {"AccessDenied", "AccessDeniedException"}
        return refused, f"{'refused' if refused else 'NOT refused by IAM'}: {code_of(error)}"
    return False, "NOT refused: it was started"


def _as(credentials: dict[str, Any], stack: Stack) -> Any:
    """Systems Manager as whoever these credentials are."""
    session = boto3.session.Session(
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
        region_name=stack.client("ssm").meta.region_name,
    )
    return session.client("ssm", endpoint_url=stack.endpoint_url or None, config=PATIENT)
