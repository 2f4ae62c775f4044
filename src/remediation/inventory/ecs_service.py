"""ECS services. The primary deployment is part of the state: a deployment in between makes a person's yes one for another thing.

How many tasks run changes by itself and is health; `running` says it, counted for the primary deployment alone, so that the tasks
which it is about to replace do not make it look complete. A service is no one of several: it has no fleet, its tasks have (ecs_task).
"""

from typing import Any

from remediation.inventory.ecs_former_revision import former_revision
from remediation.ports import Sighting
from watchkeeper.errors import Permanent
from watchkeeper.models import Resource
from watchkeeper.storage.aws import code_of, in_our_words

TYPE = "ecs:service"


def see(clients: Any, target: Resource) -> Sighting:
    """The service with its tags; absent where ECS knows no such cluster or service."""
    client = clients("ecs")
    found = described(client, target.id)
    if found is None:
        return Sighting()
    arn = found.get("serviceArn", "").split(":")
    return Sighting(
        exists=True,
        account=arn[4] if len(arn) > 5 else "",
        region=client.meta.region_name,
        name=found.get("serviceName", ""),
        tags={tag["key"]: tag["value"] for tag in found.get("tags", [])},
        state={
            "status": found["status"],
            "scheduling": found.get("schedulingStrategy", "REPLICA"),
            "controller": (found.get("deploymentController") or {}).get("type", "ECS"),
            "task_definition": found.get("taskDefinition", ""),
            "former_task_definition": former_revision(client, target.id, found),
            "desired_count": found.get("desiredCount", 0),
            "deployment": primary_of(found).get("id", ""),
        },
        health={"tasks": running(found)},
    )


def described(client: Any, service: str) -> dict[str, Any] | None:
    """The service of this `cluster/name` as ECS describes it; none where there is none."""
    cluster, _, name = service.partition("/")
    try:
        with in_our_words("ecs:DescribeServices", service):
            answer = client.describe_services(cluster=cluster, services=[name], include=["TAGS"])
    except Permanent as error:
        if code_of(error.__cause__) == "ClusterNotFoundException":
            return None
        raise
    return next(iter(answer["services"]), None)


def primary_of(service: dict[str, Any]) -> dict[str, Any]:
    """The deployment that the service is at, or is on its way to; empty where it has none."""
    return next((one for one in service.get("deployments", []) if one.get("status") == "PRIMARY"), {})


def running(service: dict[str, Any]) -> str:
    """`all running`, or how many of how many."""
    desired = service.get("desiredCount", 0)
    runs = primary_of(service).get("runningCount", service.get("runningCount", 0))
    return "all running" if runs >= desired > 0 else f"{runs} of {desired} running"
