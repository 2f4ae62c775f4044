"""What a call of a plan touches, as IAM names it: mostly the target, sometimes what the target is a member of."""

import re
from dataclasses import dataclass

from remediation.rehearsing.trial import Means, Trial

GROUP = "autoScalingGroup:00000000-0000-0000-0000-000000000000:autoScalingGroupName/{id}"  # no policy of ours looks at its UUID
# By the type of the target: the service in its ARN, and what follows the account.
TARGETS = {
    "autoscaling:group": ("autoscaling", GROUP),
    "cloudformation:stack": ("cloudformation", "stack/{id}"),
    "codedeploy:deploymentgroup": ("codedeploy", "deploymentgroup:{id}"),
    "dynamodb:table": ("dynamodb", "table/{id}"),
    "ec2:instance": ("ec2", "instance/{id}"),
    "ec2:volume": ("ec2", "volume/{id}"),
    "ecs:service": ("ecs", "service/{id}"),
    "ecs:task": ("ecs", "task/{id}"),
    "events:rule": ("events", "rule/{id}"),
    "lambda:function": ("lambda", "function:{id}"),
    "rds:cluster": ("rds", "cluster:{id}"),
    "rds:db": ("rds", "db:{id}"),
    "sqs:dead-letter-queue": ("sqs", "{id}"),
    "sqs:queue": ("sqs", "{id}"),
}
# By the service of the permission, where another thing than the target is touched: the parameter that names it, and its ARN.
NAMED_BY = {"autoscaling": ("Group", ("autoscaling", GROUP)), "sqs": ("DeadLetterQueue", ("sqs", "{id}"))}
ON_ANOTHER_SERVICE = {"ssm:SendCommand": "ec2"}
ALSO_CALLED = {"elb": "elasticloadbalancing"}
QUEUE_URL = re.compile(r"https?://[^/]+/(?P<account>\d{12})/(?P<name>[\w.-]+)")


@dataclass(frozen=True)
class Touched:
    """`is_target` says that it carries the tags that the inventory saw."""

    arn: str
    is_target: bool


def touched(permission: str, trial: Trial, means: Means) -> Touched | None:
    """None where it cannot be known."""
    service = ON_ANOTHER_SERVICE.get(permission, permission.partition(":")[0])
    kind = trial.target.type.partition(":")[0]
    of_target = ALSO_CALLED.get(kind, kind) == service
    given = [value for values in trial.parameters.values() for value in values]
    of_stack = [_queue(value, means) or value for value in means.from_stack.get(trial.action.name, {}).values()]
    own = trial.target.arn or _made(trial, TARGETS.get(trial.target.type), trial.target.id, means)
    for arn in (own, *given, *of_stack):
        if arn.startswith("arn:") and arn.split(":")[2] == service:
            return Touched(arn, of_target)
    parameter, form = NAMED_BY.get(service, ("", None))
    name = next(iter(trial.parameters.get(parameter, [])), "")
    arn = _made(trial, form, name, means) if name else ""
    return Touched(arn, is_target=False) if arn else None


def _made(trial: Trial, form: tuple[str, str] | None, name: str, means: Means) -> str:
    """Where nobody says otherwise it lies where we act."""
    partition, own_account = _ours(means)
    account = trial.target.account or trial.seen.account or own_account
    region = trial.target.region or trial.seen.region or means.region
    if form is None or not (account and region and partition):
        return ""
    return f"arn:{partition}:{form[0]}:{region}:{account}:{form[1].format(id=name)}"


def _queue(value: str, means: Means) -> str:
    """The ARN of a queue of the stack, which is handed on by its URL; empty where this is none."""
    found, (partition, _) = QUEUE_URL.fullmatch(value), _ours(means)
    return f"arn:{partition}:sqs:{means.region}:{found['account']}:{found['name']}" if found and partition and means.region else ""


def _ours(means: Means) -> tuple[str, str]:
    """Partition and account of our own roles."""
    parts = means.role_prefix.split(":")
    return (parts[1], parts[4]) if means.role_prefix.startswith("arn:") else ("", "")
