"""One small estate as AWS describes it, an answer for each call that the inventory makes: what moto lacks, or takes long to build."""

from typing import Any

from tests.fakes.words import NIGHT

ACCOUNT, REGION = "123456789012", "eu-west-1"
HOST, VOLUME, GROUP, TASK = "i-0123456789abcdef0", "vol-0123456789abcdef0", "web", "0123456789abcdef0123456789abcdef"
PLACE = f"{REGION}:{ACCOUNT}"
TASK_ARN = f"arn:aws:ecs:{PLACE}:task/shop/{TASK}"
REVISIONS = [f"arn:aws:ecs:{PLACE}:task-definition/storefront:{number}" for number in (1, 2)]
SERVICE_ARN = f"arn:aws:ecs:{PLACE}:service/shop/storefront"
TARGETS = f"arn:aws:elasticloadbalancing:{PLACE}:targetgroup/shop-web/0123456789abcdef"
FUNCTION_ARN, RULE_ARN = f"arn:aws:lambda:{PLACE}:function:pay", f"arn:aws:events:{PLACE}:rule/nightly"
GROUP_ARN = f"arn:aws:autoscaling:{PLACE}:autoScalingGroup:1:autoScalingGroupName/{GROUP}"
TABLE_ARN, STACK_ARN = f"arn:aws:dynamodb:{PLACE}:table/orders", f"arn:aws:cloudformation:{PLACE}:stack/shop/1"
TAGS = [{"Key": "AutoRemediate", "Value": "true"}]
LOWER = [{"key": "AutoRemediate", "value": "true"}]

MEMBERS = [
    {"InstanceId": one, "AvailabilityZone": f"{REGION}{zone}", "LifecycleState": "InService", "HealthStatus": "Healthy",
     "ProtectedFromScaleIn": False}
    for one, zone in ((HOST, "a"), ("i-0123456789abcdef1", "b"), ("i-0123456789abcdef2", "c"))
]  # fmt: skip
IN_A_GROUP = [*TAGS, {"Key": "aws:autoscaling:groupName", "Value": GROUP}]
INSTANCE = {"InstanceId": HOST, "State": {"Name": "running"}, "LaunchTime": NIGHT, "RootDeviceName": "/dev/xvda", "Tags": IN_A_GROUP}
ATTACHED = [{"InstanceId": HOST, "Device": "/dev/xvdf"}]
DATABASE = {
    "DBInstanceIdentifier": "orders-1", "DBInstanceArn": f"arn:aws:rds:{PLACE}:db:orders-1", "DBInstanceStatus": "available",
    "Engine": "postgres", "DBInstanceClass": "db.t4g.small", "TagList": TAGS,
}  # fmt: skip
READER = DATABASE | {"DBInstanceIdentifier": "orders-2"}
CLUSTER = {
    "DBClusterIdentifier": "orders", "DBClusterArn": f"arn:aws:rds:{PLACE}:cluster:orders", "Status": "available",
    "Engine": "aurora-postgresql", "TagList": TAGS,
    "DBClusterMembers": [
        {"DBInstanceIdentifier": "orders-1", "IsClusterWriter": True}, {"DBInstanceIdentifier": "orders-2", "IsClusterWriter": False},
    ],
}  # fmt: skip
SERVICE = {
    "serviceArn": SERVICE_ARN, "serviceName": "storefront", "status": "ACTIVE", "tags": LOWER, "taskDefinition": REVISIONS[1],
    "desiredCount": 2, "runningCount": 2,
    "deployments": [
        {"id": "ecs-svc/1", "status": "PRIMARY", "taskDefinition": REVISIONS[1], "runningCount": 2, "rolloutState": "COMPLETED"},
    ],
}  # fmt: skip
A_TASK = {
    "taskArn": TASK_ARN, "group": "service:storefront", "desiredStatus": "RUNNING", "lastStatus": "RUNNING", "healthStatus": "UNHEALTHY",
    "taskDefinitionArn": REVISIONS[1], "tags": LOWER, "createdAt": NIGHT, "startedBy": "ecs-svc/1",
}  # fmt: skip
WELL = A_TASK | {"taskArn": f"{TASK_ARN[:-1]}0", "healthStatus": "HEALTHY"}


def _queue(**asked: Any) -> dict[str, Any]:
    """orders, whose messages die in orders-dead."""
    name = asked["QueueUrl"].rsplit("/", 1)[-1]
    policy = f'{{"deadLetterTargetArn": "arn:aws:sqs:{PLACE}:orders-dead", "maxReceiveCount": 3}}'
    redrive = {"RedrivePolicy": policy} if name == "orders" else {}
    return {"Attributes": {"QueueArn": f"arn:aws:sqs:{PLACE}:{name}", "ApproximateNumberOfMessages": "7", **redrive}}


def _instances(**_: Any) -> dict[str, Any]:
    return {"Reservations": [{"OwnerId": ACCOUNT, "Instances": [INSTANCE]}]}


def _databases(**asked: Any) -> dict[str, Any]:
    return {"DBInstances": [DATABASE, READER] if "Filters" in asked else [DATABASE | {"DBClusterIdentifier": "orders"}]}


