"""A session in another account, in an IAM that enforces it. The emulator has one account, which is the hub's and the spoke's at once."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from local.aws import ACCOUNT, REGION, Account
from local.emulator import running
from local.places import EMULATOR_PYTHON
from remediation.spokes import Errand, Session, Spokes, session_policy
from watchkeeper.actions import catalogue
from watchkeeper.errors import NotAllowed
from watchkeeper.ids import now

ARN, SSM = f"arn:aws:iam::{ACCOUNT}:role/", f"arn:aws:ssm:{REGION}:{ACCOUNT}"
SECRET = "s" * 32
POLICY = session_policy(
    catalogue()["ec2-restart"], f"{SSM}:document/wk-ec2-restart", f"{ARN}wk-runbook-ec2-restart", ["ec2:DescribeInstances"]
)
ERRAND = Errand("INC-1", "plan-1", ACCOUNT, REGION, POLICY)


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


@pytest.fixture(scope="module")
def hub() -> Iterator[Account]:
    """The account as the hub's remediation; the role on the other side could do anything, so that only the session's policy shuts."""
    if not EMULATOR_PYTHON.exists():
        pytest.skip("the emulator is not installed: make test installs it")
    with running(iam=True, port=0) as emulator:
        iam = emulator.account.client("iam")
        lambdas = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        iam.create_role(RoleName="wk-remediation", AssumeRolePolicyDocument=policy(lambdas))
        comes_in = {
            "Effect": "Allow",
            "Principal": {"AWS": f"{ARN}wk-remediation"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"sts:ExternalId": SECRET}},
        }
        iam.create_role(RoleName="wk-acts-here", AssumeRolePolicyDocument=policy(comes_in))
        for role, action in (("wk-remediation", "sts:AssumeRole"), ("wk-acts-here", "*")):
            iam.put_role_policy(
                RoleName=role, PolicyName="may", PolicyDocument=policy({"Effect": "Allow", "Action": action, "Resource": "*"})
            )
        yield emulator.account.role(f"{ARN}wk-remediation", "remediation")


def spokes(hub: Account, external_id: str = SECRET) -> Spokes:
    def make(service: str, region: str, session: Session) -> Any:
        who = {"aws_access_key_id": session.key, "aws_secret_access_key": session.secret, "aws_session_token": session.token}
        return boto3.client(service, region_name=region, endpoint_url=hub.url, **who)

    return Spokes(hub.client("sts"), "arn:aws:iam::{account}:role/wk-acts-here", lambda: external_id, now, frozenset({ACCOUNT}), make)


def test_it_may_look_and_changes_nothing_itself(hub: Account) -> None:
    """Of Automation the emulator's IAM knows no ARNs, so what may be started is judged in tests/unit/remediation/test_spokes.py."""
    clients = spokes(hub).clients(ERRAND)
    assert clients("ec2").describe_instances()["Reservations"] == []
    with pytest.raises(ClientError, match="UnauthorizedOperation"):
        clients("ec2").reboot_instances(InstanceIds=["i-0123456789abcdef0"])
    with pytest.raises(ClientError, match="AccessDenied"):
        clients("iam").list_roles()


@pytest.mark.parametrize("said", ["x" * 32, "s" * 31])
def test_without_the_right_external_id_nobody_comes_in(said: str, hub: Account) -> None:
    with pytest.raises(NotAllowed):
        spokes(hub, said).clients(ERRAND)


def test_another_role_of_the_hub_does_not_come_in(hub: Account) -> None:
    """Not even the account's root, which the trust does not name."""
    with pytest.raises(ClientError, match="AccessDenied"):
        Account(hub.url).client("sts").assume_role(RoleArn=f"{ARN}wk-acts-here", RoleSessionName="root")
