"""asg-replace-instance, performed in moto: the emulator cannot end an instance of a group, and its groups have no real instances."""

from collections.abc import Iterator

import pytest

from local.ssm.mishaps import How, Mishap
from tests.actions.groups import a_group, members
from tests.actions.hosts import an_instance, in_moto
from tests.actions.theatre import Theatre
from watchkeeper.actions import catalogue
from watchkeeper.models import Resource

ACTION = catalogue()["asg-replace-instance"]


@pytest.fixture
def moto() -> Iterator[Theatre]:
    with in_moto() as theatre:
        yield theatre


def a_member(theatre: Theatre, group: Resource) -> Resource:
    return Resource(type="ec2:instance", id=members(theatre, group)[0], trusted=True)


def test_another_one_takes_its_place(moto: Theatre) -> None:
    group = a_group(moto, "web", desired=3)
    target = a_member(moto, group)
    done = moto.perform("asg-replace-instance", target)
    assert (done.status, done.effects, done.failure) == ("Success", ACTION.calls, "")
    assert (done.before.state["state"], done.after.state["state"]) == ("running", "terminated")
    assert (target.id in members(moto, group), len(members(moto, group))) == (False, 3)
    with pytest.raises(ValueError, match="the instance is gone"):
        moto.undo(done)


def test_its_fleet_is_its_group(moto: Theatre) -> None:
    fleet = moto.see(a_member(moto, a_group(moto, "web", desired=3))).fleet
    assert fleet
    assert (fleet.name, fleet.size, fleet.healthy, fleet.target_healthy) == ("autoscaling:group/web", 3, 3, True)
    assert ACTION.takes_out


def test_an_instance_that_nobody_marked_is_left_alone(moto: Theatre) -> None:
    group = a_group(moto, "web")
    target = a_member(moto, group)
    moto.client("ec2").delete_tags(Resources=[target.id], Tags=[{"Key": "AutoRemediate"}])
    done = moto.perform("asg-replace-instance", target)
    assert (done.status, done.effects, done.after.state["state"]) == ("Failed", (), "running")


def test_an_instance_of_a_group_that_nobody_marked_is_left_alone(moto: Theatre) -> None:
    group = a_group(moto, "web", allowed=False)
    target = a_member(moto, group)
    moto.client("ec2").create_tags(Resources=[target.id], Tags=[{"Key": "AutoRemediate", "Value": "true"}])
    done = moto.perform("asg-replace-instance", target)
    assert (done.status, done.effects, done.after.state["state"]) == ("Failed", (), "running")
    assert "assertGroupAllowed" in done.failure


def test_an_instance_of_another_group_is_left_alone(moto: Theatre) -> None:
    target = a_member(moto, a_group(moto, "web"))
    a_group(moto, "other")
    done = moto.run("asg-replace-instance", target, {"InstanceId": [target.id], "Group": ["other"]})
    assert (done.status, done.effects) == ("Failed", ())
    assert "assertMember" in done.failure


def test_a_failure_after_the_call_is_told_and_not_tried_again(moto: Theatre) -> None:
    moto.simulator.mishaps.plan(Mishap("endInstance", How.FAIL_AFTER, "asg-replace-instance", "the answer was lost"))
    group = a_group(moto, "web")
    done = moto.perform("asg-replace-instance", a_member(moto, group))
    assert (done.status, done.effects) == ("Failed", ACTION.calls)
    assert "the answer was lost" in done.failure


def test_one_that_is_in_no_group_is_refused(moto: Theatre) -> None:
    with pytest.raises(ValueError, match="in no Auto Scaling group"):
        moto.plan("asg-replace-instance", an_instance(moto))
