"""The entry over AWS's own API: the real wiring, an answer on the real queue, and the switch in the real table."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext
from moto import mock_aws

from console.handler import lambda_handler
from console.wiring import wiring
from tests.fakes.tables import create_tables
from tests.unit.console.world import CONFIG, TOKENS, World
from watchkeeper.answering import link_of
from watchkeeper.change import change
from watchkeeper.ids import now
from watchkeeper.messages import ApprovalAnswered, read_message
from watchkeeper.models import Happening
from watchkeeper.people import people
from watchkeeper.storage.incidents import DynamoIncidents
from watchkeeper.storage.switch import DynamoKillSwitch

REGION = "eu-west-1"


@dataclass
class Context:
    """What a Lambda is told of its invocation."""

    function_name: str = "console"
    memory_limit_in_mb: int = 256
    invoked_function_arn: str = "arn:aws:lambda:eu-west-1:123456789012:function:console"
    aws_request_id: str = "request-1"


CONTEXT: LambdaContext = Context()  # type: ignore[assignment]  # all that is asked of it


@dataclass
class Deployed:
    dynamodb: Any
    sqs: Any
    iam: Any
    queue: str


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployed]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        session = boto3.session.Session(region_name=REGION)
        dynamodb, sqs, iam = (session.client(name) for name in ("dynamodb", "sqs", "iam"))
        create_tables(dynamodb)
        queue = sqs.create_queue(QueueName="r.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
        secret = session.client("secretsmanager").create_secret(
            Name="console", SecretString=json.dumps({f"api_token_{name}": token for name, token in TOKENS.items()})
        )
        policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "ssm:StartAutomationExecution", "Resource": "*"}]}
        stop = iam.create_policy(PolicyName="wk-stop", PolicyDocument=json.dumps(policy))["Policy"]["Arn"]
        iam.create_role(RoleName="wk-remediation", AssumeRolePolicyDocument="{}")
        given = {
            "AWS_DEFAULT_REGION": REGION,
            "INCIDENTS_TABLE": "incidents", "AUDIT_TABLE": "audit", "BUCKET": "b", "ANALYSES_TABLE": "analyses",
            "REMEDIATION_QUEUE_URL": queue, "DISTRIBUTION_QUEUE_URL": queue, "CONSOLE_SECRET_ID": secret["ARN"],
            "STOP_POLICY_ARN": stop, "REMEDIATION_ROLE_ARN": "arn:aws:iam::123456789012:role/wk-remediation",
            "RUNBOOK_ROLE_PREFIX": "arn:aws:iam::123456789012:role/wk-runbook", "WATCHKEEPER_CONFIG": str(CONFIG),
        }  # fmt: skip
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        wiring.cache_clear()
        people.cache_clear()
        yield Deployed(dynamodb, sqs, iam, queue)
        wiring.cache_clear()
        people.cache_clear()


def test_an_answer_is_on_the_queue(deployed: Deployed) -> None:
    world = World()
    plan = world.plan.but(expires_at=now().replace(year=2099))
    incident = world.incident.but(version=0, audit_length=0, audit_head="")
    written = change(
        incident, [Happening(actor="remediation", kind="approval.asked", says="?")], now(), rows=[plan], links=[link_of(plan.ask_id)]
    )
    DynamoIncidents(deployed.dynamodb, "incidents", "audit").write(written)
    reply = lambda_handler(world.call("/approvals", {"ask_id": plan.ask_id, "answer": "approve"}), CONTEXT)
    assert reply["statusCode"] == 202, reply
    (lying,) = deployed.sqs.receive_message(QueueUrl=deployed.queue)["Messages"]
    said = read_message(lying["Body"])
    assert isinstance(said, ApprovalAnswered)
    assert (said.person_id, said.via, said.ask_id) == ("ada", "api", plan.ask_id)


def test_the_switch_is_thrown_in_both_layers(deployed: Deployed) -> None:
    """The runbooks' roles are not there in this account: what could not be denied is named, and the rest is done."""
    reply = lambda_handler(World().call("/switch", {"why": "a restart loop"}, token=TOKENS["grace"]), CONTEXT)
    failed = json.loads(reply["body"])["failed"]
    assert (reply["statusCode"], DynamoKillSwitch(deployed.dynamodb, "incidents").thrown()) == (502, "thrown by grace: a restart loop")
    assert failed
    assert all(says.startswith("wk-runbook-") for says in failed)
    attached = deployed.iam.list_attached_role_policies(RoleName="wk-remediation")["AttachedPolicies"]
    assert [policy["PolicyName"] for policy in attached] == ["wk-stop"]
