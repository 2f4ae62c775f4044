"""Other accounts: the same ports, through a session that a plan was given there and that may do nothing but this plan."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from remediation.alarms import CloudWatchAlarms
from remediation.automation import FromStack, SsmAutomation
from remediation.inventory import AwsInventory
from remediation.ports import Alarms, Automation, Inventory
from remediation.spokes import Errand, Spokes, session_policy
from watchkeeper.actions import Action
from watchkeeper.errors import Permanent
from watchkeeper.ids import Clock, now
from watchkeeper.models import Incident, Resource

# What the inventory calls to look at a target of each type (a test reads it there), beside the alarm and the runbook. Each session may
# do its own row alone.
LOOKS: Mapping[str, tuple[str, ...]] = {
    "autoscaling:group": (
        "autoscaling:DescribeAutoScalingGroups", "autoscaling:DescribeAutoScalingInstances", "autoscaling:DescribeInstanceRefreshes",
    ),
    "cloudformation:stack": ("cloudformation:DescribeStacks",),
    "codedeploy:deploymentgroup": ("codedeploy:GetDeploymentGroup", "codedeploy:ListDeployments", "codedeploy:ListTagsForResource"),
    "dynamodb:table": ("dynamodb:DescribeTable", "dynamodb:ListTagsOfResource"),
    "ec2:instance": ("autoscaling:DescribeAutoScalingGroups", "ec2:DescribeInstanceStatus", "ec2:DescribeInstances"),
    "ec2:volume": ("ec2:DescribeInstances", "ec2:DescribeVolumes", "ec2:DescribeVolumesModifications"),
    "ecs:service": ("ecs:DescribeServiceRevisions", "ecs:DescribeServices", "ecs:DescribeTaskDefinition", "ecs:ListServiceDeployments"),
    "ecs:task": ("ecs:DescribeServices", "ecs:DescribeTasks", "ecs:ListTasks"),
    "elb:target": (
        "elasticloadbalancing:DescribeTags", "elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeTargetHealth",
    ),
    "events:rule": ("events:DescribeRule", "events:ListRuleNamesByTarget", "events:ListTagsForResource"),
    "lambda:function": (
        "lambda:GetFunctionConcurrency", "lambda:GetFunctionConfiguration", "lambda:ListAliases", "lambda:ListEventSourceMappings",
        "lambda:ListTags", "lambda:ListVersionsByFunction", "sqs:GetQueueAttributes", "sqs:GetQueueUrl",
        "sqs:ListDeadLetterSourceQueues",
    ),
    "rds:cluster": ("rds:DescribeDBClusters", "rds:DescribeDBInstances"),
    "rds:db": ("rds:DescribeDBInstances",),
    "sqs:dead-letter-queue": ("sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ListDeadLetterSourceQueues", "sqs:ListQueueTags"),
}  # fmt: skip
ALWAYS = ("cloudwatch:DescribeAlarms", "ssm:DescribeDocument")


@dataclass(frozen=True)
class Ground:
    """Where a target is: what looks at it, acts on it, and asks its alarm."""

    inventory: Inventory
    automation: Automation
    alarms: Alarms
    region: str


class Shut:
    """The Inventory, Automation and Alarms of an account that lets us not in: whoever asks one of them gets why, and says so."""

    def __init__(self, why: Permanent) -> None:
        self._why = why

    def _tell(self, *_: object, **__: object) -> Any:
        raise self._why

    see = reach = find = describe = start = observe = said = _tell


@dataclass(frozen=True)
class Abroad:
    """The accounts that the team allows beside its own, and how to get there; none without spokes."""

    spokes: Spokes | None = None
    accounts: frozenset[str] = frozenset()
    region: str = ""
    runbook_prefix: str = ""
    runbook_role_prefix: str = ""
    from_stack: FromStack = field(default_factory=dict)
    clock: Clock = now

    def ground(self, incident: Incident, action: Action, target: Resource) -> Ground | None:
        """The ground there, for this action and no other; none for what is at home, in an account that nobody allowed, or
        done by what does not travel: then the gate sees two accounts and refuses."""
        if self.spokes is None or target.account not in self.accounts or not _travels(action):
            return None
        region, role_prefix = target.region or self.region, self._there(target.account)
        partition = role_prefix.split(":")[1]
        document = f"arn:{partition}:ssm:{region}:{target.account}:document/{self.runbook_prefix}-{action.document}"
        reads = (*LOOKS.get(action.target_type, ()), *ALWAYS)
        policy = session_policy(action, document, f"{role_prefix}-{action.document}", reads)
        try:
            clients = self.spokes.clients(Errand(incident.id, incident.plan_id or "planning", target.account, region, policy))
        except Permanent as error:
            shut = Shut(error)
            return Ground(shut, shut, shut, region)
        automation = SsmAutomation(clients("ssm"), self.runbook_prefix, role_prefix, self.from_stack, self.clock)
        return Ground(AwsInventory(clients), automation, CloudWatchAlarms(clients("cloudwatch")), region)

    def _there(self, account: str) -> str:
        """The runbooks' roles are named alike in every account."""
        parts = self.runbook_role_prefix.split(":")
        return ":".join([*parts[:4], account, *parts[5:]])


def _travels(action: Action) -> bool:
    """What the stack fills in, or what a registered function of ours does, is done from home: there is no such runbook there."""
    return not action.from_stack and action.document == action.name


HOME_ALONE = Abroad()
