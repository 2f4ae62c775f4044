"""ec2-grow-volume, performed on volumes of the emulated account."""

from typing import Any

import pytest

from local.ssm.mishaps import How, Mishap
from tests.actions.hosts import an_instance, marked
from tests.actions.theatre import Theatre
from watchkeeper.actions import catalogue
from watchkeeper.models import Resource

ACTION = catalogue()["ec2-grow-volume"]


def a_volume(theatre: Theatre, instance: Resource, *, allowed: bool = True, device: str = "/dev/xvdf") -> Resource:
    """A volume of 100 GiB, attached to the instance."""
    ec2 = theatre.client("ec2")
    tags = [{"ResourceType": "volume", "Tags": marked(allowed=allowed)}]
    made = ec2.create_volume(AvailabilityZone="us-east-1a", Size=100, VolumeType="gp3", TagSpecifications=tags)["VolumeId"]
    ec2.attach_volume(VolumeId=made, InstanceId=instance.id, Device=device)
    return Resource(type="ec2:volume", id=made, trusted=True)


def test_it_grows_to_the_orders_size_and_is_proven(theatre: Theatre) -> None:
    done = theatre.perform("ec2-grow-volume", a_volume(theatre, an_instance(theatre)), {"size_gib": 150})
    assert (done.status, done.effects, done.failure) == ("Success", ACTION.calls, "")
    assert (done.before.state["size_gib"], done.after.state["size_gib"]) == (100, 150)
    assert done.proven
    with pytest.raises(ValueError, match="cannot be made smaller"):
        theatre.undo(done)


def test_without_a_word_it_grows_by_a_fifth(theatre: Theatre) -> None:
    done = theatre.perform("ec2-grow-volume", a_volume(theatre, an_instance(theatre)))
    assert (done.parameters["SizeGib"], done.after.state["size_gib"]) == (["120"], 120)


def test_a_volume_that_nobody_marked_is_left_alone(theatre: Theatre) -> None:
    done = theatre.perform("ec2-grow-volume", a_volume(theatre, an_instance(theatre), allowed=False))
    assert (done.status, done.effects, done.after.state["size_gib"]) == ("Failed", (), 100)


def test_a_volume_that_nobody_uses_is_left_alone(theatre: Theatre) -> None:
    target = a_volume(theatre, an_instance(theatre))
    theatre.client("ec2").detach_volume(VolumeId=target.id)
    done = theatre.perform("ec2-grow-volume", target)
    assert (done.status, done.effects) == ("Failed", ())
    assert done.before.state["state"] not in ACTION.ready_when["state"]


def test_a_failure_after_the_call_is_told_and_not_tried_again(theatre: Theatre) -> None:
    theatre.simulator.mishaps.plan(Mishap("grow", How.FAIL_AFTER, "ec2-grow-volume", "the answer was lost"))
    done = theatre.perform("ec2-grow-volume", a_volume(theatre, an_instance(theatre)))
    assert (done.status, done.effects) == ("Failed", ACTION.calls)


def test_an_instances_own_volume_is_reached_where_there_is_no_doubt(theatre: Theatre) -> None:
    host = an_instance(theatre)
    [root] = theatre.inventory.reach("ec2:volume", host)
    assert theatre.see(root).state["attached_to"] == host.id
    data = a_volume(theatre, host)
    assert theatre.inventory.reach("ec2:volume", host) == [data]
    a_volume(theatre, host, device="/dev/xvdg")
    assert theatre.inventory.reach("ec2:volume", host) == []
    assert theatre.inventory.reach("ec2:volume", data) == []


def test_what_is_not_there_is_absent(theatre: Theatre) -> None:
    assert not theatre.see(Resource(type="ec2:volume", id="vol-0123456789abcdef0")).exists


@pytest.mark.parametrize(
    ("state", "given", "says"),
    [
        ({}, {}, "not known"),
        ({"size_gib": "100"}, {}, "not known"),
        ({"size_gib": 100}, {"size_gib": "150"}, "whole number"),
        ({"size_gib": 100}, {"size_gib": True}, "whole number"),
        ({"size_gib": 100}, {"size_gib": 100}, "has 100 GiB already"),
        ({"size_gib": 100}, {"size_gib": 50}, "cannot be made smaller"),
        ({"size_gib": 100}, {"size_gib": 201}, "200 at most"),
        ({"size_gib": 16384}, {}, "too much"),
    ],
)
def test_a_size_that_is_refused_says_why(state: dict[str, Any], given: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        ACTION.parameters(Resource(type="ec2:volume", id="vol-0123456789abcdef0"), state, given)


@pytest.mark.parametrize(("now", "size"), [(1, "2"), (8, "10"), (100, "120"), (2500, "3000"), (8000, "8500")])
def test_a_fifth_more_but_not_more_than_500(now: int, size: str) -> None:
    found = ACTION.parameters(Resource(type="ec2:volume", id="vol-0123456789abcdef0"), {"size_gib": now}, {})
    assert found.for_runbook()["SizeGib"] == [size]
