"""Acting in another account: what is asked of STS, for how long it is used again, and that it opens nothing but this plan."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from remediation.spokes import LONGEST_POLICY, Errand, Session, Spokes, accounts_of, session_policy
from tests.fakes.iam import ALLOWED, both, decide
from tests.fakes.memory import TickingClock
from watchkeeper.actions import catalogue
from watchkeeper.errors import Misconfigured, NotAllowed, Permanent

THERE, HUB, REGION = "222222222222", "123456789012", "eu-west-1"
ROLE = "arn:aws:iam::{account}:role/wk-acts-here"
SSM = f"arn:aws:ssm:{REGION}:{THERE}"
ACTION = catalogue()["ec2-restart"]
DOCUMENT, LENT = f"{SSM}:document/wk-ec2-restart", f"arn:aws:iam::{THERE}:role/wk-runbook-ec2-restart"
LONGEST_ROLE = 64
READS = ("ec2:DescribeInstances", "cloudwatch:DescribeAlarms")
POLICY = session_policy(ACTION, DOCUMENT, LENT, READS)
TO_SSM = {"iam:PassedToService": "ssm.amazonaws.com"}


def an_errand(**but: Any) -> Errand:
    return Errand(**{"incident_id": "INC-1", "plan_id": "plan-1", "account": THERE, "region": REGION, "policy": POLICY} | but)


@dataclass
class Sts:
    """STS as botocore calls it, in moto; what was asked is kept. `packed` is how much of its room the policy took, in per cent."""

    clock: TickingClock
    client: Any
    asked: list[dict[str, Any]] = field(default_factory=list)
    packed: int = 40

    def assume_role(self, **asked: Any) -> dict[str, Any]:
        self.asked.append(asked)
        answer: dict[str, Any] = self.client.assume_role(**asked)
        answer["Credentials"]["Expiration"] = self.clock() + timedelta(seconds=asked["DurationSeconds"])
        return answer | {"PackedPolicySize": self.packed}


@pytest.fixture
def sts() -> Iterator[Sts]:
    with mock_aws():
        key = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
        yield Sts(TickingClock(), boto3.client("sts", region_name=REGION, **key))


def spokes(sts: Sts, external_id: str = "x" * 32) -> Spokes:
    return Spokes(sts, ROLE, lambda: external_id, sts.clock, frozenset({THERE}), lambda *made: made)


def test_what_sts_is_asked(sts: Sts) -> None:
    service, region, session = spokes(sts).clients(an_errand())("ssm")
    assert (service, region, bool(session.token)) == ("ssm", REGION, True)
    (asked,) = sts.asked
    assert json.loads(asked.pop("Policy")) == POLICY
    assert asked == {
        "RoleArn": f"arn:aws:iam::{THERE}:role/wk-acts-here",
        "RoleSessionName": "INC-1.plan-1",
        "ExternalId": "x" * 32,
        "DurationSeconds": 900,
    }


def test_one_plan_uses_its_session_until_a_minute_before_it_ends(sts: Sts) -> None:
    client = spokes(sts).clients(an_errand())
    sts.clock.tick(900 - 61)
    client("ssm")
    assert len(sts.asked) == 1
    sts.clock.tick(1)
    _, _, session = client("ec2")
    assert len(sts.asked) == 2
    assert session.expires > sts.clock() + timedelta(seconds=800)


@pytest.mark.parametrize(
    "but",
    [
        {"plan_id": "plan-2"},
        {"incident_id": "INC-2"},
        {"account": "333333333333"},
        {"policy": session_policy(ACTION, DOCUMENT, LENT, ())},
    ],
    ids=lambda but: next(iter(but)),
)
def test_nothing_is_used_again_for_another_plan(but: dict[str, Any], sts: Sts) -> None:
    ours = Spokes(sts, ROLE, lambda: "x" * 32, sts.clock, frozenset({THERE, "333333333333"}), lambda *made: made)
    one, other = ours.clients(an_errand()), ours.clients(an_errand(**but))
    assert len(sts.asked) == 2
    sessions: list[Session] = [made("ssm")[2] for made in (one, other)]
    assert sessions[0] != sessions[1]


def test_many_plans_are_not_kept_for_ever(sts: Sts) -> None:
    ours = spokes(sts)
    for number in range(40):
        ours.clients(an_errand(plan_id=f"plan-{number}"))
    assert len(ours._kept) <= 16


def test_an_account_that_the_team_has_not_named_is_not_entered(sts: Sts) -> None:
    with pytest.raises(NotAllowed):
        spokes(sts).clients(an_errand(account="333333333333"))
    assert sts.asked == []


def test_without_an_external_id_nobody_is_asked(sts: Sts) -> None:
    with pytest.raises(Misconfigured):
        spokes(sts, external_id="").clients(an_errand())
    assert sts.asked == []


def test_a_policy_that_is_too_long_is_refused_before_sts_and_after(sts: Sts) -> None:
    long = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["a:B"] * 400, "Resource": "*"}]}
    with pytest.raises(Permanent):
        spokes(sts).clients(an_errand(policy=long))
    assert sts.asked == []
    sts.packed = 101
    with pytest.raises(Permanent):
        spokes(sts).clients(an_errand())


def test_a_session_name_has_only_what_sts_takes(sts: Sts) -> None:
    errand = an_errand(incident_id="INC-1/ü" * 20)
    spokes(sts).clients(errand)
    assert len(errand.session_name) == 64
    assert "/" not in errand.session_name


@pytest.mark.parametrize(
    ("listed", "found"),
    [("", set()), ("222222222222", {THERE}), (" 222222222222 , 123456789012 ", {THERE, HUB}), ("222222222222,", {THERE})],
)
def test_the_accounts_of_the_setting(listed: str, found: set[str]) -> None:
    assert accounts_of(listed) == found


@pytest.mark.parametrize("listed", ["*", "22222222222", "222222222222;123456789012", "all"])
def test_what_is_no_account_is_named(listed: str) -> None:
    with pytest.raises(Misconfigured):
        accounts_of(listed)


# ---------------------------------------------------------------- what the policy opens

EVERYTHING = [{"Effect": "Allow", "Action": "*", "Resource": "*"}]


def opens(action: str, resource: str, **context: str) -> bool:
    """Were the role in the other account allowed everything: would this session be?"""
    return both(POLICY["Statement"], EVERYTHING, action, resource, **context) == ALLOWED


@pytest.mark.parametrize(
    ("call", "on", "context"),
    [
        ("ssm:StartAutomationExecution", DOCUMENT, {}),
        ("ssm:StartAutomationExecution", f"{SSM}:automation-definition/wk-ec2-restart:3", {}),
        ("ssm:StartAutomationExecution", f"{SSM}:automation-execution/e-1", {}),
        ("iam:PassRole", LENT, TO_SSM),
        ("ssm:AddTagsToResource", f"{SSM}:automation-execution/e-1", {}),
        ("ssm:GetAutomationExecution", f"{SSM}:automation-execution/e-1", {}),
        ("ssm:DescribeAutomationExecutions", "*", {}),
        ("ec2:DescribeInstances", "*", {}),
        ("cloudwatch:DescribeAlarms", "*", {}),
    ],
)
def test_what_this_plan_needs_is_open(call: str, on: str, context: dict[str, str]) -> None:
    assert decide(POLICY["Statement"], call, on, context) == ALLOWED


@pytest.mark.parametrize(
    ("call", "on", "context"),
    [
        pytest.param("ssm:StartAutomationExecution", f"{SSM}:document/wk-rds-failover", {}, id="another document of ours"),
        pytest.param("ssm:StartAutomationExecution", f"{SSM}:document/AWS-RestartEC2Instance", {}, id="a document of AWS's"),
        pytest.param("ssm:StartAutomationExecution", f"{SSM}:automation-definition/wk-ec2-restart-2:1", {}, id="a longer name"),
        pytest.param("ssm:StartAutomationExecution", DOCUMENT.replace(THERE, HUB), {}, id="the hub's own"),
        pytest.param("ssm:StartAutomationExecution", DOCUMENT.replace(REGION, "us-east-1"), {}, id="another region"),
        pytest.param("iam:PassRole", f"arn:aws:iam::{THERE}:role/wk-runbook-rds-failover", TO_SSM, id="another runbook's role"),
        pytest.param("iam:PassRole", f"arn:aws:iam::{THERE}:role/admin", TO_SSM, id="an administrator's role"),
        pytest.param("iam:PassRole", LENT, {"iam:PassedToService": "ec2.amazonaws.com"}, id="its role to another service"),
        pytest.param("ec2:RebootInstances", f"arn:aws:ec2:{REGION}:{THERE}:instance/i-1", {}, id="a target itself, past the runbook"),
        pytest.param("ssm:SendCommand", "*", {}, id="a command"),
        pytest.param("ssm:StopAutomationExecution", f"{SSM}:automation-execution/e-1", {}, id="somebody else's automation"),
        pytest.param("sts:AssumeRole", LENT, {}, id="a way on"),
        pytest.param("secretsmanager:GetSecretValue", "*", {}, id="a secret"),
        pytest.param("ec2:DescribeSecurityGroups", "*", {}, id="a look at what this plan is not about"),
    ],
)
def test_everything_else_is_shut(call: str, on: str, context: dict[str, str]) -> None:
    assert not opens(call, on, **context)


@pytest.mark.parametrize(
    ("document", "role", "reads"),
    [
        (f"{SSM}:document/wk-rds-failover", LENT, ()),
        (DOCUMENT, f"arn:aws:iam::{THERE}:role/wk-runbook-rds-failover", ()),
        (DOCUMENT, LENT.replace(THERE, HUB), ()),
        (f"{SSM}:document/*-ec2-restart", LENT, ()),
        (f"arn:aws:ssm:*:{THERE}:document/wk-ec2-restart", LENT, ()),
        (DOCUMENT, f"arn:aws:iam::{THERE}:role/*-runbook-ec2-restart", ()),
        (DOCUMENT, LENT, ("ec2:RebootInstances",)),
        (DOCUMENT, LENT, ("ec2:*",)),
        (DOCUMENT, LENT, ("ec2:Describe*",)),
        (DOCUMENT, LENT, ("secretsmanager:GetSecretValue",)),
        (DOCUMENT, LENT, ("*",)),
    ],
)
def test_no_wider_policy_can_be_made(document: str, role: str, reads: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"."):
        session_policy(ACTION, document, role, reads)


@pytest.mark.parametrize("name", sorted(catalogue()))
def test_the_policy_of_every_action_fits_with_room_for_what_it_looks_at(name: str) -> None:
    """Under the longest name of a stack whose roles still have names that IAM takes, with eighteen things to look at."""
    stack = "w" * (LONGEST_ROLE - len(f"-runbook-{name}"))
    reads = [f"elasticloadbalancing:DescribeSomethings{chr(ord('A') + number)}" for number in range(18)]
    made = session_policy(catalogue()[name], f"{SSM}:document/{stack}-{name}", f"arn:aws:iam::{THERE}:role/{stack}-runbook-{name}", reads)
    assert len(json.dumps(made, separators=(",", ":"))) <= LONGEST_POLICY
