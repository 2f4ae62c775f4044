"""An ECS service that more tasks do not help: each of them waits for the same lock. What was tried has to be taken back."""

import random
from dataclasses import dataclass, field
from typing import Any

from local.aws import Account
from local.world.host import quiet, rising
from local.world.patient import Series, write_log
from watchkeeper.models import Incident, Status

CLUSTER, SERVICE, ALARM, LOG_GROUP = "shop", "catalog", "catalog-cpu-high", "/ecs/catalog"
WANTED, LINE = 2, 80


@dataclass
class Catalog:
    """The service. Its story ends with a person, and with as many tasks as it began with."""

    account: Account
    cpu: Series
    ill: bool = False
    chance: random.Random = field(default_factory=lambda: random.Random(17))

    name = SERVICE
    ends = Status.ESCALATED

    def owns(self, incident: Incident) -> bool:
        return incident.alarm_name == ALARM

    @classmethod
    def build(cls, account: Account, topic: str) -> "Catalog":
        ecs = account.client("ecs")
        ecs.create_cluster(clusterName=CLUSTER)  # also made for the storefront: to make it twice is to make it once
        ecs.register_task_definition(
            family=SERVICE, cpu="256", memory="512", networkMode="awsvpc", requiresCompatibilities=["FARGATE"],
            containerDefinitions=[{"name": "web", "image": "catalog:3.8.1", "essential": True}],
        )  # fmt: skip
        subnet = account.client("ec2").describe_subnets()["Subnets"][0]["SubnetId"]
        ecs.create_service(
            cluster=CLUSTER, serviceName=SERVICE, taskDefinition=SERVICE, desiredCount=WANTED, launchType="FARGATE",
            networkConfiguration={"awsvpcConfiguration": {"subnets": [subnet]}},
            tags=[{"key": "AutoRemediate", "value": "true"}, {"key": "service", "value": SERVICE}],
        )  # fmt: skip
        chance = random.Random(17)
        cpu = Series(account, "AWS/ECS", "CPUUtilization", (("ClusterName", CLUSTER), ("ServiceName", SERVICE)), "Percent")
        quiet(cpu, topic, ALARM, "The catalog is short of processor time.", chance, LINE)
        write_log(account, LOG_GROUP, "web/web/77aa", [(1100 - 9 * n, "INFO  GET /catalog/lamps 200 24ms") for n in range(100)])
        return cls(account, cpu, chance=chance)

    def fall_ill(self) -> None:
        write_log(self.account, LOG_GROUP, "web/web/77aa", _TROUBLE)
        self.ill = True
        rising(self.cpu, [self.chance.uniform(92, 98) for _ in range(11)])

    def beat(self) -> None:
        if self.ill:
            self.cpu.put([(None, self.chance.uniform(92, 98))])

    @property
    def tasks(self) -> int:
        """How many it is to run now."""
        found: dict[str, Any] = self.account.client("ecs").describe_services(cluster=CLUSTER, services=[SERVICE])["services"][0]
        count: int = found["desiredCount"]
        return count


_TROUBLE = [
    (126.0, "INFO  price index rebuild started by schedule hourly-prices"),
    (95.0, "WARN  price index: 8 workers spin on one lock"),
    (44.0, "WARN  GET /catalog/lamps took 4810ms"),
    (12.0, "WARN  price index: 8 workers spin on one lock"),
]
