"""ECS tasks. The running tasks of a task's service are its fleet; a task that no service started has none.

Whether it is healthy changes by itself; that it is wanted to run does not, and is what a stop ends.
"""

from collections.abc import Iterator
from typing import Any

from remediation.inventory.ecs_service import described, primary_of, running
from remediation.ports import Sighting
from watchkeeper.arns import from_arn
from watchkeeper.errors import Permanent
from watchkeeper.models import Fleet, Resource
from watchkeeper.storage.aws import code_of, in_our_words

TYPE = "ecs:task"
NONE = "none"
_ABSENT = {"ClusterNotFoundException", "InvalidParameterException"}
_COMING_UP = {"PROVISIONING", "PENDING", "ACTIVATING"}
Task = dict[str, Any]


def see(clients: Any, target: Resource) -> Sighting:
    """The task with its tags; absent where ECS knows no such cluster or task, as an hour after a task's end."""
    client = clients("ecs")
    cluster, _, _ = target.id.partition("/")
    task = _task(client, target.id)
    if task is None:
        return Sighting()
    service = _service_of(task)
    told = described(client, f"{cluster}/{service}") if service != NONE else None
    return Sighting(
        exists=True,
        account=task["taskArn"].split(":")[4],
        region=client.meta.region_name,
        name=f"a task of {service}" if told else "",
        tags={tag["key"]: tag["value"] for tag in task.get("tags", [])},
        state={
            "wanted": task.get("desiredStatus", ""),
            "service": service if told else NONE,
            "task_definition": task.get("taskDefinitionArn", ""),
        },
        health={"task": _health(task), **({"tasks of the service": running(told)} if told else {})},
        fleet=_fleet(client, cluster, service, task) if told else None,
    )


def reach(clients: Any, start: Resource) -> list[Resource]:
    """The one task of a service that is to be stopped, where it is clear which: the only UNHEALTHY one; where none is, the oldest
    that has not come up of a deployment that has lost tasks before."""
    if start.type != "ecs:service":
        return []
    client = clients("ecs")
    cluster, _, name = start.id.partition("/")
    service = described(client, start.id)
    if service is None:
        return []
    tasks = list(_tasks(client, cluster, name))
    unwell = [task for task in tasks if task.get("healthStatus") == "UNHEALTHY"]
    chosen = unwell if unwell else _stuck(service, tasks)
    found = [from_arn(task["taskArn"], trusted=True) for task in chosen]
    return [one for one in found if one] if len(found) == 1 else []


def _stuck(service: dict[str, Any], tasks: list[Task]) -> list[Task]:
    primary = primary_of(service)
    if primary.get("rolloutState") != "IN_PROGRESS" or not primary.get("failedTasks"):
        return []
    waiting = [task for task in tasks if task.get("startedBy") == primary["id"] and task.get("lastStatus") in _COMING_UP]
    return sorted(waiting, key=lambda task: task["createdAt"])[:1]


def _task(client: Any, name: str) -> Task | None:
    cluster, _, own_id = name.partition("/")
    try:
        with in_our_words("ecs:DescribeTasks", name):
            found = client.describe_tasks(cluster=cluster, tasks=[own_id], include=["TAGS"])["tasks"]
    except Permanent as error:
        if code_of(error.__cause__) in _ABSENT:
            return None
        raise
    return next(iter(found), None)


def _tasks(client: Any, cluster: str, service: str) -> Iterator[Task]:
    """Every task of the service that is wanted to run."""
    asked = {"cluster": cluster, "serviceName": service, "desiredStatus": "RUNNING"}
    while True:
        with in_our_words("ecs:ListTasks", f"{cluster}/{service}"):
            page = client.list_tasks(**asked)
        if page["taskArns"]:
            with in_our_words("ecs:DescribeTasks", f"{cluster}/{service}"):
                yield from client.describe_tasks(cluster=cluster, tasks=page["taskArns"])["tasks"]
        if not page.get("nextToken"):
            return
        asked["nextToken"] = page["nextToken"]


def _fleet(client: Any, cluster: str, service: str, task: Task) -> Fleet:
    members, zone = list(_tasks(client, cluster, service)), task.get("availabilityZone", "")
    return Fleet(
        name=f"ecs:service/{cluster}/{service}",
        size=len(members),
        healthy=sum(_serves(one) for one in members),
        zone=zone,
        size_in_zone=sum(one.get("availabilityZone") == zone for one in members),
        target_healthy=_serves(task),
    )


def _serves(task: Task) -> bool:
    """It runs, and its health checks do not say otherwise; where it has none, ECS says UNKNOWN."""
    return task.get("lastStatus") == "RUNNING" and task.get("healthStatus") != "UNHEALTHY"


def _health(task: Task) -> str:
    status = task.get("lastStatus", "")
    return str(task.get("healthStatus", "UNKNOWN") if status == "RUNNING" else status).lower()


def _service_of(task: Task) -> str:
    group = task.get("group", "")
    return group.removeprefix("service:") if group.startswith("service:") else NONE
