"""A database whose connections run out right after a deployment. Nothing that may run by itself cures it: a person has to revert."""

import time
from dataclasses import dataclass
from datetime import timedelta

from local.aws import Account
from local.world.patient import PERIOD_SECONDS, Series, past, write_log
from local.world.repositories import POOL_FILE, POOL_LINE
from watchkeeper.models import Incident, Status

DATABASE, ALARM, LOG_GROUP = "orders-db", "orders-db-connections", "/ecs/orders"
CLUSTER, SERVICE, GROUP = "shop", "orders", "orders-postgres16"
MOST, LINE, USUAL = 200, 190, (38, 41, 40, 43, 39, 42)


@dataclass
class Orders:
    """The service and its database. The bad version is there from the start; it breaks in the metric's next period, `next_at`."""

    account: Account
    connections: Series
    next_at: float
    told_to: bool = False
    broken: bool = False

    name = SERVICE
    ends = Status.AWAITING_APPROVAL

    def owns(self, incident: Incident) -> bool:
        return incident.alarm_name == ALARM

    @classmethod
    def build(cls, account: Account, topic: str) -> "Orders":
        _database(account)
        connections = Series(account, "AWS/RDS", "DatabaseConnections", (("DBInstanceIdentifier", DATABASE),), "Count")
        connections.put(past((USUAL[n % len(USUAL)] for n in range(180)), timedelta(seconds=PERIOD_SECONDS)))
        connections.alarm(ALARM, topic, "Nearly all connections of the orders database are taken.", Statistic="Maximum",
                          Threshold=LINE, ComparisonOperator="GreaterThanOrEqualToThreshold")  # fmt: skip
        write_log(account, LOG_GROUP, "web/web/7ac1", [(1500 - 8 * n, line) for n, line in enumerate(_QUIET * 45)])
        _deploy(account)
        return cls(account, connections, (time.time() // PERIOD_SECONDS + 1) * PERIOD_SECONDS + 1)

    def fall_ill(self) -> None:
        self.told_to = True

    def beat(self) -> None:
        """Nothing until the period in which it was deployed is over, so that the change lies before what it broke."""
        if not self.told_to or time.time() < self.next_at:
            return
        self.next_at = time.time() + PERIOD_SECONDS / 2
        if not self.broken:
            write_log(self.account, LOG_GROUP, "web/web/9be4", _TROUBLE)
        self.broken = True
        self.connections.put([(None, MOST)])


def _database(account: Account) -> None:
    rds = account.client("rds")
    rds.create_db_parameter_group(DBParameterGroupName=GROUP, DBParameterGroupFamily="postgres16", Description="of orders")
    limit = {"ParameterName": "max_connections", "ParameterValue": str(MOST), "ApplyMethod": "pending-reboot"}
    rds.modify_db_parameter_group(DBParameterGroupName=GROUP, Parameters=[limit])
    rds.create_db_instance(
        DBInstanceIdentifier=DATABASE, DBInstanceClass="db.t3.medium", Engine="postgres", EngineVersion="16.3", AllocatedStorage=100,
        MasterUsername="orders", ManageMasterUserPassword=True, DBParameterGroupName=GROUP, Tags=[{"Key": "service", "Value": SERVICE}],
    )  # fmt: skip


def _deploy(account: Account) -> None:
    """The service as it was, and then the new version: CloudTrail and ECS have both as somebody's calls."""
    ecs = account.client("ecs")
    ecs.create_cluster(clusterName=CLUSTER)
    for image in ("orders:2.30.0", "orders:2.31.0"):
        ecs.register_task_definition(
            family=SERVICE, cpu="256", memory="512", networkMode="awsvpc", requiresCompatibilities=["FARGATE"],
            containerDefinitions=[{"name": "web", "image": image, "essential": True}],
        )  # fmt: skip
    network = {"awsvpcConfiguration": {"subnets": ["subnet-0a1b2c3d"]}}
    ecs.create_service(
        cluster=CLUSTER, serviceName=SERVICE, taskDefinition=f"{SERVICE}:1", desiredCount=2, launchType="FARGATE",
        networkConfiguration=network, tags=[{"key": "service", "value": SERVICE}],
    )  # fmt: skip
    ecs.update_service(cluster=CLUSTER, service=SERVICE, taskDefinition=f"{SERVICE}:2")


_QUIET = (
    "INFO  POST /orders 201 48ms",
    "INFO  GET /orders/88123 200 12ms",
    "INFO  POST /orders 201 51ms",
    "INFO  GET /healthz 200 1ms",
)
_TRACE = (
    "Traceback (most recent call last):\n"
    '  File "/app/orders/api.py", line 57, in place\n'
    "    with pools.acquire(worker) as connection:\n"
    f'  File "/app/{POOL_FILE}", line {POOL_LINE}, in acquire\n'
    "    return pool.getconn()\n"
    "psycopg_pool.PoolTimeout: couldn't get a connection after 30.00 sec"
)
_REFUSED = (
    "ERROR POST /orders 500: FATAL:  remaining connection slots are reserved for roles with the SUPERUSER attribute",
    _TRACE,
)
_TROUBLE = [
    (0.9, "INFO  starting orders 2.31.0"),
    (0.8, "WARN  connection pool of worker 7 exhausted: 25 of 25 in use, waiting"),
    *((0.7 - 0.12 * times + 0.01 * n, line) for times in range(5) for n, line in enumerate(reversed(_REFUSED))),
]
