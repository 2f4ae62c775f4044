"""What looking at ECS, RDS and DynamoDB takes: each call that may not be made is named, with its permission and what it was asked of."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from remediation.inventory import AwsInventory
from tests.actions.databases import a_cluster, a_database
from tests.actions.ecs_services import a_revision, a_service, a_task, deploy, scheduled
from tests.actions.test_dynamodb_capacity import a_table
from tests.actions.theatre import Theatre
from tests.fakes.automation import refused
from watchkeeper.errors import NotAllowed
from watchkeeper.models import Resource


@dataclass(frozen=True)
class AllBut:
    """A client that may do everything but this one operation."""

    client: Any
    denied: str

    def __getattr__(self, operation: str) -> Any:
        return self._deny if operation == self.denied else getattr(self.client, operation)

    def _deny(self, **_: Any) -> Any:
        raise refused(self.denied, "AccessDeniedException", 400)


def without(theatre: Theatre, operation: str) -> AwsInventory:
    return AwsInventory(lambda service: AllBut(theatre.client(service), operation))


@pytest.fixture(scope="module")
def stage(theatre: Theatre) -> Iterator[Theatre]:
    with scheduled(theatre) as (made, _):
        yield made


@pytest.fixture(scope="module")
def things(stage: Theatre) -> dict[str, Resource]:
    """One of each type; the service has run an earlier revision."""
    service = a_service(stage, "looked-at")
    deploy(stage, service, a_revision(stage, "looked-at"))
    cluster = a_cluster(stage, "looked-at", "looked-at-1")
    made = (service, a_task(stage, service), cluster, a_database(stage, "looked-at-db"), a_table(stage, "looked-at"))
    return {one.type: one for one in made}


SEEING = [
    ("ecs:service", "describe_services", "ecs:DescribeServices"),
    ("ecs:service", "list_service_deployments", "ecs:ListServiceDeployments"),
    ("ecs:service", "describe_service_revisions", "ecs:DescribeServiceRevisions"),
    ("ecs:service", "describe_task_definition", "ecs:DescribeTaskDefinition"),
    ("ecs:task", "describe_services", "ecs:DescribeServices"),
    ("ecs:task", "describe_tasks", "ecs:DescribeTasks"),
    ("ecs:task", "list_tasks", "ecs:ListTasks"),
    ("rds:db", "describe_db_instances", "rds:DescribeDBInstances"),
    ("rds:cluster", "describe_db_clusters", "rds:DescribeDBClusters"),
    ("rds:cluster", "describe_db_instances", "rds:DescribeDBInstances"),
    ("dynamodb:table", "describe_table", "dynamodb:DescribeTable"),
    ("dynamodb:table", "list_tags_of_resource", "dynamodb:ListTagsOfResource"),
]


@pytest.mark.parametrize(("kind", "operation", "permission"), SEEING)
def test_every_look_names_the_permission_that_is_missing(
    stage: Theatre, things: dict[str, Resource], kind: str, operation: str, permission: str
) -> None:
    assert stage.inventory.see(things[kind]).exists
    with pytest.raises(NotAllowed, match=f"^not allowed: {permission} on ") as told:
        without(stage, operation).see(things[kind])
    assert "looked-at" in told.value.resource or told.value.resource == things[kind].id


@pytest.mark.parametrize(
    ("operation", "reaching"),
    [
        ("list_tasks", lambda inventory, things: inventory.reach("ecs:task", things["ecs:service"])),
        ("describe_db_clusters", lambda inventory, _: inventory.reach("rds:cluster", Resource(type="rds:db", id="looked-at-1"))),
    ],
)
def test_so_does_every_reach(
    stage: Theatre, things: dict[str, Resource], operation: str, reaching: Callable[[AwsInventory, dict[str, Resource]], object]
) -> None:
    with pytest.raises(NotAllowed):
        reaching(without(stage, operation), things)
