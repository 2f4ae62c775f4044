"""The collectors of states against moto, whose answers nobody here has written."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from analysis.evidence import acm, asg, dynamodb, lambda_function, rds, sqs, targets
from analysis.evidence.ask import Collector, Found, Nothing
from tests.fakes.words import NIGHT
from tests.unit.analysis.stories import an_ask, cpu_incident
from watchkeeper.arns import from_arn
from watchkeeper.ids import now
from watchkeeper.models import Resource

REGION = "eu-west-1"
ROLE = json.dumps({"Version": "2012-10-17", "Statement": []})


def real(service: str, region: str = REGION) -> Any:
    return boto3.client(service, region_name=region, aws_access_key_id="test", aws_secret_access_key="test")


@pytest.fixture(autouse=True)
def aws() -> Iterator[None]:
    with mock_aws():
        yield


def found(collector: Collector, resource: Resource | None, **but: Any) -> list[str]:
    assert resource is not None
    said = collector.collect(an_ask(real, cpu_incident(resources=(resource,), **but), service=None, now=but.get("fired_at", NIGHT)))  # type: ignore[arg-type]  # any client will do
    assert isinstance(said, Found), said
    return said.body.splitlines()


def a_thing(kind: str, name: str) -> Resource:
    return Resource(type=kind, id=name, region=REGION, trusted=True)


def test_a_group() -> None:
    client = real("autoscaling")
    image = real("ec2").describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    client.create_launch_configuration(LaunchConfigurationName="lc", ImageId=image, InstanceType="t3.micro")
    client.create_auto_scaling_group(
        AutoScalingGroupName="shop-web",
        LaunchConfigurationName="lc",
        MinSize=1,
        MaxSize=4,
        DesiredCapacity=2,
        AvailabilityZones=["eu-west-1a"],
    )
    client.suspend_processes(AutoScalingGroupName="shop-web", ScalingProcesses=["Launch"])
    told = found(asg.COLLECTOR, a_thing("autoscaling:group", "shop-web"))
    assert told[:2] == ["autoscaling:group shop-web: desired 2, min 1, max 4, in service 2, healthy 2", "process suspended: Launch"]


def test_a_database() -> None:
    real("rds").create_db_parameter_group(DBParameterGroupName="orders-pg", DBParameterGroupFamily="postgres16", Description="of orders")
    real("rds").create_db_instance(
        DBInstanceIdentifier="orders-db", DBInstanceClass="db.t3.micro", Engine="postgres", EngineVersion="16.3", AllocatedStorage=100,
        MasterUsername="app", MasterUserPassword="no-secret-here", DBParameterGroupName="orders-pg",
    )  # fmt: skip
    told = found(rds.COLLECTOR, a_thing("rds:db", "orders-db"))
    assert told[0].startswith("rds:db orders-db: status available, class db.t3.micro, engine postgres 16.3, storage 100 GiB, multi-AZ ")
    assert "max connections: about 112 (db.t3.micro, default formula)" in told


def test_a_function() -> None:
    role = real("iam").create_role(RoleName="app", AssumeRolePolicyDocument=ROLE)["Role"]["Arn"]
    client = real("lambda")
    client.create_function(
        FunctionName="checkout", Runtime="python3.13", Role=role, Handler="app.handler", Code={"ZipFile": b"zip"},
        Timeout=3, MemorySize=512, Publish=True,
    )  # fmt: skip
    client.create_alias(FunctionName="checkout", Name="live", FunctionVersion="1")
    told = found(lambda_function.COLLECTOR, a_thing("lambda:function", "checkout"))
    assert told[0] == "lambda:function checkout: state Active, runtime python3.13, memory 512 MB, timeout 3 s, reserved concurrency none"
    assert told[1].startswith(f"last modified {now():%Y-}")
    assert told[2:] == ["dead letters: none", "alias live: version 1"]


def test_a_queue() -> None:
    client = real("sqs")
    dead = client.create_queue(QueueName="orders-dead")["QueueUrl"]
    arn = client.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 5})
    url = client.create_queue(QueueName="orders", Attributes={"RedrivePolicy": redrive})["QueueUrl"]
    for where in (url, url, url, dead):
        client.send_message(QueueUrl=where, MessageBody="order")
    client.receive_message(QueueUrl=url)
    assert found(sqs.COLLECTOR, a_thing("sqs:queue", "orders")) == [
        "sqs:queue orders: visible 2, in flight 1, delayed 0, visibility timeout 30 s",
        "dead letters orders-dead: visible 1, after 5 receives",
    ]


def test_targets() -> None:
    vpc = real("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    made = real("elbv2").create_target_group(
        Name="shop-web", Protocol="HTTP", Port=8080, VpcId=vpc, TargetType="ip", HealthCheckPath="/healthz"
    )
    arn = made["TargetGroups"][0]["TargetGroupArn"]
    real("elbv2").register_targets(TargetGroupArn=arn, Targets=[{"Id": "10.0.1.17", "Port": 8080}])
    told = found(targets.COLLECTOR, from_arn(arn, trusted=True))
    assert told[0].startswith("target group shop-web: healthy ")
    assert told[0].endswith(" of 1")
    assert told[-1].startswith("health check: HTTP /healthz, every ")


def test_a_table() -> None:
    at = now().replace(microsecond=0)
    real("dynamodb").create_table(
        TableName="orders", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 6},
    )  # fmt: skip
    point = {"MetricName": "ReadThrottleEvents", "Dimensions": [{"Name": "TableName", "Value": "orders"}], "Value": 120, "Timestamp": at}
    real("cloudwatch").put_metric_data(Namespace="AWS/DynamoDB", MetricData=[point])
    assert found(dynamodb.COLLECTOR, a_thing("dynamodb:table", "orders"), fired_at=at) == [
        "dynamodb:table orders: status ACTIVE, billing PROVISIONED, read 5, write 6",
        "throttled: ReadThrottleEvents 120, WriteThrottleEvents 0 in the window",
    ]


def test_a_certificate() -> None:
    arn = real("acm").request_certificate(DomainName="shop.example.com", ValidationMethod="DNS")["CertificateArn"]
    told = found(acm.COLLECTOR, from_arn(arn, trusted=True))
    assert told[0].startswith(f"acm:certificate {arn.rsplit('/', 1)[-1]} for shop.example.com: status PENDING_VALIDATION, ")
    assert told[1] == "issue waits for shop.example.com: validation DNS, status PENDING_VALIDATION"
    assert told[2].startswith("add this record: ")
    assert " CNAME " in told[2]


@pytest.mark.parametrize(
    ("collector", "kind", "name"),
    [
        (asg.COLLECTOR, "autoscaling:group", "gone"),
        (rds.COLLECTOR, "rds:db", "gone"),
        (lambda_function.COLLECTOR, "lambda:function", "gone"),
        (sqs.COLLECTOR, "sqs:queue", "gone"),
        (targets.COLLECTOR, "elasticloadbalancing:targetgroup", "gone"),
        (dynamodb.COLLECTOR, "dynamodb:table", "gone"),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_what_is_not_there_is_nothing(collector: Collector, kind: str, name: str) -> None:
    said = collector.collect(an_ask(real, cpu_incident(resources=(a_thing(kind, name),)), service=None))  # type: ignore[arg-type]  # any client will do
    assert isinstance(said, Nothing)


def test_a_certificate_that_is_not_there_is_nothing() -> None:
    gone = from_arn("arn:aws:acm:eu-west-1:123456789012:certificate/11111111-2222-3333-4444-555555555555", trusted=True)
    assert gone is not None
    said = acm.collect(an_ask(real, cpu_incident(resources=(gone,)), service=None))  # type: ignore[arg-type]  # any client will do
    assert isinstance(said, Nothing)
