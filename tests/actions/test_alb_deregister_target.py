"""alb-deregister-target, performed in the emulated account, where every target is healthy, and in moto, which knows more of their ways."""

from collections.abc import Iterator
from typing import Any

import pytest

from local.ssm.mishaps import How, Mishap
from tests.actions.hosts import an_instance, in_moto
from tests.actions.theatre import Theatre
from watchkeeper.actions import catalogue
from watchkeeper.models import Resource

ACTION = catalogue()["alb-deregister-target"]
OUT, IN = ACTION.calls
ARN = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/50dc6c495c0c9188"


@pytest.fixture
def moto() -> Iterator[Theatre]:
    with in_moto() as theatre:
        yield theatre


def a_target_group(theatre: Theatre, name: str, *instances: Resource) -> str:
    """A marked target group behind a load balancer, with these instances in it."""
    ec2, elb = theatre.client("ec2"), theatre.client("elbv2")
    subnets = ec2.describe_subnets()["Subnets"]
    made = elb.create_target_group(Name=name, Protocol="HTTP", Port=8080, VpcId=subnets[0]["VpcId"], TargetType="instance")
    arn: str = made["TargetGroups"][0]["TargetGroupArn"]
    elb.add_tags(ResourceArns=[arn], Tags=[{"Key": "AutoRemediate", "Value": "true"}])
    balancer = elb.create_load_balancer(Name=name, Subnets=[one["SubnetId"] for one in subnets[:2]])["LoadBalancers"][0]
    action: Any = {"Type": "forward", "TargetGroupArn": arn}
    elb.create_listener(LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTP", Port=80, DefaultActions=[action])
    elb.register_targets(TargetGroupArn=arn, Targets=[{"Id": one.id, "Port": 8080} for one in instances])
    return arn


def in_group(name: str, instance: Resource) -> Resource:
    return Resource(type="elb:target", id=f"{name}/{instance.id}/8080", trusted=True)


@pytest.mark.parametrize("where", ["moto", "theatre"])
def test_it_is_taken_out_and_put_back(where: str, request: pytest.FixtureRequest) -> None:
    stage: Theatre = request.getfixturevalue(where)
    one, other = an_instance(stage), an_instance(stage)
    arn = a_target_group(stage, "web", one, other)
    done = stage.perform("alb-deregister-target", in_group("web", one))
    assert (done.status, done.effects, done.failure) == ("Success", (OUT,), "")
    assert done.parameters == {"TargetGroupArn": [arn], "TargetId": [one.id], "Port": ["8080"], "Registered": ["no"]}
    assert (done.before.state["registered"], done.after.state["registered"]) == ("yes", "no")
    assert ACTION.holds(done.parameters, done.after.state)
    undone = stage.undo(done)
    assert (undone.status, undone.effects, undone.parameters["Registered"]) == ("Success", (IN,), ["yes"])
    assert (undone.after.state, undone.after.health) == (done.before.state, done.before.health)


def test_the_others_of_the_group_are_its_fleet(moto: Theatre) -> None:
    one, other = an_instance(moto), an_instance(moto)
    a_target_group(moto, "web", one, other)
    seen = moto.see(in_group("web", one))
    assert seen.fleet
    assert (seen.fleet.name, seen.fleet.size, seen.fleet.healthy, seen.fleet.target_healthy) == ("elb:target-group/web", 2, 2, True)
    assert (seen.tags, seen.account, seen.name) == ({"AutoRemediate": "true"}, "123456789012", f"{one.id} in web")
    moto.perform("alb-deregister-target", in_group("web", other))
    fleet = moto.see(in_group("web", one)).fleet
    assert fleet
    assert (fleet.size, fleet.healthy) == (1, 1)


def test_a_target_group_that_is_gone_is_told(moto: Theatre) -> None:
    target = in_group("web", an_instance(moto))
    parameters = {"TargetGroupArn": [ARN], "TargetId": [target.id.split("/")[1]], "Port": ["8080"], "Registered": ["no"]}
    done = moto.run("alb-deregister-target", target, parameters)
    assert (done.status, done.effects, done.before.exists) == ("Failed", (), False)


def test_a_failure_after_the_call_is_told_and_is_put_back(moto: Theatre) -> None:
    one = an_instance(moto)
    a_target_group(moto, "web", one)
    moto.simulator.mishaps.plan(Mishap("takeOut", How.FAIL_AFTER, "alb-deregister-target", "the answer was lost"))
    done = moto.perform("alb-deregister-target", in_group("web", one))
    assert (done.status, done.effects, done.after.state["registered"]) == ("Failed", (OUT,), "no")
    assert moto.undo(done).after.state["registered"] == "yes"


def test_it_is_reached_from_an_instance_that_is_in_one_place(moto: Theatre) -> None:
    one = an_instance(moto)
    assert moto.inventory.reach("elb:target", one) == []
    a_target_group(moto, "web", one)
    assert moto.inventory.reach("elb:target", one) == [in_group("web", one)]
    assert moto.inventory.reach("elb:target", one.but(type="ec2:volume")) == []
    a_target_group(moto, "api", one)
    assert moto.inventory.reach("elb:target", one) == []


@pytest.mark.parametrize(
    ("name", "state", "says"),
    [
        ("web/i-0123456789abcdef0", {"target_group": ARN}, "is written"),
        ("web/i-0123456789abcdef0/80/x", {"target_group": ARN}, "is written"),
        ("web/i-0123456789abcdef0/80", {}, "is not known"),
        ("web/i-0123; reboot/80", {"target_group": ARN}, "target_id"),
        ("web/i-0123456789abcdef0/0", {"target_group": ARN}, "port"),
        ("web/i-0123456789abcdef0/80", {"target_group": "web"}, "target_group_arn"),
    ],
)
def test_what_is_refused_says_why(name: str, state: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        ACTION.parameters(Resource(type="elb:target", id=name), state, {})


def test_an_address_is_a_target_too() -> None:
    found = ACTION.parameters(Resource(type="elb:target", id="web/10.0.3.17/80"), {"target_group": ARN}, {})
    assert found.for_runbook()["TargetId"] == ["10.0.3.17"]
