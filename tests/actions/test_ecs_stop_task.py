"""ecs-stop-task, performed on services of the emulated account, which local/ecs keeps at their number."""

from collections.abc import Iterator
from typing import Any

import pytest

from local.ecs.server import Door
from local.ssm.mishaps import How, Mishap
from remediation.inventory import AwsInventory
from tests.actions.ecs_services import CLUSTER, OURS, a_service, a_task, scheduled, tasks_of
from tests.actions.theatre import Theatre
from watchkeeper.actions import catalogue
from watchkeeper.models import Resource

STOP = "ecs:StopTask"
UNWELL = {"healthStatus": "UNHEALTHY"}


@pytest.fixture(scope="module")
def stage(theatre: Theatre) -> Iterator[tuple[Theatre, Door]]:
    with scheduled(theatre) as made:
        yield made


def test_it_stops_this_task_and_the_service_starts_another(stage: tuple[Theatre, Door]) -> None:
    theatre, _ = stage
    service = a_service(theatre, "front", 3)
    others = set(tasks_of(theatre, service))
    task = a_task(theatre, service)
    done = theatre.perform("ecs-stop-task", task)
    assert (done.status, done.effects, done.failure) == ("Success", (STOP,), "")
    assert (done.before.state["wanted"], done.after.state["wanted"]) == ("RUNNING", "STOPPED")
    assert (done.before.tags, done.before.name) == ({"AutoRemediate": "true"}, "a task of front")
    assert (done.after.health, done.proven) == ({"task": "stopped", "tasks of the service": "all running"}, True)
    own_id = task.id.partition("/")[2]
    now = set(tasks_of(theatre, service))
    assert (others - now, len(now)) == ({own_id}, 3)
    assert done.execution.outputs == {"sayWhy.StoppedReason": [f"Watchkeeper, automation {done.execution.id}"]}
    with pytest.raises(ValueError, match="does not run again"):
        theatre.undo(done)


def test_its_fleet_are_the_running_tasks_of_its_service(stage: tuple[Theatre, Door]) -> None:
    theatre, door = stage
    task = a_task(theatre, a_service(theatre, "pair", 2))
    fleet = theatre.see(task).fleet
    assert fleet
    assert (fleet.name, fleet.size, fleet.healthy, fleet.zone, fleet.size_in_zone, fleet.target_healthy) == (
        "ecs:service/shop/pair", 2, 2, "us-east-1a", 2, True,
    )  # fmt: skip
    door.tasks[task.id.partition("/")[2]] = UNWELL
    fleet = theatre.see(task).fleet
    assert fleet
    assert (fleet.healthy, fleet.target_healthy) == (1, False)
    assert theatre.see(task).health["task"] == "unhealthy"
    assert catalogue()["ecs-stop-task"].takes_out


@pytest.mark.parametrize(("unwell", "reached"), [(0, 0), (1, 1), (2, 0)])
def test_it_is_reached_where_one_task_is_unwell_and_no_more(stage: tuple[Theatre, Door], unwell: int, reached: int) -> None:
    theatre, door = stage
    service = a_service(theatre, f"reach-{unwell}", 3)
    ids = tasks_of(theatre, service)[:unwell]
    door.tasks.update(dict.fromkeys(ids, UNWELL))
    found = theatre.inventory.reach("ecs:task", service)
    assert [one.id for one in found] == [f"{CLUSTER}/{one}" for one in ids[:reached]]
    assert all(one.trusted and one.type == "ecs:task" for one in found)


def test_nothing_is_reached_from_what_is_no_service_or_is_not_there(stage: tuple[Theatre, Door]) -> None:
    theatre, _ = stage
    for start in (Resource(type="ecs:cluster", id=CLUSTER), Resource(type="ecs:service", id="shop/never")):
        assert theatre.inventory.reach("ecs:task", start) == []
    assert not theatre.see(Resource(type="ecs:task", id=f"{CLUSTER}/{'0' * 32}")).exists
    assert not theatre.see(Resource(type="ecs:task", id=f"nowhere/{'0' * 32}")).exists


