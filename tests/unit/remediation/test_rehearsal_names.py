"""What every action of the catalogue would touch, as IAM names it; and that its own role's policy lets exactly that through, by the tag.

IAM's simulator is not here. What it would be asked is put to a reading of the policies in runbooks/roles/ of our own, tested below.
"""

import re
from dataclasses import replace
from typing import Any

import pytest
import yaml

from remediation.ports import Sighting
from remediation.rehearsing.naming import Touched, touched
from remediation.rehearsing.policies import context_of, permissions
from remediation.rehearsing.trial import Means, Trial
from tests.fakes.automation import declared
from tests.fakes.policies import ALLOWED, FORBIDDEN, UNSAID, Statement, decision
from tests.fakes.template import ROOT, _Loader
from watchkeeper.actions import Action, catalogue
from watchkeeper.models import Resource

ACCOUNT, REGION = "123456789012", "eu-west-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/watchkeeper-runbook"
# Everything that a plan could name, under the names that the runbooks have for it.
PARAMETERS = {
    "InstanceId": ["i-0123456789abcdef0"],
    "Group": ["web"],
    "DeadLetterQueue": ["orders-dead"],
    "TargetGroupArn": [f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:targetgroup/web/0123456789abcdef"],
    "FunctionArn": [f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:mend"],
}
STACK = {
    "ToolboxFunction": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:watchkeeper-toolbox",
    "DistributionQueue": f"arn:aws:sqs:{REGION}:{ACCOUNT}:watchkeeper-distribution.fifo",
}
FILLED_IN = {
    "mcp-tool": {"ToolboxFunction": STACK["ToolboxFunction"]},
    "ticket-create": {"DistributionQueueUrl": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/watchkeeper-distribution.fifo"},
}
MEANS = Means(lambda _: None, "watchkeeper", ROLE, lambda: 0.0, lambda _: None, FILLED_IN, REGION)


def a_trial(action: Action, **tags: str) -> Trial:
    target = Resource(type=action.target_type, id="shop", trusted=True)
    parameters = {name: values for name, values in PARAMETERS.items() if name in declared(f"watchkeeper-{action.document}")}
    return Trial(action, parameters, target, Sighting(exists=True, account=ACCOUNT, region=REGION, tags=tags))


def statements(action: Action) -> list[Statement]:
    """The role's policy as the stack would have it."""
    text = (ROOT / "runbooks" / "roles" / f"{action.document}.yaml").read_text()
    found: list[dict[str, Any]] = yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader with constructors that make plain dicts
    return [{key: _resolved(value) for key, value in one.items()} for one in found]


def _resolved(value: Any) -> Any:
    if isinstance(value, list):
        return [_resolved(one) for one in value]
    if isinstance(value, dict) and "Fn::Sub" in value:
        known = {"AWS::Partition": "aws", "AWS::Region": REGION, "AWS::AccountId": ACCOUNT}
        return re.sub(r"\$\{([^}]+)\}", lambda found: known.get(found[1], found[1]), value["Fn::Sub"])
    if isinstance(value, dict) and "Fn::GetAtt" in value:
        return STACK.get(value["Fn::GetAtt"][0], "arn:aws:of:the:stack")
    return value


CASES = [(action, permission) for _, action in sorted(catalogue().items()) for permission in permissions(action.calls)]
OF_AWS = pytest.mark.parametrize(("action", "permission"), CASES, ids=[f"{action.name} {permission}" for action, permission in CASES])


@OF_AWS
def test_what_it_touches_is_known_and_its_role_may_do_it_where_the_tag_is(action: Action, permission: str) -> None:
    trial = a_trial(action, AutoRemediate="true")
    thing = touched(permission, trial, MEANS)
    assert thing, f"say in naming.py what {permission} touches for a {action.target_type}"
    tagged = {one["ContextKeyName"]: one["ContextKeyValues"][0] for one in context_of(thing, [permission], trial)}
    assert decision(statements(action), permission, thing.arn, tagged) == ALLOWED
    if thing.arn not in STACK.values():  # what is the stack's own needs no tag
        assert decision(statements(action), permission, thing.arn, {}) != ALLOWED


def test_a_target_that_was_named_by_its_arn_is_called_by_it() -> None:
    own = "arn:aws-cn:ec2:cn-north-1:210987654321:instance/i-1"
    trial = Trial(catalogue()["ec2-restart"], {}, Resource(type="ec2:instance", id="i-1", arn=own), Sighting())
    assert touched("ec2:RebootInstances", trial, MEANS) == Touched(own, is_target=True)


def test_a_group_that_an_instance_is_a_member_of_is_not_the_target() -> None:
    trial = a_trial(catalogue()["asg-replace-instance"])
    thing = touched("autoscaling:TerminateInstanceInAutoScalingGroup", trial, MEANS)
    assert thing
    assert (thing.arn.endswith(":autoScalingGroupName/web"), thing.is_target) == (True, False)


def test_what_nobody_places_lies_where_we_act_and_is_unknown_where_that_is() -> None:
    trial = Trial(catalogue()["ec2-restart"], {}, Resource(type="ec2:instance", id="i-1"), Sighting())
    assert touched("ec2:RebootInstances", trial, MEANS) == Touched(f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-1", is_target=True)
    assert touched("ec2:RebootInstances", trial, replace(MEANS, region="")) is None
    assert touched("ec2:RebootInstances", trial, replace(MEANS, role_prefix="role")) is None


def test_permissions_are_called_as_iam_calls_them() -> None:
    assert permissions(("elbv2:DeregisterTargets", "lambda:Invoke", "github:Revert", "elbv2:DeregisterTargets")) == (
        "elasticloadbalancing:DeregisterTargets",
        "lambda:InvokeFunction",
    )


INSTANCE = f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-1"
TAGGED = {"StringEquals": {"aws:ResourceTag/AutoRemediate": "true"}}
ALLOW = {"Effect": "Allow", "Action": "ec2:RebootInstances", "Resource": "arn:aws:ec2:*:*:instance/*", "Condition": TAGGED}
DENY = {"Effect": "Deny", "Action": ["ec2:*"], "Resource": ["*"], "Condition": {"StringLike": {"aws:ResourceTag/Team": "pay*"}}}
LONE = {**ALLOW, "Condition": {"Null": {"aws:ResourceTag/aws:autoscaling:groupName": "true"}}}
TAG = {"AWS:resourcetag/AutoRemediate": "true"}


@pytest.mark.parametrize(
    ("statements", "action", "resource", "context", "said"),
    [
        pytest.param([ALLOW], "ec2:RebootInstances", INSTANCE, TAG, ALLOWED, id="allowed, keys in any letters"),
        pytest.param([ALLOW], "EC2:rebootinstances", INSTANCE, TAG, ALLOWED, id="actions in any letters"),
        pytest.param([ALLOW], "ec2:RebootInstances", INSTANCE, {}, UNSAID, id="without the tag"),
        pytest.param([ALLOW], "ec2:RebootInstances", INSTANCE, {"aws:ResourceTag/AutoRemediate": "True"}, UNSAID, id="another value"),
        pytest.param([ALLOW], "ec2:StopInstances", INSTANCE, TAG, UNSAID, id="another action"),
        pytest.param([ALLOW], "ec2:RebootInstances", "*", TAG, UNSAID, id="another resource"),
        pytest.param([ALLOW, DENY], "ec2:RebootInstances", INSTANCE, TAG, ALLOWED, id="a deny that does not speak of it"),
        pytest.param([ALLOW, DENY], "ec2:RebootInstances", INSTANCE, {**TAG, "aws:ResourceTag/Team": "payments"}, FORBIDDEN, id="denied"),
        pytest.param([LONE], "ec2:RebootInstances", INSTANCE, {}, ALLOWED, id="a key that must not be there"),
        pytest.param([LONE], "ec2:RebootInstances", INSTANCE, {"aws:ResourceTag/aws:autoscaling:groupName": "web"}, UNSAID, id="and is"),
    ],
)
def test_our_reading_of_policies(statements: list[Any], action: str, resource: str, context: dict[str, str], said: str) -> None:
    assert decision(statements, action, resource, context) == said


@pytest.mark.parametrize("odd", [{**ALLOW, "Condition": {"NumericLessThan": {"a:b": "1"}}}, {"NotAction": "ec2:*", **ALLOW}])
def test_what_our_reading_does_not_understand_is_an_error_and_no_answer(odd: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="not understood"):
        decision([odd], "ec2:RebootInstances", INSTANCE, {"a:b": "0"})
