"""ec2-restart, performed on an instance of the emulated account."""

import pytest

from local.ssm.mishaps import How, Mishap
from tests.actions.theatre import Theatre
from watchkeeper.models import Resource


def an_instance(theatre: Theatre) -> Resource:
    tags = [{"Key": "Name", "Value": "host"}, {"Key": "AutoRemediate", "Value": "true"}]
    made = theatre.client("ec2").run_instances(
        ImageId="ami-12345678",
        InstanceType="t3.micro",
        MinCount=1,
        MaxCount=1,
        TagSpecifications=[{"ResourceType": "instance", "Tags": tags}],
    )
    return Resource(type="ec2:instance", id=made["Instances"][0]["InstanceId"], trusted=True)


def test_it_restarts_once_and_is_proven(theatre: Theatre) -> None:
    done = theatre.perform("ec2-restart", an_instance(theatre))
    assert (done.status, done.effects, done.failure) == ("Success", ("ec2:RebootInstances",), "")
    assert done.after.state == done.before.state
    assert done.proven


def test_a_failure_after_the_call_is_told_and_not_tried_again(theatre: Theatre) -> None:
    theatre.simulator.mishaps.plan(Mishap("reboot", How.FAIL_AFTER, "ec2-restart", "the answer was lost"))
    done = theatre.perform("ec2-restart", an_instance(theatre))
    assert (done.status, done.effects) == ("Failed", ("ec2:RebootInstances",))
    assert "the answer was lost" in done.failure


def test_nothing_brings_a_restart_back(theatre: Theatre) -> None:
    done = theatre.perform("ec2-restart", an_instance(theatre))
    with pytest.raises(ValueError, match="cannot be taken back"):
        theatre.undo(done)
