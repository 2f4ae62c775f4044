"""The policy of the kill switch: it denies whatever could act, and nothing that only looks or that says what happened.

It is judged by what the writer makes of runbooks/, so that a new action is covered by being there.
"""

import json
from functools import cache
from typing import Any

import pytest
import yaml

from cli.catalogue.template import STARTS, changes, statements, stop_policy
from local.places import ROOT
from tests.fakes.iam import ALLOWED, EXPLICIT, IMPLICIT, decide
from tests.template.reading import STAGES, granted
from watchkeeper.actions import runbooks
from watchkeeper.lockdown import allows, only_reads

LONGEST_POLICY = 6144
RUNBOOK, REMEDIATION = "arn:aws:iam::123456789012:role/wk-runbook-{}", "arn:aws:iam::123456789012:role/wk-RemediationRole-ABC"
NAMES = sorted(runbooks())


@cache
def policy() -> list[dict[str, Any]]:
    """The statements, as CloudFormation fills them in for a stack called wk."""
    written = stop_policy("a test", changes(ROOT / "runbooks", [runbooks()[name] for name in NAMES]))
    for name, value in {"Partition": "aws", "AccountId": "123456789012", "StackName": "wk"}.items():
        written = written.replace(f"${{AWS::{name}}}", value)
    found: list[dict[str, Any]] = yaml.safe_load(written.replace("!Sub ", ""))["StopPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    return found


def role_of(name: str) -> list[str]:
    """The calls that this runbook's role allows."""
    return allows(statements(ROOT / "runbooks", name))


def remediation() -> list[str]:
    return sorted({action for one in granted("RemediationRole") if one.effect == "Allow" for action in one.actions})


@pytest.mark.parametrize("name", NAMES)
def test_a_runbook_that_runs_can_change_nothing_more_and_still_look(name: str) -> None:
    for action in role_of(name):
        said = decide(policy(), action, "arn:aws:any", {"aws:PrincipalArn": RUNBOOK.format(name)})
        assert (said == EXPLICIT) is not only_reads(action), action


@pytest.mark.parametrize(
    "action", ["ssm:StartAutomationExecution", "iam:PassRole", "lambda:InvokeFunction", "sts:AssumeRole", "ssm:SendCommand"]
)
def test_a_compromised_function_starts_nothing(action: str) -> None:
    assert decide(policy(), action, "arn:aws:any", {"aws:PrincipalArn": REMEDIATION}) == EXPLICIT


def test_remediation_can_still_say_that_nothing_is_done() -> None:
    """Its tables, queues, anchors and everything that it looks at: a stop must not silence it. Beside what starts something it loses the
    guardian, whom nobody asks about what will not run, and who counts as down where somebody does."""
    denied = {action for action in remediation() if decide(policy(), action, "arn:aws:any", {"aws:PrincipalArn": REMEDIATION}) == EXPLICIT}
    assert denied == {"ssm:StartAutomationExecution", "iam:PassRole", "sts:AssumeRole", "lambda:InvokeFunction"}
    assert {"sqs:SendMessage", "dynamodb:PutItem", "s3:PutObject", "secretsmanager:GetSecretValue"} <= set(remediation()) - denied


@pytest.mark.parametrize("stage", STAGES)
def test_what_a_runbook_may_no_longer_do_a_function_still_may_to_what_is_its_own(stage: str) -> None:
    """The second statement holds for the runbooks' roles alone: queues are sent to by both."""
    starts, changes_nothing = policy()
    me = {"aws:PrincipalArn": f"arn:aws:iam::123456789012:role/wk-{stage}Role-ABC"}
    assert changes_nothing["Action"] == changes(ROOT / "runbooks", [runbooks()[name] for name in NAMES])
    assert {decide([changes_nothing], action, "arn:aws:any", me) for action in changes_nothing["Action"]} == {IMPLICIT}
    assert set(starts["Action"]) == set(STARTS)


def test_it_denies_alone() -> None:
    assert {one["Effect"] for one in policy()} == {"Deny"}
    assert ALLOWED not in {decide(policy(), action, "*", {}) for action in remediation()}


def test_it_is_no_longer_than_a_policy_may_be() -> None:
    """IAM counts without white space; a quarter is left for actions to come."""
    assert len(json.dumps({"Version": "2012-10-17", "Statement": policy()}, separators=(",", ":"))) < LONGEST_POLICY * 3 / 4


def test_the_writer_takes_what_a_role_says_in_either_form() -> None:
    assert allows({"Effect": "Allow", "Action": "a:B", "Resource": "*"}) == ["a:B"]
    assert allows([{"Effect": "Deny", "Action": ["a:B"]}, {"Effect": "Allow", "Action": ["c:D", "c:E"]}]) == ["c:D", "c:E"]


@pytest.mark.parametrize(
    ("action", "reads"),
    [
        ("ec2:DescribeInstances", True),
        ("tag:GetResources", True),
        ("logs:FilterLogEvents", True),
        ("cloudformation:ListStacks", True),
        ("ec2:RebootInstances", False),
        ("secretsmanager:GetSecretValue", False),
        ("ssm:GetParameters", False),
        ("sqs:ReceiveMessage", False),
        ("lambda:InvokeFunction", False),
        ("ec2:*", False),
        ("ec2:Describe*", False),
        ("unheard:Of", False),
    ],
)
def test_what_only_reads(action: str, reads: bool) -> None:
    assert only_reads(action) is reads
