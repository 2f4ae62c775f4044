"""What labels and tags name, however they are written."""

import pytest

from reception.resources import Place
from reception.tags import environment_in, place_in, service_in, things_in, written
from tests.unit.reception.sources.vendors import HOME, INSTANCE

ECS = "arn:aws:ecs:eu-west-1:123456789012:service/shop/checkout"


@pytest.mark.parametrize(
    ("tags", "arns"),
    [
        ({"instance_id": "i-0123456789abcdef0"}, [INSTANCE]),
        ({"InstanceId": "i-0123456789abcdef0"}, [INSTANCE]),
        ({"dimension_InstanceId": "i-0123456789abcdef0"}, [INSTANCE]),
        ({"aws.ec2InstanceId": "i-0123456789abcdef0"}, [INSTANCE]),
        ({"tag_aws_instance_id": "i-0123456789abcdef0"}, [INSTANCE]),
        ({"instance_id": "shop-1"}, []),
        ({"instance_id": "i-0123456789abcdef0; rm"}, []),
        ({"name": INSTANCE}, [INSTANCE]),
        ({"name": f"see {INSTANCE}"}, []),
        ({"ecs_cluster": "shop", "ecs_service": "checkout"}, [ECS]),
        ({"clustername": "shop", "servicename": "checkout"}, [ECS]),
        ({"cluster_name": "a-cluster-of-kubernetes"}, []),
        ({"functionname": "pay"}, ["arn:aws:lambda:eu-west-1:123456789012:function:pay"]),
        ({"function_name": "pay for it"}, []),
        ({}, []),
    ],
)
def test_things(tags: dict[str, str], arns: list[str]) -> None:
    found = things_in(tags, HOME)
    assert [resource.arn for resource in found] == arns
    assert all(resource.trusted for resource in found)
    assert not any(resource.trusted for resource in things_in(tags, HOME, trusted=False))


@pytest.mark.parametrize(
    ("tags", "place"),
    [
        ({"aws_account": "210987654321", "region": "us-west-2"}, Place("210987654321", "us-west-2")),
        ({"account_id": "4420147", "region": "Europe"}, HOME),
        ({"aws.accountId": "210987654321", "aws.awsRegion": "cn-north-1"}, Place("210987654321", "cn-north-1")),
        ({}, HOME),
    ],
)
def test_places(tags: dict[str, str], place: Place) -> None:
    assert place_in(tags, HOME) == place


def test_service_and_environment() -> None:
    assert service_in({"app": "shop", "Service": "checkout"}) == "checkout"
    assert service_in({"app.kubernetes.io/name": "shop"}) == "shop"
    assert environment_in({"env": "production"}) == "production"
    assert (service_in({}), environment_in({})) == ("", "")


@pytest.mark.parametrize("value", ["a:b, c:d:e ,monitor,:x", ["a:b", "c:d:e,monitor", 7]])
def test_tags_in_one_text(value: object) -> None:
    assert written(value) == {"a": "b", "c": "d:e", "monitor": "yes"}


@pytest.mark.parametrize("value", [None, 7, {}, "", [None]])
def test_what_is_no_text_has_no_tags(value: object) -> None:
    assert written(value) == {}
