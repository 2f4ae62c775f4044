"""RDS database instances. In which zone it runs is part of the state: a failover in between makes a person's yes one for another thing.

A fact without a value is `none`: the cluster of an instance that is in none, the standby's zone of one without a standby. A Multi-AZ
instance is one for all who use it, its standby serves nothing: it has no fleet. The members of a cluster are one another's.
"""

from typing import Any

from remediation.ports import Sighting
from watchkeeper.errors import Permanent
from watchkeeper.models import Fleet, Resource
from watchkeeper.storage.aws import code_of, in_our_words

TYPE = "rds:db"
NONE = "none"
_ABSENT = {"DBInstanceNotFound", "DBInstanceNotFoundFault"}
_SERVES = {"available", "storage-optimization", "backing-up"}


def see(clients: Any, target: Resource) -> Sighting:
    """The instance with its tags; absent where RDS does not know the name."""
    client = clients("rds")
    found = described(client, target.id)
    if found is None:
        return Sighting()
    cluster = found.get("DBClusterIdentifier") or NONE
    return Sighting(
        exists=True,
        account=found["DBInstanceArn"].split(":")[4],
        region=client.meta.region_name,
        name=found["DBInstanceIdentifier"],
        tags={tag["Key"]: tag["Value"] for tag in found.get("TagList", [])},
        state={
            "status": found["DBInstanceStatus"],
            "engine": found["Engine"],
            "class": found["DBInstanceClass"],
            "storage_gib": found.get("AllocatedStorage", 0),
            "storage_type": found.get("StorageType") or NONE,
            "multi_az": "yes" if found.get("MultiAZ") else "no",
            "zone": found.get("AvailabilityZone") or NONE,
            "standby_zone": found.get("SecondaryAvailabilityZone") or NONE,
            "cluster": cluster,
        },
        health={"database": found["DBInstanceStatus"]},
        fleet=_fleet(client, cluster, found) if cluster != NONE else None,
    )


def described(client: Any, name: str) -> dict[str, Any] | None:
    """The instance as RDS describes it; none where there is none of that name."""
    try:
        with in_our_words("rds:DescribeDBInstances", name):
            found = client.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
    except Permanent as error:
        if code_of(error.__cause__) in _ABSENT:
            return None
        raise
    return next(iter(found), None)


def members_of(client: Any, cluster: str) -> list[dict[str, Any]]:
    """The instances of a cluster; it has sixteen at most, which is one page."""
    with in_our_words("rds:DescribeDBInstances", cluster):
        listed = client.describe_db_instances(Filters=[{"Name": "db-cluster-id", "Values": [cluster]}])["DBInstances"]
    return list(listed)


def serves(instance: dict[str, Any]) -> bool:
    return instance["DBInstanceStatus"] in _SERVES


def _fleet(client: Any, cluster: str, instance: dict[str, Any]) -> Fleet:
    members, zone = members_of(client, cluster), instance.get("AvailabilityZone", "")
    return Fleet(
        name=f"rds:cluster/{cluster}",
        size=len(members),
        healthy=sum(serves(one) for one in members),
        zone=zone,
        size_in_zone=sum(one.get("AvailabilityZone") == zone for one in members),
        target_healthy=serves(instance),
    )
