"""asg-instance-refresh, performed on groups of the emulated account, where a refresh is over as soon as it has begun."""

from typing import Any

import pytest

from local.ssm.mishaps import How, Mishap
from tests.actions.groups import a_group
from tests.actions.theatre import Theatre
from watchkeeper.actions import catalogue
from watchkeeper.models import Resource

ACTION = catalogue()["asg-instance-refresh"]


def refreshes(theatre: Theatre, group: Resource) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = theatre.client("autoscaling").describe_instance_refreshes(AutoScalingGroupName=group.id)[
        "InstanceRefreshes"
    ]
    return found


def test_it_refreshes_once_and_is_proven(theatre: Theatre) -> None:
    target = a_group(theatre, "fresh")
    done = theatre.perform("asg-instance-refresh", target)
    assert (done.status, done.effects, done.failure) == ("Success", ACTION.calls, "")
    [one] = refreshes(theatre, target)
    assert done.execution.outputs == {"refresh.Id": [one["InstanceRefreshId"]]}
    asked = next(call for call in reversed(theatre.simulator.journal.effects) if call.api == "StartInstanceRefresh")
    assert asked.parameters["Preferences"] == {"MinHealthyPercentage": 90}
    assert done.after.state == done.before.state
    assert done.proven
    assert (ACTION.reversible, ACTION.inverse.startswith("cancel the instance refresh")) == (False, True)


def test_a_group_that_nobody_marked_is_left_alone(theatre: Theatre) -> None:
    target = a_group(theatre, "stale", allowed=False)
    done = theatre.perform("asg-instance-refresh", target)
    assert (done.status, done.effects, refreshes(theatre, target)) == ("Failed", (), [])


def test_one_that_hangs_is_told_and_not_started_again(theatre: Theatre) -> None:
    target = a_group(theatre, "hanging")
    theatre.simulator.mishaps.plan(Mishap("waitUntilEnded", How.FAIL, "asg-instance-refresh", "it was not done in time"))
    done = theatre.perform("asg-instance-refresh", target)
    assert (done.status, done.effects, len(refreshes(theatre, target))) == ("Failed", ACTION.calls, 1)
    assert "not done in time" in done.failure


@pytest.mark.parametrize(
    ("state", "says"),
    [
        ({"desired_capacity": 2}, "not known"),
        ({"desired_capacity": 2, "launches": "none"}, "not known"),
        ({"desired_capacity": 0, "launches": "lt-1 version 1"}, "no instance to replace"),
        ({"launches": "lt-1 version 1"}, "no instance to replace"),
    ],
)
def test_what_is_refused_says_why(state: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        ACTION.parameters(Resource(type="autoscaling:group", id="web"), state, {})
