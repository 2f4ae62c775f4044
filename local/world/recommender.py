"""A service whose tasks are killed, three of them, because its new cache never forgets. No alarm: ECS's own events tell it.

The emulator runs no containers, so it knows no exit code and sends no event. The tasks are stopped for the reason that ECS
would give, and the events are those that ECS would send, in the shape of the genuine sample under events/.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from local.aws import ACCOUNT, REGION, Account
from local.eventbridge import Event, deliver, listen
from local.places import ROOT
from local.template import read
from local.world.patient import Series, past, write_log
from local.world.repositories import CACHE_FILE, CACHE_LINE
from watchkeeper.models import Incident, Status

CLUSTER, SERVICE, LOG_GROUP = "shop", "recommender", "/ecs/recommender"
WANTED, KILLED = 4, 3
REASON = "OutOfMemoryError: Container killed due to memory usage"
RULE, QUEUE = "watchkeeper-laptop-ecs-tasks", "watchkeeper-intake"
SECONDS_BETWEEN = 50
SAMPLE = ROOT / "events" / "ecs-task-stopped.json"
# Of the sample what is another service's, and what it is here. Every other field is left as AWS wrote it.
OF_THE_SAMPLE = {"eu-west-1": REGION, "123456789012": ACCOUNT, "storefront": SERVICE, "417": "9"}
TASK_OF_THE_SAMPLE = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"


@dataclass
class Recommender:
    """The service. It stays ill: what would help is a change of its code."""

    account: Account
    memory: Series

    name = SERVICE
    ends = Status.ESCALATED

    def owns(self, incident: Incident) -> bool:
        return incident.service == SERVICE

    @classmethod
    def build(cls, account: Account) -> "Recommender":
        ecs = account.client("ecs")
        ecs.create_cluster(clusterName=CLUSTER)
        ecs.register_task_definition(
            family=SERVICE, cpu="512", memory="1024", networkMode="awsvpc", requiresCompatibilities=["FARGATE"],
            containerDefinitions=[{"name": "web", "image": "recommender:5.9.0", "essential": True}],
        )  # fmt: skip
        ecs.create_service(
            cluster=CLUSTER, serviceName=SERVICE, taskDefinition=SERVICE, desiredCount=WANTED, launchType="FARGATE",
            networkConfiguration={"awsvpcConfiguration": {"subnets": ["subnet-0a1b2c3d"]}},
            tags=[{"key": "AutoRemediate", "value": "true"}, {"key": "service", "value": SERVICE}],
        )  # fmt: skip
        memory = Series(account, "AWS/ECS", "MemoryUtilization", (("ClusterName", CLUSTER), ("ServiceName", SERVICE)), "Percent")
        memory.put(past((38 + n % 3 for n in range(180)), timedelta(minutes=3)))
        write_log(account, LOG_GROUP, "web/web/2c77", [(1500 - 9 * n, line) for n, line in enumerate(_QUIET * 40)])
        pattern = read(ROOT / "cloudwatch-integration.yaml")["Resources"]["EcsTaskRule"]["Properties"]["EventPattern"]
        listen(account, RULE, pattern, QUEUE)
        return cls(account, memory)

    def fall_ill(self) -> None:
        """Three tasks are killed within two minutes, and the events of all three arrive together."""
        ecs = self.account.client("ecs")
        self.memory.put(past([52, 61, 74, 83, 88, 93, 96, 97, 98, 99, 99], timedelta(seconds=12)))
        write_log(self.account, LOG_GROUP, "web/web/2c77", _TROUBLE)
        events = []
        tasks = ecs.list_tasks(cluster=CLUSTER, serviceName=SERVICE)["taskArns"][:KILLED]
        for number, task in enumerate(tasks):
            ecs.stop_task(cluster=CLUSTER, task=task, reason=REASON)
            events.append(_event(task, datetime.now(UTC) - timedelta(seconds=SECONDS_BETWEEN * (len(tasks) - 1 - number))))
        deliver(self.account, events)

    def beat(self) -> None:
        """What it measures is over with the tasks that are gone."""


def _event(task: str, at: datetime) -> Event:
    """The genuine event, of this task and this moment."""
    text = str(json.loads(SAMPLE.read_text())["Records"][0]["body"])
    for theirs, ours in OF_THE_SAMPLE.items():
        text = text.replace(theirs, ours)
    event: Event = json.loads(text.replace(TASK_OF_THE_SAMPLE, task.rsplit("/", 1)[-1]))
    event["id"] = f"{task.rsplit('/', 1)[-1]}-stopped"
    event["time"] = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {**event, "detail": _moved(event["detail"], at)}


def _moved(detail: dict[str, Any], at: datetime) -> dict[str, Any]:
    """Every time of the task by as much as its end is moved."""
    by = at - datetime.fromisoformat(detail["stoppedAt"])
    times = {key: datetime.fromisoformat(value) + by for key, value in detail.items() if key.endswith("At")}
    return {**detail, **{key: time.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z" for key, time in times.items()}}


_QUIET = (
    "INFO  GET /recommendations/u1882 200 31ms",
    "INFO  GET /recommendations/u7 200 28ms",
    "INFO  GET /healthz 200 1ms",
)
_TRACE = (
    "Traceback (most recent call last):\n"
    '  File "/app/recommender/api.py", line 41, in recommend\n'
    "    cache.remember(user, vectors)\n"
    f'  File "/app/{CACHE_FILE}", line {CACHE_LINE}, in remember\n'
    "    self.seen[user, name, time.time()] = numpy.array(vector)\n"
    "MemoryError: Unable to allocate 64.0 MiB for an array with shape (8388608,) and data type float64"
)
_DYING = (
    "ERROR GET /recommendations failed",
    _TRACE,
)
_TROUBLE = [
    (after - 0.2 * n, line)
    for after in (SECONDS_BETWEEN * 2 + 2.0, SECONDS_BETWEEN + 2.0, 2.0)
    for n, line in enumerate(("WARN  resident memory 980 MiB of 1024 MiB, 4102113 vectors remembered", *_DYING))
]
