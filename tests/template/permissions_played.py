"""For each permission of the remediation role the nights that need it, by the Sid of its statement in template.yaml."""

from dataclasses import dataclass

from tests.fakes.looked_at import FUNCTION_ARN, PLACE, RULE_ARN, SERVICE_ARN, STACK_ARN, TABLE_ARN
from tests.fakes.permissions import Needed
from tests.template.night_without import CALENDAR, HOST_ARN, Night
from watchkeeper.models import Resource

STARTED = "ssm:StartAutomationExecution"
HERE = {"account": "123456789012", "region": "eu-west-1", "trusted": True}

RESTART, ASKED = Night(), Night(mode="approve(1)")
FAILED = Night("asg-set-capacity", ends="Failed")
SCALE = Night("asg-set-capacity")
VOLUME = Night("ec2-grow-volume", arn=f"arn:aws:ec2:{PLACE}:volume/vol-0123456789abcdef0")
ROLL_BACK, STOP_TASK = Night("ecs-rollback", arn=SERVICE_ARN), Night("ecs-stop-task", arn=SERVICE_ARN)
DEREGISTER = Night("alb-deregister-target", arn=HOST_ARN)
STACK = Night("cloudformation-rollback", arn=STACK_ARN, mode="approve(1)")
DEPLOYMENT = Night("codedeploy-rollback", arn=f"arn:aws:codedeploy:{PLACE}:deploymentgroup:shop/web")
TABLE = Night("dynamodb-capacity", arn=TABLE_ARN)
RULE, ITS_RULE = Night("eventbridge-rule", arn=RULE_ARN), Night("eventbridge-rule", arn=FUNCTION_ARN)
ALIAS = Night("lambda-alias-rollback", arn=FUNCTION_ARN, given={"alias": "live"})
REDRIVE_OF_FUNCTION = Night("lambda-redrive", arn=FUNCTION_ARN)
REDRIVE = Night("sqs-redrive", arn=f"arn:aws:sqs:{PLACE}:orders")
DATABASE, CLUSTER = (
    Night("rds-reboot", arn=f"arn:aws:rds:{PLACE}:db:orders-1"),
    Night("rds-cluster-failover", arn=f"arn:aws:rds:{PLACE}:db:orders-1"),
)
PULL_REQUEST = Night("github-revert", target=Resource(type="github:pull-request", id="acme/orders#482", trusted=True))
ABROAD = Night(target=Resource(type="ec2:instance", id="i-0123456789abcdef0", account="210987654321", region="eu-west-1", trusted=True))
FROZEN = Night(calendar=CALENDAR)


@dataclass(frozen=True)
class Missing:
    """One permission that is missing on one night: from the beginning, or `once` another one was first used. `on` is a part of the name
    of what it is missing on; `started` is how many runbooks may have been started by then."""

    sid: str
    permission: str
    night: Night = RESTART
    on: str = ""
    once: str = ""
    started: int = 0

    @property
    def needed(self) -> Needed:
        return Needed(self.permission, self.on)

    def __str__(self) -> str:
        when = f" after {self.once}" if self.once else ""
        return f"{self.sid} {self.permission} {self.on} {self.night.action} {self.night.mode}{when}".replace("  ", " ")


def looks(night: Night, *permissions: str) -> list[Missing]:
    return [Missing("LookOnly", one, night) for one in permissions]


