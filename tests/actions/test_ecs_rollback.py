"""ecs-rollback, performed on services of the emulated account, whose history local/ecs keeps."""

from collections.abc import Iterator

import pytest

from local.ecs.server import Door
from local.ssm.mishaps import How, Mishap
from remediation.inventory import AwsInventory
from tests.actions.ecs_services import CLUSTER, a_revision, a_service, deploy, scheduled, tasks_of
from tests.actions.theatre import Theatre
from watchkeeper.actions import catalogue
from watchkeeper.models import Resource

UPDATE = "ecs:UpdateService"


@pytest.fixture(scope="module")
def stage(theatre: Theatre) -> Iterator[tuple[Theatre, Door]]:
    with scheduled(theatre) as made:
        yield made


def revisions(theatre: Theatre, family: str, number: int) -> list[str]:
    return [a_revision(theatre, family) for _ in range(number)]


def former(theatre: Theatre, service: Resource) -> str:
    found: str = theatre.see(service).state["former_task_definition"]
    return found


def test_it_goes_back_to_what_ran_before_and_the_inverse_to_what_runs_now(stage: tuple[Theatre, Door]) -> None:
    theatre, _ = stage
    one, _skipped, three = revisions(theatre, "orders", 3)
    service = a_service(theatre, "orders", revision=one)
    deploy(theatre, service, three)
    done = theatre.perform("ecs-rollback", service)
    assert (done.status, done.effects, done.failure) == ("Success", (UPDATE,), "")
    assert done.parameters["TaskDefinition"] == [one]
    assert (done.before.state["task_definition"], done.after.state["task_definition"]) == (three, one)
    assert done.execution.outputs["rollBack.TaskDefinition"] == [one]
    assert done.action.holds(done.parameters, done.after.state)
    assert done.proven
    assert len(tasks_of(theatre, service)) == 2
    back = theatre.undo(done)
    assert (back.status, back.effects, back.after.state["task_definition"]) == ("Success", (UPDATE,), three)
    deployment = {"deployment": back.after.state["deployment"]}  # a new one, as every one is
    assert back.after.state == {**done.before.state, **deployment}


def test_a_revision_that_never_ran_here_or_failed_is_not_what_ran_before(stage: tuple[Theatre, Door]) -> None:
    theatre, door = stage
    one, two, three = revisions(theatre, "basket", 3)
    service = a_service(theatre, "basket", revision=one)
    assert former(theatre, service) == "none"
    door.history.failed.add(deploy(theatre, service, two))
    deploy(theatre, service, three)
    assert former(theatre, service) == one


def test_what_was_rolled_back_by_hand_is_not_rolled_forward(stage: tuple[Theatre, Door]) -> None:
    theatre, _ = stage
    one, two, three = revisions(theatre, "search", 3)
    service = a_service(theatre, "search", revision=one)
    for each, before in ((two, one), (three, two), (two, one)):
        deploy(theatre, service, each)
        assert former(theatre, service) == before
    deploy(theatre, service, one)
    assert former(theatre, service) == "none"


def test_a_revision_that_was_deregistered_or_is_of_another_family_does_not_count(stage: tuple[Theatre, Door]) -> None:
    theatre, _ = stage
    other, (one, two) = a_revision(theatre, "other"), revisions(theatre, "mail", 2)
    service = a_service(theatre, "mail", revision=other)
    deploy(theatre, service, two)
    assert former(theatre, service) == "none"
    deploy(theatre, service, one)
    deploy(theatre, service, two)
    assert former(theatre, service) == one
    planned = theatre.plan("ecs-rollback", service)
    theatre.client("ecs").deregister_task_definition(taskDefinition=one)
    assert former(theatre, service) == "none"
    done = theatre.run("ecs-rollback", service, planned)
    assert (done.status, done.effects) == ("Failed", ())
    assert "INACTIVE" in done.failure


def test_a_failure_after_the_call_is_told_and_can_be_taken_back(stage: tuple[Theatre, Door]) -> None:
    theatre, _ = stage
    one, two = revisions(theatre, "pay", 2)
    service = a_service(theatre, "pay", revision=one)
    deploy(theatre, service, two)
    theatre.simulator.mishaps.plan(Mishap("waitUntilRolledOut", How.FAIL, "ecs-rollback", "it never came up"))
    done = theatre.perform("ecs-rollback", service)
    assert (done.status, done.effects) == ("Failed", (UPDATE,))
    assert "it never came up" in done.failure
    assert theatre.undo(done).after.state["task_definition"] == two


class Rolling:
    """An ECS with a deployment under way: the one that it replaces stands beside it, and there is no history of either."""

    def __init__(self, rollout: str) -> None:
        self.rollout = rollout
        self.meta = type("Meta", (), {"region_name": "eu-west-1"})

    def describe_services(self, **_: object) -> dict[str, object]:
        primary = {"id": "ecs-svc/2", "status": "PRIMARY", "taskDefinition": arn(7), "rolloutState": "IN_PROGRESS", "runningCount": 0}
        replaced = {"id": "ecs-svc/1", "status": "ACTIVE", "taskDefinition": arn(5), "rolloutState": self.rollout, "runningCount": 2}
        return {
            "services": [{"status": "ACTIVE", "desiredCount": 2, "taskDefinition": arn(7), "deployments": [primary, replaced]}],
        }

    def list_service_deployments(self, **_: object) -> dict[str, object]:
        return {"serviceDeployments": []}

    def describe_task_definition(self, taskDefinition: str) -> dict[str, object]:  # noqa: N803 - AWS's own name of it
        return {"taskDefinition": {"taskDefinitionArn": taskDefinition, "status": "ACTIVE"}}


def arn(revision: int) -> str:
    return f"arn:aws:ecs:eu-west-1:123456789012:task-definition/orders:{revision}"


@pytest.mark.parametrize(("rollout", "before"), [("COMPLETED", arn(5)), ("FAILED", "none"), ("IN_PROGRESS", "none")])
def test_while_a_deployment_is_under_way_the_one_that_it_replaces_counts(rollout: str, before: str) -> None:
    seen = AwsInventory(lambda _: Rolling(rollout)).see(Resource(type="ecs:service", id=f"{CLUSTER}/orders"))
    assert seen.state["former_task_definition"] == before
    assert seen.health == {"tasks": "0 of 2 running"}


def test_without_a_former_revision_it_is_refused() -> None:
    service = Resource(type="ecs:service", id="shop/web", trusted=True)
    with pytest.raises(ValueError, match="no earlier revision of its task definition is known to have run"):
        catalogue()["ecs-rollback"].parameters(service, {"former_task_definition": "none"}, {})
    with pytest.raises(ValueError, match="should match pattern"):
        catalogue()["ecs-rollback"].parameters(service, {"former_task_definition": "orders"}, {})
