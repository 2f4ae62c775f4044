"""The kill switch in an account that enforces IAM: a function cannot start, and a runbook that runs is refused its next call.

The account is one of its own, because the one of the other actions enforces nothing. The policy is the one that the writer makes.
"""

import hashlib
import io
import json
import time
import zipfile
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
import yaml
from botocore.exceptions import ClientError

from cli.__main__ import main
from cli.catalogue.template import changes, statements, stop_policy
from cli.command import Desk
from cli.stack import Stack
from local.aws import ACCOUNT, REGION, Account
from local.emulator import running
from local.places import EMULATOR_PYTHON, ROOT
from local.ssm.execution import ENDED, Pace
from local.ssm.mishaps import How, Mishap
from local.ssm.permission import Permissions
from local.ssm.server import Door
from local.ssm.simulator import Simulator
from local.standins.http import Server
from tests.fakes.tables import create_tables
from watchkeeper.actions import catalogue
from watchkeeper.lockdown import Lockdown, allows, changes_of, runbook_roles

ARN = f"arn:aws:iam::{ACCOUNT}:role/"
REMEDIATION, RUNBOOK = "wk-remediation", "wk-runbook-ec2-restart"
NAME = "wk-ec2-restart"
PATIENCE = 20


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def trusting(service: str) -> str:
    return policy({"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"})


class Acting:
    """One role that starts, one that a runbook acts with, one instance, and the stop policy that lies ready."""

    def __init__(self, account: Account) -> None:
        self.account, self.iam = account, account.client("iam")
        self.simulator = Simulator(account, Pace(poll_seconds=0.05, longest_sleep_seconds=0.05, between_steps_seconds=0.0))
        self.simulator.create_document({"Name": NAME, "Content": (ROOT / "runbooks" / "ec2-restart.yaml").read_text()})
        self._role(REMEDIATION, "lambda.amazonaws.com", "ssm:StartAutomationExecution", "iam:PassRole", "sqs:ListQueues")
        self._role(RUNBOOK, "ssm.amazonaws.com", *allows(statements(ROOT / "runbooks", "ec2-restart")))
        self.lock = Lockdown(self.iam, self._stop_policy(), [REMEDIATION, *runbook_roles(self.iam, "wk-runbook-")])
        self.instance = self._instance()
        self.key = self._function()

    def start(self, ssm_url: str) -> str:
        """Start the runbook, with the key that the remediation function is given."""
        ssm = boto3.client("ssm", endpoint_url=ssm_url, region_name=REGION, aws_access_key_id=self.key, aws_secret_access_key="x")
        asked = {"InstanceId": [self.instance], "AutomationAssumeRole": [f"{ARN}{RUNBOOK}"]}
        started: str = ssm.start_automation_execution(DocumentName=NAME, Parameters=asked)["AutomationExecutionId"]
        return started

    def ended(self, execution_id: str) -> Any:
        execution = next(one for one in self.simulator.executions if one.id == execution_id)
        deadline = time.monotonic() + PATIENCE
        while execution.status not in ENDED:
            assert time.monotonic() < deadline, f"it runs on: {execution.current}"
            time.sleep(0.02)
        return execution

    def _role(self, name: str, service: str, *actions: str) -> None:
        self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusting(service))
        allowed = policy({"Effect": "Allow", "Action": list(actions), "Resource": "*"})
        self.iam.put_role_policy(RoleName=name, PolicyName="may", PolicyDocument=allowed)

    def _stop_policy(self) -> str:
        written = stop_policy("a test", changes(ROOT / "runbooks", [catalogue()["ec2-restart"]]))
        for name, value in {"Partition": "aws", "AccountId": ACCOUNT, "StackName": "wk"}.items():
            written = written.replace(f"${{AWS::{name}}}", value)
        filled = json.dumps(yaml.load(written.replace("!Sub ", ""), Loader=yaml.SafeLoader)["StopPolicy"]["Properties"]["PolicyDocument"])
        arn: str = self.iam.create_policy(PolicyName="wk-stop", PolicyDocument=filled)["Policy"]["Arn"]
        return arn

    def _instance(self) -> str:
        tags = [{"ResourceType": "instance", "Tags": [{"Key": "AutoRemediate", "Value": "true"}]}]
        made = self.account.client("ec2").run_instances(ImageId="ami-1", MinCount=1, MaxCount=1, TagSpecifications=tags)
        found: str = made["Instances"][0]["InstanceId"]
        return found

    def _function(self) -> str:
        """The access key of a function with remediation's role, as the emulator makes it."""
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as archive:
            archive.writestr("index.py", "")
        made = self.account.client("lambda").create_function(
            FunctionName="wk", Role=f"{ARN}{REMEDIATION}", Runtime="python3.13", Handler="index.f", Code={"ZipFile": code.getvalue()}
        )
        named = f"{made['FunctionArn']}:{made['Role']}"
        return f"ASIA{hashlib.sha256(named.encode()).hexdigest()[:16].upper()}"


