"""ecs-redeploy, performed on a service of the emulated account."""

import pytest

from local.ssm.mishaps import How, Mishap
from tests.actions.ecs_services import a_service, tasks_of
from tests.actions.theatre import Theatre
from watchkeeper.models import Resource

UPDATE = "ecs:UpdateService"


def test_it_replaces_every_task_and_is_proven(theatre: Theatre) -> None:
    service = a_service(theatre, "storefront", 3)
    old = set(tasks_of(theatre, service))
    done = theatre.perform("ecs-redeploy", service)
    assert (done.status, done.effects, done.failure) == ("Success", (UPDATE,), "")
    assert (done.before.name, done.before.fleet) == ("storefront", None)
    assert not old & set(tasks_of(theatre, service))
    assert done.after.state["deployment"] != done.before.state["deployment"]
    assert done.after.state["task_definition"] == done.before.state["task_definition"]
    assert (done.after.health, done.proven) == ({"tasks": "all running"}, True)


def test_nothing_brings_the_old_tasks_back(theatre: Theatre) -> None:
    done = theatre.perform("ecs-redeploy", a_service(theatre, "storefront-2"))
    with pytest.raises(ValueError, match="the old tasks are gone"):
        theatre.undo(done)


def test_a_lost_answer_is_told_and_not_tried_again(theatre: Theatre) -> None:
    theatre.simulator.mishaps.plan(Mishap("redeploy", How.FAIL_AFTER, "ecs-redeploy", "the answer was lost"))
    done = theatre.perform("ecs-redeploy", a_service(theatre, "storefront-3"))
    assert (done.status, done.effects) == ("Failed", (UPDATE,))
    assert "the answer was lost" in done.failure


def test_a_service_that_is_gone_is_not_touched(theatre: Theatre) -> None:
    service = a_service(theatre, "closed")
    theatre.client("ecs").delete_service(cluster="shop", service="closed", force=True)
    done = theatre.perform("ecs-redeploy", service)
    assert (done.status, done.effects) == ("Failed", ())
    assert not theatre.see(Resource(type="ecs:service", id="shop/never")).exists
