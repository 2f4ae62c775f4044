"""ec2-restart, performed on an instance of the emulated account."""

import pytest

from local.ssm.mishaps import How, Mishap
from tests.actions.hosts import an_instance
from tests.actions.theatre import Theatre


def test_it_restarts_once_and_is_proven(theatre: Theatre) -> None:
    done = theatre.perform("ec2-restart", an_instance(theatre))
    assert (done.status, done.effects, done.failure) == ("Success", ("ec2:RebootInstances",), "")
    assert done.after.state == done.before.state
    assert done.proven


def test_an_instance_that_nobody_marked_is_left_alone(theatre: Theatre) -> None:
    done = theatre.perform("ec2-restart", an_instance(theatre, allowed=False))
    assert (done.status, done.effects) == ("Failed", ())
    assert "assertAllowed" in done.failure


def test_one_that_is_marked_otherwise_is_left_alone(theatre: Theatre) -> None:
    target = an_instance(theatre)
    theatre.client("ec2").create_tags(Resources=[target.id], Tags=[{"Key": "AutoRemediate", "Value": "false"}])
    done = theatre.perform("ec2-restart", target)
    assert (done.status, done.effects) == ("Failed", ())


def test_one_that_does_not_run_is_left_alone(theatre: Theatre) -> None:
    target = an_instance(theatre)
    theatre.client("ec2").stop_instances(InstanceIds=[target.id])
    done = theatre.perform("ec2-restart", target)
    assert (done.status, done.effects) == ("Failed", ())
    assert "assertRunning" in done.failure


def test_a_failure_after_the_call_is_told_and_not_tried_again(theatre: Theatre) -> None:
    theatre.simulator.mishaps.plan(Mishap("reboot", How.FAIL_AFTER, "ec2-restart", "the answer was lost"))
    done = theatre.perform("ec2-restart", an_instance(theatre))
    assert (done.status, done.effects) == ("Failed", ("ec2:RebootInstances",))
    assert "the answer was lost" in done.failure


def test_nothing_brings_a_restart_back(theatre: Theatre) -> None:
    done = theatre.perform("ec2-restart", an_instance(theatre))
    with pytest.raises(ValueError, match="cannot be taken back"):
        theatre.undo(done)
