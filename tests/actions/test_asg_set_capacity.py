"""asg-set-capacity, performed on groups of the emulated account."""

from typing import Any

import pytest

from local.ssm.mishaps import How, Mishap
from tests.actions.groups import a_group, let_go
from tests.actions.theatre import Theatre
from watchkeeper.actions import catalogue
from watchkeeper.models import Resource

ACTION = catalogue()["asg-set-capacity"]


def test_it_sets_the_orders_capacity_is_proven_and_is_brought_back(theatre: Theatre) -> None:
    done = theatre.perform("asg-set-capacity", a_group(theatre, "shop", desired=2), {"desired": 4})
    assert (done.status, done.effects, done.failure) == ("Success", ACTION.calls, "")
    assert (done.before.state["desired_capacity"], done.after.state["desired_capacity"]) == (2, 4)
    assert (done.proven, done.after.health) == (True, {"capacity": "all in service"})
    assert ACTION.holds(done.parameters, done.after.state)
    assert done.execution.outputs == {"sayWhatItIs.Desired": ["4"]}
    undone = theatre.undo(done)
    assert (undone.status, undone.effects, undone.parameters["Desired"]) == ("Success", ACTION.calls, ["2"])
    assert undone.after.state == done.before.state


def test_without_a_word_it_has_a_quarter_more(theatre: Theatre) -> None:
    done = theatre.perform("asg-set-capacity", a_group(theatre, "quarter", desired=5))
    assert (done.parameters["Desired"], done.after.state["desired_capacity"]) == (["7"], 7)


def test_a_group_that_nobody_marked_is_left_alone(theatre: Theatre) -> None:
    """Beside one that is marked: the simulator judges the filter of the tags, which the emulator does not."""
    a_group(theatre, "marked")
    done = theatre.perform("asg-set-capacity", a_group(theatre, "unmarked", allowed=False), {"desired": 3})
    assert (done.status, done.effects, done.after.state["desired_capacity"]) == ("Failed", (), 2)
    assert "assertAllowed" in done.failure


def test_a_group_that_is_gone_is_told(theatre: Theatre) -> None:
    target = a_group(theatre, "gone")
    parameters = theatre.plan("asg-set-capacity", target)
    let_go(theatre, target)
    done = theatre.run("asg-set-capacity", target, parameters)
    assert (done.status, done.effects, done.after.exists) == ("Failed", (), False)


def test_a_failure_after_the_call_is_told_and_is_brought_back(theatre: Theatre) -> None:
    theatre.simulator.mishaps.plan(Mishap("setCapacity", How.FAIL_AFTER, "asg-set-capacity", "the answer was lost"))
    done = theatre.perform("asg-set-capacity", a_group(theatre, "lost"), {"desired": 3})
    assert (done.status, done.effects, done.after.state["desired_capacity"]) == ("Failed", ACTION.calls, 3)
    assert theatre.undo(done).after.state["desired_capacity"] == 2


def test_it_is_reached_from_an_instance_of_the_group(theatre: Theatre) -> None:
    target = a_group(theatre, "reached")
    [group] = theatre.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=["reached"])["AutoScalingGroups"]
    host = Resource(type="ec2:instance", id=group["Instances"][0]["InstanceId"], trusted=True)
    assert theatre.inventory.reach("autoscaling:group", host) == [target]
    assert theatre.inventory.reach("autoscaling:group", host.but(id="i-0123456789abcdef0")) == []
    assert theatre.inventory.reach("autoscaling:group", host.but(type="ec2:volume")) == []


def state(now: int, least: int = 1, most: int = 10) -> dict[str, Any]:
    return {"desired_capacity": now, "min_size": least, "max_size": most}


@pytest.mark.parametrize(
    ("state", "given", "says"),
    [
        ({}, {}, "not known"),
        (state(10), {}, "the most that it may have"),
        (state(2), {"desired": "3"}, "whole number"),
        (state(2), {"desired": True}, "whole number"),
        (state(2), {"desired": 2}, "already"),
        (state(8), {"desired": 11}, "too far"),
        (state(2), {"desired": 5}, "too far"),
        (state(8), {"desired": 3}, "too far"),
        (state(2, least=2), {"desired": 1}, "too far"),
        (state(1, least=0), {"desired": 0}, "too far"),
    ],
)
def test_a_capacity_that_is_refused_says_why(state: dict[str, Any], given: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        ACTION.parameters(Resource(type="autoscaling:group", id="web"), state, given)


@pytest.mark.parametrize(
    ("state", "given", "desired"),
    [
        (state(0, least=0), {}, "1"),
        (state(1), {}, "2"),
        (state(4), {}, "5"),
        (state(8), {}, "10"),
        (state(9), {}, "10"),
        (state(8), {"desired": 4}, "4"),
        (state(5), {"desired": 10}, "10"),
    ],
)
def test_a_capacity_within_bounds(state: dict[str, Any], given: dict[str, Any], desired: str) -> None:
    found = ACTION.parameters(Resource(type="autoscaling:group", id="web"), state, given)
    assert found.for_runbook() == {"Group": ["web"], "Desired": [desired]}


@pytest.mark.parametrize("name", ["", "web group", "web; reboot", "-web", "web\n"])
def test_a_group_has_a_plain_name(name: str) -> None:
    with pytest.raises(ValueError, match="group"):
        ACTION.parameters(Resource(type="autoscaling:group", id=name), state(2), {})
