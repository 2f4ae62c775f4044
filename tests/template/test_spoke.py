"""spoke.yaml: who comes in, what they may do there, and that it is made of the same runbooks as the hub."""

import json
import re
from functools import cache
from typing import Any

import pytest

from cli.catalogue import spoke
from local.places import ROOT
from remediation.spokes import session_policy
from tests.fakes.iam import ALLOWED, EXPLICIT, both, decide
from tests.fakes.template import resources, template
from watchkeeper.actions import runbooks

HUB, HERE, REGION = "arn:aws:iam::123456789012:role/wk-remediation", "222222222222", "eu-west-1"
FILLED = {"AWS::Partition": "aws", "AWS::Region": REGION, "AWS::AccountId": HERE, "HubStack": "wk"}
ACTIONS = [action for _, action in sorted(runbooks().items())]
LONGEST_POLICY = 6144


@cache
def text() -> str:
    return (ROOT / "spoke.yaml").read_text()


@cache
def made() -> dict[str, dict[str, Any]]:
    """Its resources by logical id."""
    return resources("spoke.yaml")


def filled(node: Any) -> Any:
    """As CloudFormation would fill it in for a hub's stack called wk."""
    if isinstance(node, dict) and set(node) == {"Fn::Sub"}:
        return re.sub(r"\$\{([\w:]+)\}", lambda found: _named(found[1]), node["Fn::Sub"])
    if isinstance(node, dict) and set(node) == {"Fn::GetAtt"}:
        return f"arn:aws:iam::{HERE}:role/{filled(made()[node['Fn::GetAtt'][0]]['Properties']['RoleName'])}"
    if isinstance(node, dict):
        return {key: filled(value) for key, value in node.items()}
    return [filled(one) for one in node] if isinstance(node, list) else node


def _named(name: str) -> str:
    return FILLED[name] if name in FILLED else str(filled(made()[name]["Properties"]["Name"]))


@cache
def acts_here() -> list[dict[str, Any]]:
    """All that the role may do: its own policy, and those that the catalogue puts onto it."""
    found = list(made()["ActsHere"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"])
    for one in made().values():
        if one["Type"] == "AWS::IAM::ManagedPolicy" and {"Ref": "ActsHere"} in one["Properties"].get("Roles", []):
            found += one["Properties"]["PolicyDocument"]["Statement"]
    statements: list[dict[str, Any]] = filled(found)
    return statements


def test_it_is_what_the_catalogue_writes() -> None:
    assert spoke.written(text(), (ROOT / "template.yaml").read_text(), ROOT / "runbooks", ACTIONS) == text(), "run: make catalogue"


def test_only_the_hubs_remediation_comes_in_and_only_with_the_external_id() -> None:
    role = made()["ActsHere"]["Properties"]
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"AWS": {"Ref": "HubRemediationRoleArn"}}
    assert trust["Condition"] == {"StringEquals": {"sts:ExternalId": {"Ref": "ExternalId"}}}
    assert role["MaxSessionDuration"] == 3600
    assert template("spoke.yaml")["Parameters"]["ExternalId"]["NoEcho"] is True


def test_nobody_else_is_trusted_but_systems_manager() -> None:
    others = [one["Properties"] for name, one in made().items() if one["Type"] == "AWS::IAM::Role" and name != "ActsHere"]
    assert others
    for role in others:
        (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
        assert trust["Principal"] == {"Service": "ssm.amazonaws.com"}
        assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}


def test_every_runbook_that_needs_nothing_of_the_hub_comes_along() -> None:
    documents = {filled(one["Properties"]["Name"]) for one in made().values() if one["Type"] == "AWS::SSM::Document"}
    along = {action.name for action in spoke.travelling(ROOT / "runbooks", ACTIONS)}
    assert {f"wk-{name}" for name in along} <= documents
    assert "github-revert" not in along
    assert {"ec2-restart", "ecs-redeploy"} <= along


def test_nothing_in_it_refers_to_the_hubs_stack() -> None:
    """A name that is made nowhere in this file would make CloudFormation refuse it."""
    known = {*made(), *template("spoke.yaml")["Parameters"]}
    assert set(re.findall(r"(?:!GetAtt |!Ref |\$\{)(?!AWS::)(\w+)", text())) <= known
    assert "AWS::StackName" not in text()


@pytest.mark.parametrize("name", [action.name for action in spoke.travelling(ROOT / "runbooks", ACTIONS)])
def test_a_plans_session_may_run_its_runbook_and_no_other(name: str) -> None:
    """What the role allows and what the session's policy allows, judged together as IAM does."""
    ssm, roles = f"arn:aws:ssm:{REGION}:{HERE}", f"arn:aws:iam::{HERE}:role/wk-runbook-"
    session = session_policy(runbooks()[name], f"{ssm}:document/wk-{name}", f"{roles}{name}", ["ec2:DescribeInstances"])["Statement"]
    others = [action.name for action in ACTIONS if action.name != name]

    def said(call: str, on: str) -> str:
        return both(session, acts_here(), call, on, **{"iam:PassedToService": "ssm.amazonaws.com"})

    assert said("ssm:StartAutomationExecution", f"{ssm}:document/wk-{name}") == ALLOWED
    assert said("iam:PassRole", f"{roles}{name}") == ALLOWED
    assert said("ec2:DescribeInstances", "*") == ALLOWED
    assert ALLOWED not in {said("ssm:StartAutomationExecution", f"{ssm}:document/wk-{other}") for other in others}
    assert ALLOWED not in {said("iam:PassRole", f"{roles}{other}") for other in others}


def test_the_role_itself_changes_nothing_but_by_a_runbook() -> None:
    allowed = {action for one in acts_here() if one["Effect"] == "Allow" for action in _several(one["Action"])}
    acts = {action for action in allowed if not re.match(r"[a-z0-9-]+:(Describe|Get|List)", action)}
    assert acts == {"ssm:StartAutomationExecution", "iam:PassRole", "ssm:AddTagsToResource"}
    for one in acts_here():
        if set(_several(one["Action"])) & acts:
            assert "*" not in _several(one["Resource"])


def test_the_stop_policy_of_this_account_stops_it() -> None:
    stop = filled(made()["StopPolicy"]["Properties"]["PolicyDocument"]["Statement"])
    role = f"arn:aws:iam::{HERE}:role/wk-acts-here"
    assert decide(stop, "ssm:StartAutomationExecution", "arn:aws:any", {"aws:PrincipalArn": role}) == EXPLICIT
    runbook = f"arn:aws:iam::{HERE}:role/wk-runbook-ec2-restart"
    assert decide(stop, "ec2:RebootInstances", "arn:aws:any", {"aws:PrincipalArn": runbook}) == EXPLICIT
    assert decide(stop, "ec2:DescribeInstances", "arn:aws:any", {"aws:PrincipalArn": runbook}) != EXPLICIT


def test_its_policies_are_no_longer_than_iam_takes() -> None:
    for name, one in made().items():
        if one["Type"] == "AWS::IAM::ManagedPolicy":
            length = len(json.dumps(filled(one["Properties"]["PolicyDocument"]), separators=(",", ":")))
            assert length < LONGEST_POLICY, name


def test_the_command_line_finds_there_what_it_stops_with() -> None:
    assert {"RemediationRoleArn", "StopPolicyArn", "RunbookPrefix"} <= set(template("spoke.yaml")["Outputs"])


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