@pytest.fixture(scope="module")
def stage() -> Iterator[Acting]:
    if not EMULATOR_PYTHON.exists():
        pytest.skip("the emulator is not installed: make test installs it")
    with running(iam=True, port=0) as emulator:
        made = Acting(emulator.account)
        yield made
        made.simulator.stop_all()


@pytest.fixture
def ssm(stage: Acting) -> Iterator[str]:
    """Systems Manager, which asks who calls; whatever a test stopped acts again after it."""
    with Server({"": Door(stage.simulator, stage.account.url, Permissions(stage.account))}) as server:
        yield server.url
    assert stage.lock.up() == []


def test_a_function_with_remediations_role_is_refused_to_start(stage: Acting, ssm: str) -> None:
    assert (done := stage.ended(stage.start(ssm))).status == "Success", done.failure
    assert stage.lock.down() == []
    before = len(stage.simulator.executions)
    with pytest.raises(ClientError, match=r"AccessDeniedException.*ssm:StartAutomationExecution"):
        stage.start(ssm)
    assert len(stage.simulator.executions) == before
    assert stage.lock.up() == []
    assert (done := stage.ended(stage.start(ssm))).status == "Success", done.failure


def test_a_runbook_that_runs_is_refused_its_next_call(stage: Acting, ssm: str) -> None:
    """It has looked at the instance and is about to reboot it when the switch is thrown."""
    stage.simulator.mishaps.plan(Mishap("reboot", How.SLOW, seconds=1.0))
    done = len(stage.simulator.journal.effects)
    started = stage.start(ssm)
    while (running_now := next(one for one in stage.simulator.executions if one.id == started)).current != "reboot":
        assert running_now.status not in ENDED
        time.sleep(0.01)
    assert stage.lock.down() == []
    ended = stage.ended(started)
    assert ended.status == "Failed"
    assert "explicit deny" in ended.failure
    assert [call for call in stage.simulator.journal.effects[done:] if call.execution_id == started] == []


def test_what_only_looks_still_does(stage: Acting, ssm: str) -> None:
    stage.lock.down()
    runbook, remediation = (stage.account.role(f"{ARN}{name}", "test") for name in (RUNBOOK, REMEDIATION))
    assert runbook.client("ec2").describe_instances(InstanceIds=[stage.instance])["Reservations"]
    with pytest.raises(ClientError, match="explicit deny"):
        runbook.client("ec2").reboot_instances(InstanceIds=[stage.instance])
    remediation.client("sqs").list_queues()


def test_how_it_stands(stage: Acting, ssm: str) -> None:
    assert stage.lock.standing() == {REMEDIATION: False, RUNBOOK: False}
    stage.iam.attach_role_policy(RoleName=RUNBOOK, PolicyArn=stage.lock.policy_arn)
    assert stage.lock.standing() == {REMEDIATION: False, RUNBOOK: True}
    assert (stage.lock.down(), stage.lock.down()) == ([], [])
    assert stage.lock.standing() == {REMEDIATION: True, RUNBOOK: True}


def test_one_role_that_is_gone_does_not_keep_the_others_from_being_stopped(stage: Acting, ssm: str) -> None:
    lock = Lockdown(stage.iam, stage.lock.policy_arn, ["wk-runbook-gone", RUNBOOK])
    (failure,) = lock.down()
    assert failure.startswith("wk-runbook-gone: ")
    assert lock.standing() == {"wk-runbook-gone": False, RUNBOOK: True}


def test_what_a_role_could_change_is_read_from_its_own_policies(stage: Acting) -> None:
    assert changes_of(stage.iam, RUNBOOK) == ["ec2:RebootInstances"]
    assert changes_of(stage.iam, REMEDIATION) == ["iam:PassRole", "ssm:StartAutomationExecution"]


def test_a_drill_proves_it_where_iam_is_enforced(stage: Acting, capsys: pytest.CaptureFixture[str]) -> None:
    """The command itself, with the account's own word for every answer, and a real start in remediation's name."""
    create_tables(stage.account.client("dynamodb"))
    outputs = {
        "IncidentsTableName": "incidents",
        "AuditTableName": "audit",
        **dict.fromkeys(("BucketName", "IntakeQueueUrl", "AnalysisQueueUrl", "RemediationQueueUrl", "DistributionQueueUrl"), "x"),
        "StopPolicyArn": stage.lock.policy_arn,
        "RemediationRoleArn": f"{ARN}{REMEDIATION}",
        "RunbookPrefix": "wk",
    }
    who = stage.account.credentials
    session = boto3.session.Session(aws_access_key_id=who.key, aws_secret_access_key=who.secret, region_name=REGION)
    stack = Stack(session, outputs, "wk", stage.account.url)
    assert main(["drill"], lambda said: Desk(said, opener=lambda _: stack)) == 0
    said = capsys.readouterr().out
    assert "holds  a start that would fail anyway is refused" in said
    assert "refused: AccessDenied" in said
    assert stage.lock.standing() == {REMEDIATION: False, RUNBOOK: False}
    assert stack.switch.thrown() == ""
