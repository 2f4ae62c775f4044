"""An ECS service whose tasks exit one after the other. A new deployment, and nothing less, brings it back."""

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from local.aws import Account
from local.world.patient import Series, past, write_log
from watchkeeper.models import Incident, Status

CLUSTER, SERVICE, ALARM, LOG_GROUP = "shop", "storefront", "storefront-tasks-low", "/ecs/storefront"
WANTED = 2
COMES_BACK_AFTER_SECONDS = 2.0


@dataclass
class Storefront:
    """The service. `sick_deployment` is the one that fell ill; another one in its place is the cure."""

    account: Account
    running: Series
    sick_deployment: str = ""
    back_at: float | None = None

    name = SERVICE
    ends = Status.RESOLVED

    def owns(self, incident: Incident) -> bool:
        return incident.alarm_name == ALARM

    @classmethod
    def build(cls, account: Account, topic: str) -> "Storefront":
        ecs = account.client("ecs")
        ecs.create_cluster(clusterName=CLUSTER)
        log = {
            "logDriver": "awslogs",
            "options": {"awslogs-group": LOG_GROUP, "awslogs-region": "us-east-1", "awslogs-stream-prefix": "web"},
        }
        ecs.register_task_definition(
            family=SERVICE, cpu="256", memory="512", networkMode="awsvpc", requiresCompatibilities=["FARGATE"],
            containerDefinitions=[{"name": "web", "image": "storefront:1.42.0", "essential": True, "logConfiguration": log}],
        )  # fmt: skip
        ecs.create_service(
            cluster=CLUSTER, serviceName=SERVICE, taskDefinition=SERVICE, desiredCount=WANTED, launchType="FARGATE",
            networkConfiguration={"awsvpcConfiguration": {"subnets": ["subnet-0a1b2c3d"]}},
            tags=[{"key": "AutoRemediate", "value": "true"}, {"key": "service", "value": SERVICE}],
        )  # fmt: skip
        running = Series(
            account, "ECS/ContainerInsights", "RunningTaskCount", (("ClusterName", CLUSTER), ("ServiceName", SERVICE)), "Count"
        )
        running.put(past([WANTED] * 180, timedelta(seconds=135)))
        running.alarm(ALARM, topic, f"The storefront runs fewer than {WANTED} tasks.", Statistic="Maximum",
                      Threshold=WANTED, ComparisonOperator="LessThanThreshold")  # fmt: skip
        write_log(account, LOG_GROUP, "web/web/1f0c", [(1100 - 9 * n, line) for n, line in enumerate(_QUIET * 30)])
        return cls(account, running)

    def fall_ill(self) -> None:
        """Its tasks have been dying for two minutes when it is noticed: longer than the emulator knows the service, so that
        its making is not taken for a deployment that broke it."""
        ecs = self.account.client("ecs")
        self.sick_deployment, self.back_at = self._deployment(), None
        for task in ecs.list_tasks(cluster=CLUSTER, serviceName=SERVICE)["taskArns"]:
            ecs.stop_task(cluster=CLUSTER, task=task, reason="Essential container in task exited")
        write_log(self.account, LOG_GROUP, "web/web/1f0c", _TROUBLE)
        self.running.put(past([1, 1, *[0] * 9], timedelta(seconds=12)))

    def beat(self) -> None:
        if not self.sick_deployment:
            return
        if self.back_at is None and self._deployment() != self.sick_deployment:
            self.back_at = time.time() + COMES_BACK_AFTER_SECONDS
        well = self.back_at is not None and time.time() >= self.back_at
        self.running.put([(None, self._tasks() if well else 0)])

    def _deployment(self) -> str:
        found: str = self._described()["deployments"][0]["id"]
        return found

    def _tasks(self) -> int:
        count: int = self._described()["runningCount"]
        return count

    def _described(self) -> dict[str, Any]:
        found: dict[str, Any] = self.account.client("ecs").describe_services(cluster=CLUSTER, services=[SERVICE])["services"][0]
        return found


_QUIET = (
    "INFO  GET / 200 21ms",
    "INFO  GET /products/4711 200 34ms",
    "INFO  GET /healthz 200 1ms",
    "INFO  GET /search?q=lamp 200 58ms",
)
_TROUBLE = [
    (124.0, "INFO  GET /products/4711 200 36ms"),
    (118.0, "ERROR session store: connection pool exhausted, 50 of 50 in use, 0 released in 120 s"),
    (117.6, "Traceback (most recent call last):"),
    (117.5, '  File "/app/storefront/sessions.py", line 88, in acquire'),
    (117.4, "storefront.sessions.PoolExhausted: no connection within 5 s"),
    (117.0, "FATAL worker exited with code 1"),
    (91.0, "INFO  starting storefront 1.42.0"),
    (86.0, "ERROR session store: connection pool exhausted, 50 of 50 in use, 0 released in 120 s"),
    (85.5, "FATAL worker exited with code 1"),
    (20.0, "INFO  starting storefront 1.42.0 with session_token=3f9a77c1d2e84b60a1"),
    (15.0, "ERROR session store: connection pool exhausted, 50 of 50 in use, 0 released in 120 s"),
    (14.6, "FATAL worker exited with code 1"),
]