def test_a_task_of_nobody_is_left_alone(stage: tuple[Theatre, Door]) -> None:
    theatre, _ = stage
    a_service(theatre, "nobody")
    made = theatre.client("ecs").run_task(cluster=CLUSTER, taskDefinition="nobody", tags=OURS)["tasks"][0]
    task = Resource(type="ecs:task", id=f"{CLUSTER}/{made['taskArn'].rpartition('/')[2]}", trusted=True)
    assert (theatre.see(task).state["service"], theatre.see(task).fleet) == ("none", None)
    with pytest.raises(ValueError, match="no service started this task"):
        theatre.plan("ecs-stop-task", task)
    own_id = task.id.partition("/")[2]
    done = theatre.run("ecs-stop-task", task, {"Cluster": [CLUSTER], "Task": [own_id], "Service": ["nobody"]})
    assert (done.status, done.effects) == ("Failed", ())


def test_a_task_that_is_stopped_already_is_not_stopped_again(stage: tuple[Theatre, Door]) -> None:
    theatre, _ = stage
    task = a_task(theatre, a_service(theatre, "once"))
    done = theatre.perform("ecs-stop-task", task)
    again = theatre.run("ecs-stop-task", task, done.parameters)
    assert (again.status, again.effects) == ("Failed", ())


def test_a_failure_after_the_call_is_told_and_not_tried_again(stage: tuple[Theatre, Door]) -> None:
    theatre, _ = stage
    theatre.simulator.mishaps.plan(Mishap("stop", How.FAIL_AFTER, "ecs-stop-task", "the answer was lost"))
    done = theatre.perform("ecs-stop-task", a_task(theatre, a_service(theatre, "lost")))
    assert (done.status, done.effects) == ("Failed", (STOP,))
    assert "the answer was lost" in done.failure


class Stuck:
    """An ECS whose service is in the midst of a deployment, with three tasks of it: two that have not come up, and one that runs."""

    def __init__(self, **but: Any) -> None:
        self.primary = {"id": "ecs-svc/2", "status": "PRIMARY", "rolloutState": "IN_PROGRESS", "failedTasks": 3} | but
        self.meta = type("Meta", (), {"region_name": "eu-west-1"})

    def describe_services(self, **_: object) -> dict[str, object]:
        return {"services": [{"status": "ACTIVE", "desiredCount": 3, "deployments": [self.primary]}]}

    def list_tasks(self, **_: object) -> dict[str, object]:
        return {"taskArns": ["all"]}

    def describe_tasks(self, **_: object) -> dict[str, object]:
        return {"tasks": [told("c", 3, "PENDING"), told("a", 1, "RUNNING"), told("b", 2, "PENDING"), told("d", 0, "PENDING", "ecs-svc/1")]}


def told(own_id: str, at: int, status: str, by: str = "ecs-svc/2") -> dict[str, Any]:
    arn = f"arn:aws:ecs:eu-west-1:123456789012:task/shop/{own_id * 32}"
    return {"taskArn": arn, "createdAt": at, "lastStatus": status, "healthStatus": "UNKNOWN", "startedBy": by}


@pytest.mark.parametrize(
    ("but", "reached"),
    [
        pytest.param({}, [f"shop/{'b' * 32}"], id="stuck: the oldest of it that has not come up"),
        pytest.param({"failedTasks": 0}, [], id="it has lost none, so it may only be slow"),
        pytest.param({"rolloutState": "COMPLETED"}, [], id="it is through"),
    ],
)
def test_of_a_stuck_deployment_the_oldest_that_has_not_come_up_is_reached(but: dict[str, Any], reached: list[str]) -> None:
    inventory = AwsInventory(lambda _: Stuck(**but))
    assert [one.id for one in inventory.reach("ecs:task", Resource(type="ecs:service", id="shop/web"))] == reached
