"""Names of things in an account, both ways."""

import pytest

from reception.resources import MOST, Place, distinct, from_dimensions, log_group
from watchkeeper.actions import catalogue
from watchkeeper.arns import from_arn
from watchkeeper.models import Resource

HERE = Place("123456789012", "eu-west-1")


@pytest.mark.parametrize(
    ("arn", "type_of", "own_id"),
    [
        ("arn:aws:ec2:eu-west-1:123456789012:instance/i-0123456789abcdef0", "ec2:instance", "i-0123456789abcdef0"),
        ("arn:aws:ecs:eu-west-1:123456789012:service/shop/storefront", "ecs:service", "shop/storefront"),
        ("arn:aws:logs:eu-west-1:123456789012:log-group:/checkout/app:*", "logs:log-group", "/checkout/app"),
        ("arn:aws:lambda:eu-west-1:123456789012:function:pay", "lambda:function", "pay"),
        ("arn:aws:sqs:eu-west-1:123456789012:orders", "sqs:queue", "orders"),
        ("arn:aws:s3:::a-bucket", "s3:bucket", "a-bucket"),
        ("arn:aws:kafka:eu-west-1:123456789012:cluster/x/y", "kafka:cluster", "x/y"),
    ],
)
def test_an_arn_is_a_resource(arn: str, type_of: str, own_id: str) -> None:
    found = from_arn(arn, trusted=False)
    assert found
    assert (found.type, found.id, found.arn, found.trusted) == (type_of, own_id, arn, False)


@pytest.mark.parametrize("text", ["", "i-0123", "arn:aws:ec2", "arn:aws:ec2:eu-west-1:1:instance/", "arn:aws:ec2:eu-west-1:1:instance/i 1"])
def test_what_is_no_arn_is_no_resource(text: str) -> None:
    assert from_arn(text, trusted=True) is None


@pytest.mark.parametrize(("region", "partition"), [("eu-west-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")])
def test_each_partition_has_its_arns(region: str, partition: str) -> None:
    (found,) = from_dimensions({"InstanceId": "i-0123456789abcdef0"}, Place("123456789012", region))
    assert found.arn == f"arn:{partition}:ec2:{region}:123456789012:instance/i-0123456789abcdef0"


def test_without_account_or_region_there_is_no_arn() -> None:
    assert [r.arn for r in from_dimensions({"QueueName": "orders"}, Place("", "eu-west-1"))] == [""]


def test_a_service_is_named_with_its_cluster_and_only_so() -> None:
    found = from_dimensions({"ClusterName": "shop", "ServiceName": "storefront", "InstanceId": "i-0123456789abcdef0"}, HERE)
    assert [(r.type, r.id) for r in found] == [("ecs:service", "shop/storefront"), ("ec2:instance", "i-0123456789abcdef0")]
    assert [r.type for r in from_dimensions({"ServiceName": "storefront"}, HERE)] == []
    assert [r.type for r in from_dimensions({"ClusterName": "shop"}, HERE)] == ["ecs:cluster"]


@pytest.mark.parametrize(
    ("dimensions", "name"),
    [({"InstanceId": "i-0123456789abcdef0"}, "ec2-restart"), ({"ClusterName": "shop", "ServiceName": "storefront"}, "ecs-redeploy")],
)
def test_what_an_alarm_names_fits_its_action(dimensions: dict[str, str], name: str) -> None:
    (target,) = from_dimensions(dimensions, HERE)
    action = catalogue()[name]
    assert action.target_type == target.type
    assert [[value] for value in dimensions.values()] == list(action.parameters(target, {}, {}).for_runbook().values())


def test_a_functions_log_group_names_the_function_first() -> None:
    assert [r.id for r in log_group("/aws/lambda/pay", HERE)] == ["pay", "/aws/lambda/pay"]


def test_no_more_than_fit_and_none_that_no_table_could_hold() -> None:
    many = [Resource(type="ec2:instance", id=f"i-{n:017x}") for n in range(2 * MOST)]
    assert len(distinct([*many, *many])) == MOST
    assert distinct([Resource(type="x", id="y" * 600), Resource(type="x", id="")]) == ()