SAID = (
    *looks(RESTART, "ec2:DescribeInstances", "ec2:DescribeInstanceStatus", "autoscaling:DescribeAutoScalingGroups"),
    *looks(RESTART, "cloudwatch:DescribeAlarms", "ssm:DescribeAutomationExecutions"),
    *looks(SCALE, "autoscaling:DescribeAutoScalingGroups", "autoscaling:DescribeAutoScalingInstances"),
    *looks(SCALE, "autoscaling:DescribeInstanceRefreshes"),
    *looks(Night("asg-set-capacity", rather=("ec2-restart",)), "autoscaling:DescribeAutoScalingInstances"),
    *looks(VOLUME, "ec2:DescribeVolumes", "ec2:DescribeVolumesModifications"),
    *looks(Night("ec2-grow-volume"), "ec2:DescribeVolumes"),
    *looks(ROLL_BACK, "ecs:DescribeServices", "ecs:ListServiceDeployments", "ecs:DescribeServiceRevisions", "ecs:DescribeTaskDefinition"),
    *looks(STOP_TASK, "ecs:DescribeServices", "ecs:ListTasks", "ecs:DescribeTasks"),
    *looks(DEREGISTER, "elasticloadbalancing:DescribeTags", "elasticloadbalancing:DescribeTargetGroups"),
    *looks(DEREGISTER, "elasticloadbalancing:DescribeTargetHealth"),
    *looks(STACK, "cloudformation:DescribeStacks"),
    *looks(DEPLOYMENT, "codedeploy:GetDeploymentGroup", "codedeploy:ListDeployments", "codedeploy:ListTagsForResource"),
    *looks(TABLE, "dynamodb:DescribeTable", "dynamodb:ListTagsOfResource"),
    *looks(RULE, "events:DescribeRule", "events:ListTagsForResource"),
    *looks(ITS_RULE, "events:ListRuleNamesByTarget"),
    *looks(ALIAS, "lambda:GetFunctionConfiguration", "lambda:GetFunctionConcurrency", "lambda:ListAliases", "lambda:ListTags"),
    *looks(ALIAS, "lambda:ListVersionsByFunction"),
    *looks(REDRIVE_OF_FUNCTION, "lambda:ListEventSourceMappings", "sqs:GetQueueUrl", "sqs:ListDeadLetterSourceQueues"),
    *looks(REDRIVE, "sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ListDeadLetterSourceQueues", "sqs:ListQueueTags"),
    *looks(DATABASE, "rds:DescribeDBInstances"),
    *looks(CLUSTER, "rds:DescribeDBInstances", "rds:DescribeDBClusters"),
    *looks(FROZEN, "ssm:GetCalendarState"),
    Missing("LookOnly", "cloudwatch:DescribeAlarms", once=STARTED, started=1),
    Missing("LookOnly", "ec2:DescribeInstanceStatus", once=STARTED, started=1),
    Missing("LookOnly", "autoscaling:DescribeInstanceRefreshes", FAILED, once=STARTED, started=1),
    Missing("PinRunbooks", "ssm:DescribeDocument"),
    Missing("Start", STARTED),
    Missing("Lend", "iam:PassRole"),
    Missing("MarkAndWatchThem", "ssm:AddTagsToResource"),
    Missing("MarkAndWatchThem", "ssm:GetAutomationExecution", once=STARTED, started=1),
    Missing("MarkAndWatchThem", "ssm:GetAutomationExecution", ASKED),
    Missing("Rehearse", STARTED, ASKED, on="-rehearse-ec2"),
    Missing("AskIam", "iam:SimulatePrincipalPolicy", ASKED),
    Missing("WhatAnUpdateTouched", "cloudformation:DescribeStackEvents", STACK),
    Missing("AskTheGuardian", "lambda:InvokeFunction"),
    Missing("ItsPurse", "dynamodb:UpdateItem", on="analyses"),
    Missing("ActInSpokes", "sts:AssumeRole", ABROAD),
    Missing("ExternalId", "secretsmanager:GetSecretValue", ABROAD, on="spokes"),
    Missing("LookAtGitHub", "secretsmanager:GetSecretValue", PULL_REQUEST, on="tools"),
)

# The store and the queue themselves: what is missing there cannot be written on the incident. The record comes back and says it.
NOT_SAID = tuple(
    Missing(sid, permission, on=on, once=once)
    for sid, permission, on in (
        ("Incidents", "dynamodb:GetItem", "incidents"),
        ("Incidents", "dynamodb:Query", "incidents"),
        ("Incidents", "dynamodb:PutItem", "incidents"),
        ("Incidents", "dynamodb:DeleteItem", "incidents"),
        ("AuditIsAppended", "dynamodb:PutItem", "audit"),
        ("AnchorTheAuditChain", "s3:PutObject", "heads/"),
        ("AnchorTheAuditChain", "s3:PutObjectRetention", "heads/"),
        ("Send", "sqs:SendMessage", "distribution"),
    )
    for once in ("", STARTED)
    if (permission, once) != ("dynamodb:Query", STARTED)  # nothing is asked for after the start that this one lets us
)

# Each has a test of its own, named after it.
ALONE = {
    ("Receive", "sqs:ChangeMessageVisibility"),
    ("Send", "sqs:SendMessage"),
    ("AuditIsAppended", "dynamodb:Query"),
    ("ClaimChecks", "s3:GetObject"),
    ("ClaimChecks", "s3:PutObject"),
}

# What the Lambda service does in the role's name before and after our code, and never our code: without the first two nobody reads a log
# and no trace is kept; without the rest nothing is delivered, which the alarm on the age of the queue's oldest message tells.
OF_THE_SERVICE = {
    ("Log", "logs:CreateLogStream"),
    ("Log", "logs:PutLogEvents"),
    ("Trace", "xray:PutTraceSegments"),
    ("Trace", "xray:PutTelemetryRecords"),
    ("Receive", "sqs:ReceiveMessage"),
    ("Receive", "sqs:DeleteMessage"),
    ("Receive", "sqs:GetQueueAttributes"),
}
