"""ec2-stop-start, performed on an instance of the emulated account."""

import threading

import pytest

from local.ssm.mishaps import How, Mishap
from tests.actions.hosts import an_instance
from tests.actions.theatre import Theatre
from watchkeeper.actions import catalogue

ACTION = catalogue()["ec2-stop-start"]


def test_it_is_stopped_and_started_once_and_is_proven(theatre: Theatre) -> None:
    done = theatre.perform("ec2-stop-start", an_instance(theatre))
    assert (done.status, done.effects, done.failure) == ("Success", ACTION.calls, "")
    assert (done.before.state["state"], done.after.state["state"]) == ("running", "running")
    assert done.execution.outputs == {"sayWhatItIs.State": ["running"]}
    assert done.proven
    with pytest.raises(ValueError, match="another host"):
        theatre.undo(done)


def test_an_instance_that_nobody_marked_is_left_alone(theatre: Theatre) -> None:
    done = theatre.perform("ec2-stop-start", an_instance(theatre, allowed=False))
    assert (done.status, done.effects, done.after.state["state"]) == ("Failed", (), "running")


def test_what_does_not_start_again_is_told_and_left_stopped(theatre: Theatre) -> None:
    theatre.simulator.mishaps.plan(Mishap("start", How.FAIL, "ec2-stop-start", "InsufficientInstanceCapacity"))
    done = theatre.perform("ec2-stop-start", an_instance(theatre))
    assert (done.status, done.effects, done.after.state["state"]) == ("Failed", ("ec2:StopInstances",), "stopped")
    assert "InsufficientInstanceCapacity" in done.failure
    assert not done.proven


def test_one_that_hangs_is_cancelled_and_told_where_it_stands(theatre: Theatre) -> None:
    theatre.simulator.mishaps.plan(Mishap("waitUntilStopped", How.HANG, "ec2-stop-start"))
    cancelling = threading.Timer(0.5, theatre.simulator.stop_all)
    cancelling.start()
    done = theatre.perform("ec2-stop-start", an_instance(theatre))
    cancelling.join()
    assert (done.status, done.effects, done.after.state["state"]) == ("Cancelled", ("ec2:StopInstances",), "stopped")
    assert [run.step.name for run in done.execution.runs][-1] == "waitUntilStopped"


def test_its_state_says_whether_it_can_be_stopped(theatre: Theatre) -> None:
    """The gate holds the state to `ready_when`; a member of a group has another word there, and so is refused."""
    target = an_instance(theatre)
    alone = theatre.see(target).state
    assert {name: (alone[name],) for name in ACTION.ready_when} == ACTION.ready_when
    theatre.client("ec2").create_tags(Resources=[target.id], Tags=[{"Key": "aws:autoscaling:groupName", "Value": "web"}])
    assert theatre.see(target).state["group"] == "web"
