"""ECS services of the emulated account; and a theatre whose ECS keeps a history and starts what is missing."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from local.ecs.server import Door, serving
from tests.actions.theatre import Theatre
from watchkeeper.models import Resource

CLUSTER = "shop"
OURS = [{"key": "AutoRemediate", "value": "true"}]


@contextmanager
def scheduled(theatre: Theatre) -> Iterator[tuple[Theatre, Door]]:
    """A theatre of the same account, whose ECS is behind the door of local/ecs."""
    with serving(theatre.account) as (door, url):
        made = Theatre(replace(theatre.account, doors=(("ecs", url),)))
        yield made, door
        made.simulator.stop_all()


def a_revision(theatre: Theatre, family: str) -> str:
    """One more revision of the family, by its ARN."""
    container = {"name": "web", "image": "web:1", "memory": 64}
    made = theatre.client("ecs").register_task_definition(family=family, containerDefinitions=[container])
    arn: str = made["taskDefinition"]["taskDefinitionArn"]
    return arn


def a_service(theatre: Theatre, name: str, desired: int = 2, *, revision: str = "") -> Resource:
    """A service with so many tasks, of a family of its own name; it carries the tag."""
    ecs = theatre.client("ecs")
    ecs.create_cluster(clusterName=CLUSTER)
    revision = revision or a_revision(theatre, name)
    made = ecs.create_service(cluster=CLUSTER, serviceName=name, taskDefinition=revision, desiredCount=desired, tags=OURS)
    return Resource(type="ecs:service", id=f"{CLUSTER}/{name}", arn=made["service"]["serviceArn"], trusted=True)


def deploy(theatre: Theatre, service: Resource, revision: str) -> str:
    """What a pipeline does. The id of the deployment, as the door knows it."""
    name = service.id.partition("/")[2]
    done = theatre.client("ecs").update_service(cluster=CLUSTER, service=name, taskDefinition=revision)
    own_id: str = done["service"]["deployments"][0]["id"]
    return own_id.rpartition("/")[2]


def tasks_of(theatre: Theatre, service: Resource) -> list[str]:
    """Its running tasks, by the last part of their ARN."""
    name = service.id.partition("/")[2]
    found = theatre.client("ecs").list_tasks(cluster=CLUSTER, serviceName=name)["taskArns"]
    return [arn.rpartition("/")[2] for arn in found]


def a_task(theatre: Theatre, service: Resource) -> Resource:
    """One of its tasks, with the tag on it, as ECS would give it to one of a service with propagateTags."""
    own_id = tasks_of(theatre, service)[0]
    arn = f"arn:aws:ecs:us-east-1:123456789012:task/{CLUSTER}/{own_id}"
    theatre.client("ecs").tag_resource(resourceArn=arn, tags=OURS)
    return Resource(type="ecs:task", id=f"{CLUSTER}/{own_id}", arn=arn, trusted=True)
