"""A stack as the command line finds it: its tables, queues, bucket and secrets in moto, and one incident that waits for a word."""

import io
import json
from argparse import Namespace
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from rich.console import Console

from cli.__main__ import main
from cli.command import Desk
from cli.stack import Choice, Stack
from tests.fakes.iam import decide
from tests.fakes.tables import create_tables
from tests.fakes.words import INSTANCE, NIGHT, an_alert, an_incident
from watchkeeper.change import change
from watchkeeper.messages import IncidentChanged, Queue
from watchkeeper.models import (
    Analysis,
    Answer,
    Approval,
    Cause,
    Citation,
    Delivery,
    DeliveryStatus,
    Engine,
    Evidence,
    Execution,
    ExecutionStatus,
    Happening,
    Incident,
    Plan,
    Reason,
    Ruling,
    Severity,
    Status,
    StepResult,
    Verdict,
    Verification,
)
from watchkeeper.publish import Publisher
from watchkeeper.storage.blobs import S3Blobs
from watchkeeper.storage.queues import SqsOutbox

MINUTE = timedelta(minutes=1)
REGION = "eu-west-1"
PLAN = Plan(
    id="PLAN-1",
    incident_id=an_incident().id,
    action="ec2-restart",
    target=INSTANCE,
    parameters={"instance_id": INSTANCE.id},
    args_hash="hash-of-the-arguments",
    state_hash="hash-of-the-state",
    target_state={"state": "running"},
    why="A process holds both processors.",
    verdict=Verdict(
        ruling=Ruling.ASK,
        reasons=(
            Reason(check="kill-switch", ruling=Ruling.RUN, why="It is not thrown."),
            Reason(check="order", ruling=Ruling.ASK, why="The order asks for a person."),
        ),
        order="ask before restarting anything else",
        orders_version="abc123",
    ),
    made_at=NIGHT,
    expires_at=NIGHT + 15 * MINUTE,
)
ANALYSIS = Analysis(
    id="AN-1",
    engine=Engine.CLAUDE,
    model="claude-haiku-5-5",
    summary="The instance is saturated.",
    root_cause="A runaway process",
    cause=Cause.CPU_SATURATION,
    confidence=0.82,
    severity=Severity.SEV2,
    citations=(Citation(evidence_id="E1", quote="CPUUtilization rose from 12 to 97"),),
    dropped_citations=1,
    missing=("the log group of the instance",),
    made_at=NIGHT,
)
EVIDENCE = Evidence(id="E1", collector="metrics", answer=Answer.FOUND, asked="CPUUtilization", summary="it rose", collected_at=NIGHT)
EXECUTION = Execution(
    id="exec-1", incident_id=PLAN.incident_id, plan_id=PLAN.id, status=ExecutionStatus.SUCCEEDED, document="watchkeeper-ec2-restart",
    automation_id="auto-1", claimed_at=NIGHT, steps=(StepResult(name="reboot", status="Success"),),
)  # fmt: skip
OUTCOME = Verification(execution_id="exec-1", passed=True, alarm_state="OK", why="It has been OK for one period.", at=NIGHT)
APPROVAL = Approval(plan_id="PLAN-1", args_hash="a", state_hash="s", approver="ada", approved=True, via="slack", at=NIGHT)
DELIVERY = Delivery(
    incident_id=PLAN.incident_id, channel="slack-ops", revision=1, status=DeliveryStatus.PAID, wanted_version=2, shown_version=2,
    refs={"ts": "1795.1"}, updated_at=NIGHT,
)  # fmt: skip


class ApiGateway:
    """As much of API Gateway as is asked for; moto's needs a library that nothing else does."""

    def get_api_key(self, *, apiKey: str, includeValue: bool) -> dict[str, str]:  # noqa: N803 - boto3's names
        return {"id": apiKey, "value": f"value of {apiKey}"} if includeValue else {"id": apiKey}


class MotoStack(Stack):
    """A stack in moto, but for its API Gateway, and with an IAM that also says what it would decide."""

    def client(self, service: str) -> Any:
        laid_over = {"apigateway": ApiGateway, "ssm": Automations}.get(service)
        if laid_over:
            return laid_over()
        around = {"iam": SimulatingIam, "sts": LambdasOwnSts}.get(service)
        return around(super().client(service)) if around else super().client(service)


