"""The state of the ECS services that the incident is about: how many tasks run, what was deployed, why tasks stopped."""

from typing import Any

from analysis.evidence.ask import Ask, Collector, Found, Nothing, stamp
from watchkeeper.models import Resource
from watchkeeper.storage.aws import in_our_words

SERVICES, LIST, TASKS = "ecs:DescribeServices", "ecs:ListTasks", "ecs:DescribeTasks"
MOST = 10
MOST_EVENTS = 10
MOST_STOPPED = 10


def collect(ask: Ask) -> Found | Nothing:
    """DescribeServices, and DescribeTasks of what stopped of late, one block of lines for each service."""
    blocks = [block for resource in ask.trusted("ecs:service")[:MOST] for block in _service(ask, resource)]
    if not blocks:
        return Nothing(f"No such service: {_names(ask)}.")
    return Found(summary="; ".join(block.splitlines()[0] for block in blocks), body="\n".join(blocks))


def _service(ask: Ask, resource: Resource) -> list[str]:
    cluster, _, name = resource.id.partition("/")
    client = ask.client("ecs", ask.region_of(resource))
    with in_our_words(SERVICES, resource.id):
        services = client.describe_services(cluster=cluster, services=[name])["services"]
    if not services:
        return []
    with in_our_words(LIST, resource.id):
        asked = {"cluster": cluster, "serviceName": name, "desiredStatus": "STOPPED", "maxResults": MOST_STOPPED}
        stopped = client.list_tasks(**asked)["taskArns"]
    tasks: list[dict[str, Any]] = []
    if stopped:
        with in_our_words(TASKS, resource.id):
            tasks = client.describe_tasks(cluster=cluster, tasks=stopped)["tasks"]
    return ["\n".join([*_lines(services[0], resource, ask), *(line for task in tasks for line in _stopped(task, ask))])]


def _lines(service: dict[str, Any], resource: Resource, ask: Ask) -> list[str]:
    counts = ", ".join(f"{what} {service.get(f'{what}Count', 0)}" for what in ("desired", "running", "pending"))
    lines = [f"ecs:service {resource.id}: status {service.get('status', '')}, {counts}"]
    for deployment in service.get("deployments", []):
        made = f" made {stamp(deployment['createdAt'])}" if "createdAt" in deployment else ""
        rollout = f", rollout {deployment['rolloutState']}" if deployment.get("rolloutState") else ""
        lines.append(f"deployment {deployment.get('status', '')} of {_last(deployment.get('taskDefinition', ''))}{made}{rollout}")
    lines += [f"event {stamp(event['createdAt'])}: {ask.tidy(event['message'])}" for event in service.get("events", [])[:MOST_EVENTS]]
    return lines


def _stopped(task: dict[str, Any], ask: Ask) -> list[str]:
    when = f" at {stamp(task['stoppedAt'])}" if "stoppedAt" in task else ""
    lines = [f"stopped task {_last(task['taskArn'])}{when}: {ask.tidy(task.get('stoppedReason') or 'no reason given')}"]
    for container in task.get("containers", []):
        if container.get("exitCode") is not None:
            reason = f": {ask.tidy(container['reason'])}" if container.get("reason") else ""
            lines.append(
                f"stopped container {container.get('name', '')} of {_last(task['taskArn'])}: exit code {container['exitCode']}{reason}"
            )
    return lines


def _last(arn: str) -> str:
    return arn.rsplit("/", 1)[-1]


def _names(ask: Ask) -> str:
    return ", ".join(resource.id for resource in ask.trusted("ecs:service"))


COLLECTOR = Collector(
    name="ecs",
    order=50,
    provenance="the ECS API, measured",
    applies=lambda ask: bool(ask.trusted("ecs:service")),
    asked=lambda ask: f"In which state is {_names(ask)}, and why did its tasks stop?",
    collect=collect,
    permissions=(SERVICES, LIST, TASKS),
)
