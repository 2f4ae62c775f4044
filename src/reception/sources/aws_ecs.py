"""Amazon ECS: a task that stopped, a service that cannot do its work, a deployment that failed.

A task that a deployment, a scaling, a person or the end of a spot instance stopped is no trouble. One that died is. The stops of
one service share a fingerprint, which the service's own word that it is steady again resolves.
"""

import re
from collections.abc import Iterator

from reception.eventbridge import Event, News, alert, event_of, is_from, last_part
from reception.fields import Body, listing, mapping, text
from reception.resources import from_dimensions
from reception.sources.registry import Received, source
from watchkeeper.arns import from_arn
from watchkeeper.models import Alert, AlertKind, Resource, Severity

TASK, ACTION, DEPLOYMENT = "ECS Task State Change", "ECS Service Action", "ECS Deployment State Change"
WANTED = {"ServiceSchedulerInitiated", "UserInitiated", "SpotInterruption", "TerminationNotice"}
BAD_ANYHOW = re.compile(r"health check|unhealthy|OutOfMemory", re.IGNORECASE)
PERIODIC = {"SERVICE_STEADY_STATE", "TASKSET_STEADY_STATE", "CAPACITY_PROVIDER_STEADY_STATE"}
SAYS = {
    "SERVICE_TASK_START_IMPAIRED": "cannot start its tasks",
    "SERVICE_DISCOVERY_INSTANCE_UNHEALTHY": "has an unhealthy task in service discovery",
    "SERVICE_TASK_PLACEMENT_FAILURE": "finds no place for its tasks",
    "SERVICE_TASK_CONFIGURATION_FAILURE": "cannot start tasks as they are configured",
    "SERVICE_DAEMON_PLACEMENT_CONSTRAINT_VIOLATED": "breaks its placement constraints",
    "ECS_OPERATION_THROTTLED": "is throttled by the ECS API",
    "SERVICE_DISCOVERY_OPERATION_THROTTLED": "is throttled by Cloud Map",
    "SERVICE_TASK_SET_START_IMPAIRED": "cannot start the tasks of a task set",
    "SERVICE_HEALTH_UNKNOWN": "cannot be judged: its health is unknown",
    "SERVICE_STEADY_STATE": "is steady again",
    "SERVICE_DEPLOYMENT_FAILED": "failed",
    "SERVICE_DEPLOYMENT_COMPLETED": "is complete",
}
SAMPLES = (
    "events/ecs-task-stopped.json",
    "events/ecs-task-stopped-by-deployment.json",
    "events/ecs-service-impaired.json",
    "events/ecs-service-steady.json",
    "events/ecs-deployment-failed.json",
    "events/ecs-deployment-completed.json",
)


@source(
    "ecs",
    samples=SAMPLES,
    recognises=lambda body: is_from(body, "ecs", TASK, ACTION, DEPLOYMENT),
    vendor="Amazon ECS",
    docs="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_cwe_events.html",
    passes_over="tasks that start or run, and word that a task set or a capacity provider is still steady",
)
def read_ecs(body: Body, received: Received) -> Iterator[Alert]:
    """A task's stop is one alert; a service that is steady again ends what its tasks and it itself had."""
    event = event_of(body, received)
    if event.type == TASK:
        if (news := _task(event)) is not None:
            yield alert("ecs", event, news)
        return
    for news in _service(event):
        yield alert("ecs", event, news)


def _task(event: Event) -> News | None:
    """None for a task that starts or runs, which is no news."""
    detail = event.detail
    if text(detail, "lastStatus") != "STOPPED" and "stoppedReason" not in detail:
        return None
    cluster, code, reason = last_part(text(detail, "clusterArn")), text(detail, "stopCode"), text(detail, "stoppedReason")
    owner = text(detail, "group")
    name = f"{cluster}/{_whose(owner, detail)}" if cluster else _whose(owner, detail)
    died = [one for one in map(mapping, listing(detail.get("containers"))) if _exit(one) not in {"", "0"} or text(one, "reason")]
    # Exit codes do not tell on a wanted stop: what is asked to end and does not in time ends with 137 or 143.
    wanted = code in WANTED and not any(BAD_ANYHOW.search(said) for said in (reason, *(text(one, "reason") for one in died)))
    because = ", ".join(part for part in (_why(died, reason), *map(_container, [] if wanted else died[:3])) if part)
    fine = not died and code == "EssentialContainerExited"
    return News(
        kind=AlertKind.INFO if wanted or fine else AlertKind.FIRING,
        title=f"Task of {name} stopped" + (f": {because}" if because else ""),
        about=("tasks", name),
        description=reason,
        resources=(*_service_of(event, owner, cluster), *_of(text(detail, "clusterArn"), text(detail, "taskArn"))),
        labels={
            "stop_code": code,
            "task_definition": text(detail, "taskDefinitionArn").rpartition("/")[2],
            "exit_codes": ", ".join(f"{text(one, 'name')}={_exit(one)}" for one in died if _exit(one)),
            "launch_type": text(detail, "launchType"),
        },
        console=_console(cluster, f"tasks/{last_part(text(detail, 'taskArn'))}/configuration"),
    )