OF_COMPUTE: dict[str, Any] = {
    "autoscaling:DescribeAutoScalingGroups": {
        "AutoScalingGroups": [
            {"AutoScalingGroupName": GROUP, "AutoScalingGroupARN": GROUP_ARN,
             "MinSize": 1, "MaxSize": 9, "DesiredCapacity": 3, "DefaultCooldown": 300,
             "AvailabilityZones": [], "HealthCheckType": "EC2",
             "CreatedTime": NIGHT, "Tags": TAGS, "Instances": MEMBERS}
        ]
    },
    "autoscaling:DescribeAutoScalingInstances": {
        "AutoScalingInstances": [MEMBERS[0] | {"AutoScalingGroupName": GROUP}],
    },
    "autoscaling:DescribeInstanceRefreshes": {"InstanceRefreshes": []},
    "cloudformation:DescribeStacks": {
        "Stacks": [{"StackId": STACK_ARN, "StackName": "shop", "StackStatus": "UPDATE_IN_PROGRESS", "CreationTime": NIGHT, "Tags": TAGS}]
    },
    "cloudformation:DescribeStackEvents": {
        "StackEvents": [
            {"StackId": STACK_ARN, "EventId": "1", "StackName": "shop", "PhysicalResourceId": STACK_ARN, "LogicalResourceId": "shop",
             "ResourceStatus": "UPDATE_IN_PROGRESS", "ResourceType": "AWS::CloudFormation::Stack", "Timestamp": NIGHT}
        ]
    },
    "codedeploy:GetDeploymentGroup": {"deploymentGroupInfo": {"computePlatform": "Server"}},
    "codedeploy:ListDeployments": {"deployments": ["d-ABCDEFGHI"]},
    "codedeploy:ListTagsForResource": {"Tags": TAGS},
    "ec2:DescribeInstances": _instances,
    "ec2:DescribeInstanceStatus": {"InstanceStatuses": [{"InstanceStatus": {"Status": "ok"}, "SystemStatus": {"Status": "ok"}}]},
    "ec2:DescribeVolumes": {
        "Volumes": [{"VolumeId": VOLUME, "State": "in-use", "Size": 20, "VolumeType": "gp3", "Attachments": ATTACHED, "Tags": TAGS}]
    },
    "ec2:DescribeVolumesModifications": {"VolumesModifications": []},
    "ecs:DescribeServices": {"services": [SERVICE]},
    "ecs:DescribeServiceRevisions": {"serviceRevisions": [{"serviceRevisionArn": "revision-1", "taskDefinition": REVISIONS[0]}]},
    "ecs:DescribeTaskDefinition": {"taskDefinition": {"taskDefinitionArn": REVISIONS[0], "status": "ACTIVE"}},
    "ecs:DescribeTasks": {"tasks": [A_TASK, WELL]},
    "ecs:ListServiceDeployments": {"serviceDeployments": [{"targetServiceRevisionArn": "revision-1", "createdAt": NIGHT}]},
    "ecs:ListTasks": {"taskArns": [TASK_ARN, WELL["taskArn"]]},
    "elasticloadbalancing:DescribeTags": {"TagDescriptions": [{"ResourceArn": TARGETS, "Tags": TAGS}]},
    "elasticloadbalancing:DescribeTargetGroups": {
        "TargetGroups": [{"TargetGroupArn": TARGETS, "TargetGroupName": "shop-web", "TargetType": "instance"}]
    },
    "elasticloadbalancing:DescribeTargetHealth": {
        "TargetHealthDescriptions": [
            {"Target": {"Id": one["InstanceId"], "Port": 80}, "TargetHealth": {"State": "healthy"}} for one in MEMBERS
        ]
    },
}  # fmt: skip
OF_DATA: dict[str, Any] = {
    "dynamodb:DescribeTable": {
        "Table": {"TableName": "orders", "TableArn": TABLE_ARN, "TableStatus": "ACTIVE",
                  "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}}
    },
    "dynamodb:ListTagsOfResource": {"Tags": TAGS},
    "events:DescribeRule": {"Name": "nightly", "Arn": RULE_ARN, "State": "ENABLED"},
    "events:ListRuleNamesByTarget": {"RuleNames": ["nightly"]},
    "events:ListTagsForResource": {"Tags": TAGS},
    "lambda:GetFunctionConcurrency": {},
    "lambda:GetFunctionConfiguration": {"FunctionArn": FUNCTION_ARN, "FunctionName": "pay"},
    "lambda:ListAliases": {"Aliases": [{"Name": "live", "FunctionVersion": "2"}]},
    "lambda:ListEventSourceMappings": {
        "EventSourceMappings": [{"UUID": "01234567-89ab-cdef-0123-456789abcdef", "EventSourceArn": f"arn:aws:sqs:{PLACE}:orders"}]
    },
    "lambda:ListTags": {"Tags": {"AutoRemediate": "true"}},
    "lambda:ListVersionsByFunction": {"Versions": [{"Version": "1"}, {"Version": "2"}]},
    "rds:DescribeDBClusters": {"DBClusters": [CLUSTER]},
    "rds:DescribeDBInstances": _databases,
    "sqs:GetQueueAttributes": _queue,
    "sqs:GetQueueUrl": lambda **asked: {"QueueUrl": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{asked['QueueName']}"},
    "sqs:ListDeadLetterSourceQueues": {"queueUrls": [f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/orders"]},
    "sqs:ListQueueTags": {"Tags": {"AutoRemediate": "true"}},
}  # fmt: skip
ESTATE = OF_COMPUTE | OF_DATA
