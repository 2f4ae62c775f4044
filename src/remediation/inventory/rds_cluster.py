"""RDS clusters, Aurora's and Multi-AZ ones: who writes, and who would next.

Who writes is part of the state: a failover in between makes a person's yes one for another thing. So is who would be next, though a
reader that goes down changes it, since that one is named in the plan.
"""

from typing import Any

from remediation.inventory.rds_db import described as instance_described
from remediation.inventory.rds_db import members_of
from remediation.ports import Sighting
from watchkeeper.errors import Permanent
from watchkeeper.models import Resource
from watchkeeper.storage.aws import code_of, in_our_words

TYPE = "rds:cluster"
NONE = "none"
_ABSENT = {"DBClusterNotFoundFault", "DBClusterNotFound"}
Member = dict[str, Any]


def see(clients: Any, target: Resource) -> Sighting:
    """The cluster with its tags; absent where RDS does not know the name."""
    client = clients("rds")
    found = _described(client, target.id)
    if found is None:
        return Sighting()
    members: list[Member] = found.get("DBClusterMembers", [])
    statuses = {one["DBInstanceIdentifier"]: one["DBInstanceStatus"] for one in members_of(client, target.id)}
    writer = _writer(members)
    return Sighting(
        exists=True,
        account=found["DBClusterArn"].split(":")[4],
        region=client.meta.region_name,
        name=found["DBClusterIdentifier"],
        tags={tag["Key"]: tag["Value"] for tag in found.get("TagList", [])},
        state={"status": found["Status"], "engine": found["Engine"], "writer": writer, "next_writer": _next(members, statuses)},
        health={"cluster": found["Status"], "writer": statuses.get(writer, NONE)},
    )


def reach(clients: Any, start: Resource) -> list[Resource]:
    """The cluster of an instance, where that one is its writer: a failover takes nothing from a reader."""
    if start.type != "rds:db":
        return []
    client = clients("rds")
    instance = instance_described(client, start.id)
    cluster = _described(client, instance["DBClusterIdentifier"]) if instance and instance.get("DBClusterIdentifier") else None
    if cluster is None or _writer(cluster.get("DBClusterMembers", [])) != start.id:
        return []
    arn = cluster["DBClusterArn"]
    name, account, region = cluster["DBClusterIdentifier"], arn.split(":")[4], client.meta.region_name
    return [Resource(type=TYPE, id=name, arn=arn, account=account, region=region, trusted=True)]


def _described(client: Any, name: str) -> dict[str, Any] | None:
    try:
        with in_our_words("rds:DescribeDBClusters", name):
            found = client.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"]
    except Permanent as error:
        if code_of(error.__cause__) in _ABSENT:
            return None
        raise
    return next(iter(found), None)


def _writer(members: list[Member]) -> str:
    return next((one["DBInstanceIdentifier"] for one in members if one.get("IsClusterWriter")), NONE)


def _next(members: list[Member], statuses: dict[str, str]) -> str:
    """The available reader of the lowest promotion tier; of several, the first by name."""
    readers = [one for one in members if not one.get("IsClusterWriter") and statuses.get(one["DBInstanceIdentifier"]) == "available"]
    ranked = sorted(readers, key=lambda one: (one.get("PromotionTier", 1), one["DBInstanceIdentifier"]))
    return ranked[0]["DBInstanceIdentifier"] if ranked else NONE