def _whose(group: str, detail: Body) -> str:
    """The service, or for a task that no service started the family of its definition, without the revision."""
    return group.removeprefix("service:") if group.startswith("service:") else _family(detail) or group or "unknown"


def _family(detail: Body) -> str:
    family, _, revision = text(detail, "taskDefinitionArn").rpartition("/")[2].rpartition(":")
    return family or revision


def _exit(container: Body) -> str:
    return text(container, "exitCode").removesuffix(".0")


def _why(died: list[Body], reason: str) -> str:
    """What a container said, before what ECS says of the task; the ids and addresses in it stay in the description."""
    said = next((text(one, "reason") for one in died if text(one, "reason")), "") or reason
    if re.search(r"health check|unhealthy", said, re.IGNORECASE):
        return "it failed its health checks"
    point = re.match(r"\w+(?:Error|Exception)\b", said)
    if point:
        return point[0]
    plain = re.sub(r"\s*\([^)]{0,300}\)", "", said).removesuffix(" initiated by").strip(" .")[:120]
    return "" if died and plain == "Essential container in task exited" else plain


def _container(container: Body) -> str:
    code = _exit(container)
    return f"container {text(container, 'name') or 'without a name'} exited with {code}" if code else ""


def _service(event: Event) -> Iterator[News]:
    """A deployment has an end of its own; what is told of a service ends when it is steady, and then its tasks' trouble too."""
    said, arn = text(event.detail, "eventName"), next((arn for arn in event.arns if ":service/" in arn), "")
    name = arn.partition(":service/")[2] or "a service"
    cluster, _, service = name.partition("/")
    bad = text(event.detail, "eventType") in {"ERROR", "WARN"} or said.endswith(("_FAILED", "_IMPAIRED", "_FAILURE"))
    ends = {"SERVICE_STEADY_STATE": ("tasks", "service"), "SERVICE_DEPLOYMENT_COMPLETED": ("deployment",)}.get(said, ())
    deployment = "DEPLOYMENT" in said
    begins = ("deployment",) if deployment else ("service",)
    kind = AlertKind.RESOLVED if ends else AlertKind.FIRING if bad else AlertKind.INFO
    if kind is AlertKind.INFO and said in PERIODIC:
        return
    words = SAYS.get(said) or said.lower().replace("_", " ") or "changed"
    for what in ends or begins:
        yield News(
            kind=kind,
            title=f"Deployment of {name} {words}" if deployment else f"Service {name} {words}",
            about=(what, name),
            severity=Severity.SEV2 if deployment and bad else Severity.SEV3,
            vendor_severity=text(event.detail, "eventType"),
            description=text(event.detail, "reason"),
            resources=(*event.named(), *_of(text(event.detail, "clusterArn"))),
            labels={"event": said, "deployment": text(event.detail, "deploymentId")},
            console=_console(cluster, f"services/{service}/health") if service else "",
        )


def _service_of(event: Event, group: str, cluster: str) -> list[Resource]:
    """The service comes first of all that is named, because that is what can be acted on."""
    service = group.removeprefix("service:") if group.startswith("service:") else ""
    return from_dimensions({"ClusterName": cluster, "ServiceName": service}, event.place) if cluster and service else []


def _of(*arns: str) -> list[Resource]:
    return [r for arn in arns if (r := from_arn(arn, trusted=True))]


def _console(cluster: str, rest: str) -> str:
    return f"ecs/v2/clusters/{cluster}/{rest}" if cluster else ""