class Automations:
    """As much of Systems Manager as is asked for, in an account where nothing runs."""

    meta = SimpleNamespace(region_name=REGION)

    def get_paginator(self, name: str) -> Any:
        assert name == "describe_automation_executions"
        return SimpleNamespace(paginate=lambda **_: [{"AutomationExecutionMetadataList": self.running()}])

    def running(self) -> list[dict[str, str]]:
        return []


@dataclass(frozen=True)
class LambdasOwnSts:
    """moto's STS, but that nobody can be a role of Lambda's, as on AWS."""

    sts: Any

    def __getattr__(self, name: str) -> Any:
        return getattr(self.sts, name)

    def assume_role(self, **_: Any) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": 403}}, "AssumeRole")


@dataclass(frozen=True)
class SimulatingIam:
    """moto's IAM, and SimulatePrincipalPolicy, which it lacks."""

    iam: Any

    def __getattr__(self, name: str) -> Any:
        return getattr(self.iam, name)

    def simulate_principal_policy(
        self,
        *,
        PolicySourceArn: str,  # noqa: N803 - boto3's names
        ActionNames: list[str],  # noqa: N803
        ResourceArns: list[str],  # noqa: N803
        ContextEntries: list[dict[str, Any]],  # noqa: N803
    ) -> dict[str, Any]:
        name = PolicySourceArn.rpartition("/")[2]
        context = {entry["ContextKeyName"]: entry["ContextKeyValues"][0] for entry in ContextEntries}
        statements = [one for document in self._documents(name) for one in document["Statement"]]
        asked = [(action, resource) for action in ActionNames for resource in ResourceArns]
        return {
            "EvaluationResults": [
                {"EvalActionName": action, "EvalDecision": decide(statements, action, resource, context)} for action, resource in asked
            ]
        }

    def _documents(self, role: str) -> Iterator[dict[str, Any]]:
        for name in self.iam.list_role_policies(RoleName=role)["PolicyNames"]:
            yield self.iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        for attached in self.iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
            arn = attached["PolicyArn"]
            version = self.iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
            yield self.iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]


@dataclass
class Terminal:
    """The command line with a stack behind it: `run` gives the exit code, `out` is what was printed."""

    stack: Stack
    at: datetime = NIGHT + MINUTE
    says_yes: bool = True
    pause: Callable[[float], None] = lambda _: None
    out: str = ""
    asked: list[str] = field(default_factory=list)
    named: list[Choice] = field(default_factory=list)

    def run(self, *arguments: str) -> int:
        stream = io.StringIO()
        try:
            return main(arguments, lambda said: self._desk(said, stream))
        finally:
            self.out = stream.getvalue()

    def _desk(self, said: Namespace, stream: io.StringIO) -> Desk:
        console = Console(file=stream, width=200, highlight=False)
        return Desk(said, out=console, ask=self._ask, clock=lambda: self.at, pause=lambda seconds: self.pause(seconds), opener=self._open)

    def _ask(self, question: str) -> bool:
        self.asked.append(question)
        return self.says_yes

    def _open(self, choice: Choice) -> Stack:
        self.named.append(choice)
        return self.stack

    def messages(self, queue: Queue, *, dead: bool = False) -> list[dict[str, Any]]:
        """What lies in a queue, as SQS gives it."""
        url = self.stack.output(f"{queue.value.title()}{'DeadLettersUrl' if dead else 'QueueUrl'}")
        client = self.stack.client("sqs")
        found: list[dict[str, Any]] = client.receive_message(QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"]).get(
            "Messages", []
        )
        return found


@pytest.fixture
def stack() -> Iterator[Stack]:
    with mock_aws():
        session = boto3.session.Session(region_name=REGION, aws_access_key_id="testing", aws_secret_access_key="testing")
        create_tables(session.client("dynamodb"))
        s3 = session.client("s3")
        place = {"LocationConstraint": REGION}
        s3.create_bucket(Bucket="watchkeeper-bucket", CreateBucketConfiguration=place, ObjectLockEnabledForBucket=True)
        outputs = {
            "IncidentsTableName": "incidents",
            "AuditTableName": "audit",
            "BucketName": "watchkeeper-bucket",
            "AnalysesTableName": "analyses",
        }
        yield MotoStack(session, outputs | _queues(session) | _front_door(session) | _those_who_act(session), "watchkeeper")


