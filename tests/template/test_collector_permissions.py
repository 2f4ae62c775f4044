"""What the analysis may look at: exactly what its collectors declare, no permission more and none less.

The statements for collectors have a Sid that begins with Look; every other statement of the role is the stack's own.
"""

import pytest

from analysis.evidence import collectors
from analysis.evidence.ask import Collector
from tests.template.reading import Statement, granted, target

LOOKS = [one for one in granted("AnalysisRole") if one.sid.startswith("Look")]
OWN = [one for one in granted("AnalysisRole") if not one.sid.startswith("Look")]
NO_ARN = "LookAtWhatHasNoArn"
# IAM knows a resource for these, as the service authorization reference lists them; all others can be given on `*` alone.
HAS_ARN = {
    "acm:DescribeCertificate", "cloudformation:DescribeStackEvents", "cloudwatch:DescribeAlarms",
    "codedeploy:BatchGetDeployments", "codedeploy:GetDeployment", "codedeploy:ListDeployments", "dynamodb:DescribeTable",
    "ecs:DescribeServices", "ecs:DescribeTasks", "lambda:GetFunctionConcurrency", "lambda:GetFunctionConfiguration", "lambda:ListAliases",
    "lambda:ListVersionsByFunction", "logs:FilterLogEvents", "logs:StartQuery", "rds:DescribeDBInstances", "rds:DescribeDBParameters",
    "sqs:GetQueueAttributes", "sqs:GetQueueUrl",
}  # fmt: skip


def may_look_at() -> list[str]:
    return [action for statement in LOOKS for action in statement.actions]


def test_the_role_is_granted_what_collectors_declare_and_nothing_else() -> None:
    declared = {permission for collector in collectors() for permission in collector.permissions}
    assert set(may_look_at()) == declared


def test_nothing_is_granted_twice_and_lists_are_in_order() -> None:
    assert len(may_look_at()) == len(set(may_look_at()))
    for statement in LOOKS:
        assert list(statement.actions) == sorted(statement.actions), statement.sid


@pytest.mark.parametrize("collector", collectors(), ids=lambda collector: collector.name)
def test_a_collector_declares_each_permission_once_as_iam_writes_it(collector: Collector) -> None:
    assert len(set(collector.permissions)) == len(collector.permissions)
    assert all(permission.count(":") == 1 and "*" not in permission for permission in collector.permissions)


@pytest.mark.parametrize("statement", LOOKS, ids=str)
def test_what_has_an_arn_is_granted_in_this_account_alone(statement: Statement) -> None:
    """A star stands where IAM knows no resource, and nowhere else."""
    if statement.sid == NO_ARN:
        assert statement.resources == ("*",)
        assert not HAS_ARN.intersection(statement.actions)
        return
    assert set(statement.actions) <= HAS_ARN
    for resource in statement.resources:
        assert ":${AWS::AccountId}:" in resource["Fn::Sub"], resource
    reached = {resource["Fn::Sub"].split(":")[4] for resource in statement.resources}
    assert reached == {action.split(":")[0] for action in statement.actions}


def test_the_stacks_own_statements_name_what_is_the_stacks_own() -> None:
    """Had a collector's permission slipped in among them, it would stand on a star, or on things of others."""
    for statement in OWN:
        if statement.sid in {"Trace", "Think"}:  # X-Ray knows no resources; a model is nobody's resource
            continue
        assert statement.resources
        assert all(target(resource) or "${" in str(resource) for resource in statement.resources), statement.sid
        assert all("*" not in str(resource) or "Bucket.Arn" in str(resource) for resource in statement.resources), statement.sid
