"""ecs-scale, performed on a service of the emulated account."""

from typing import Any

import pytest

from local.ssm.mishaps import How, Mishap
from tests.actions.ecs_services import a_service, tasks_of
from tests.actions.theatre import Theatre
from watchkeeper.actions import catalogue
from watchkeeper.models import Resource

UPDATE = "ecs:UpdateService"
SERVICE = Resource(type="ecs:service", id="shop/web", trusted=True)


@pytest.mark.parametrize(("before", "given", "after"), [(2, {}, 3), (2, {"desired": 5}, 5), (4, {"desired": 1}, 1)])
def test_it_sets_the_number_and_the_inverse_the_one_before(theatre: Theatre, before: int, given: dict[str, int], after: int) -> None:
    service = a_service(theatre, f"web-{before}-{after}", before)
    done = theatre.perform("ecs-scale", service, given)
    assert (done.status, done.effects, done.failure) == ("Success", (UPDATE,), "")
    assert (done.before.state["desired_count"], done.after.state["desired_count"], len(tasks_of(theatre, service))) == (
        before,
        after,
        after,
    )
    assert done.execution.outputs == {"sayHowMany.Desired": [str(after)], "sayHowMany.Running": [str(after)]}
    assert done.action.holds(done.parameters, done.after.state)
    assert done.proven
    back = theatre.undo(done)
    assert (back.status, back.effects, back.after.state) == ("Success", (UPDATE,), done.before.state)
    assert len(tasks_of(theatre, service)) == before


def test_a_second_run_of_the_same_plan_changes_nothing_more(theatre: Theatre) -> None:
    service = a_service(theatre, "twice")
    done = theatre.perform("ecs-scale", service)
    again = theatre.run("ecs-scale", service, done.parameters)
    assert (again.status, again.after.state) == ("Success", done.after.state)


@pytest.mark.parametrize(("how", "effects"), [(How.FAIL, ()), (How.FAIL_AFTER, (UPDATE,))])
def test_a_failure_is_told_and_not_tried_again(theatre: Theatre, how: How, effects: tuple[str, ...]) -> None:
    theatre.simulator.mishaps.plan(Mishap("scale", how, "ecs-scale", "told so"))
    done = theatre.perform("ecs-scale", a_service(theatre, f"unlucky-{how.value.replace('_', '-')}"))
    assert (done.status, done.effects) == ("Failed", effects)
    assert "told so" in done.failure


def test_a_daemon_has_no_number(theatre: Theatre) -> None:
    service = a_service(theatre, "daemon")
    planned = theatre.plan("ecs-scale", service)
    ecs = theatre.client("ecs")
    ecs.delete_service(cluster="shop", service="daemon", force=True)
    ecs.create_service(cluster="shop", serviceName="daemon", taskDefinition="daemon", schedulingStrategy="DAEMON")
    done = theatre.run("ecs-scale", service, planned)
    assert (done.before.state["scheduling"], done.status, done.effects) == ("DAEMON", "Failed", ())
    assert catalogue()["ecs-scale"].ready_when["scheduling"] == ("REPLICA",)


@pytest.mark.parametrize(("now", "wanted"), [(1, 2), (2, 3), (5, 7), (16, 20), (19, 20)])
def test_half_as_many_again_within_bounds(now: int, wanted: int) -> None:
    made = catalogue()["ecs-scale"].parameters(SERVICE, {"desired_count": now}, {})
    assert made.for_runbook() == {"Cluster": ["shop"], "Service": ["web"], "DesiredCount": [str(wanted)]}


@pytest.mark.parametrize(
    ("now", "given", "why"),
    [
        pytest.param(0, {}, "no tasks at all", id="it stands still"),
        pytest.param(0, {"desired": 3}, "no tasks at all", id="it stands still, whatever the order says"),
        pytest.param(20, {}, "beyond 20 the standing order has to give the number", id="large"),
        pytest.param(3, {"desired": 3}, "is to run 3 tasks already", id="as it is"),
        *(pytest.param(3, {"desired": bad}, "a number from 1 to 500", id=repr(bad)) for bad in (0, -1, 501, "5", 2.5, True, None)),
    ],
)
def test_what_it_refuses(now: int, given: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        catalogue()["ecs-scale"].parameters(SERVICE, {"desired_count": now}, given)