def _queues(session: Any) -> dict[str, str]:
    sqs, outputs = session.client("sqs"), {}
    for queue in Queue:
        fifo = queue in {Queue.REMEDIATION, Queue.DISTRIBUTION}
        for name in ("Queue", "DeadLetters"):
            logical = f"{queue.value.title()}{name}"
            attributes = {"FifoQueue": "true"} if fifo else {}
            url = sqs.create_queue(QueueName=f"{logical}{'.fifo' if fifo else ''}", Attributes=attributes)["QueueUrl"]
            outputs[f"{logical}Url"] = url
    return outputs


def _front_door(session: Any) -> dict[str, str]:
    secrets, outputs = session.client("secretsmanager"), {}
    values = {
        "WebhookSecret": {"generic": "a shared secret", "generic_previous": ""},
        "ClaudeSecret": {},
        "ChannelsSecret": {"slack_bot_token": "xoxb"},
    }
    for name, value in values.items():
        outputs[f"{name}Arn"] = secrets.create_secret(Name=name, SecretString=json.dumps(value))["ARN"]
    return outputs | {"ApiUrl": "http://127.0.0.1:9/", "ApiKeyId": "key-1", "AlertTopicArn": "arn:aws:sns:eu-west-1:123456789012:alerts"}


def _those_who_act(session: Any) -> dict[str, str]:
    """The role of remediation, two runbooks' roles, a stranger's, and the policy that stops the first three."""
    iam, arn = session.client("iam"), "arn:aws:iam::123456789012:role/wk"
    may = {
        "wk-remediation": ["ssm:StartAutomationExecution", "iam:PassRole", "sqs:SendMessage"],
        "wk-runbook-ec2-restart": ["ec2:DescribeInstances", "ec2:RebootInstances"],
        "wk-runbook-sqs-redrive": ["sqs:GetQueueAttributes", "sqs:SendMessage", "sqs:StartMessageMoveTask"],
        "other-runbook-x": ["s3:PutObject"],
    }
    for role, actions in may.items():
        iam.create_role(RoleName=role, AssumeRolePolicyDocument="{}")
        allowed = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}
        iam.put_role_policy(RoleName=role, PolicyName="may", PolicyDocument=json.dumps(allowed))
    runbooks = {"ArnLike": {"aws:PrincipalArn": f"{arn}-runbook-*"}}
    denies = [
        {"Effect": "Deny", "Action": ["ssm:StartAutomationExecution", "iam:PassRole"], "Resource": "*"},
        {
            "Effect": "Deny",
            "Action": ["ec2:RebootInstances", "sqs:SendMessage", "sqs:StartMessageMoveTask"],
            "Resource": "*",
            "Condition": runbooks,
        },
    ]
    stop = iam.create_policy(PolicyName="wk-stop", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": denies}))
    return {"StopPolicyArn": stop["Policy"]["Arn"], "RemediationRoleArn": f"{arn}-remediation", "RunbookPrefix": "wk"}


@pytest.fixture
def terminal(stack: Stack) -> Terminal:
    return Terminal(stack)


def publish(stack: Stack, **but: object) -> Incident:
    """An incident with everything that can hang on it, written and told as the stages do."""
    blobs = S3Blobs(stack.client("s3"), stack.settings.bucket)
    outbox = SqsOutbox(stack.client("sqs"), {queue: stack.output(f"{queue.value.title()}QueueUrl") for queue in Queue}, blobs)
    publisher = Publisher(stack.incidents, outbox, stack.anchors)
    opened = Happening(actor="reception", kind="incident.opened", says="An alarm fired.")
    planned = Happening(actor="remediation", kind="plan.made", says="A person is asked.", detail={"share": 0.5})
    first = change(
        an_incident(version=0, **{key: but[key] for key in ("id", "opened_at") if key in but}),
        [opened],
        NIGHT,
        new=[an_alert()],
        quiet=True,
    )
    publisher.publish(first)
    fields = {"status": Status.AWAITING_APPROVAL, "plan_id": "PLAN-1", "analysis_id": "AN-1"} | but
    rows = [PLAN, ANALYSIS, EVIDENCE, EXECUTION, OUTCOME, APPROVAL, DELIVERY]
    second = change(first.incident, [planned], NIGHT, rows=rows, quiet=True, **fields)  # type: ignore[arg-type]  # a test names any field
    publisher.publish(second)
    return second.incident


@pytest.fixture
def waiting(stack: Stack) -> Incident:
    return publish(stack)


def a_message(version: int = 1) -> str:
    return IncidentChanged(incident_id="INC-1", version=version).model_dump_json()
