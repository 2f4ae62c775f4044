"""EC2 instances. `launch_time` tells a person's yes from one for the same instance before somebody stopped and started it.

Where an instance belongs to an Auto Scaling group, that is its fleet, and the group's word on health is counted.
"""

from typing import Any

from remediation.ports import Sighting
from watchkeeper.errors import Permanent
from watchkeeper.models import Fleet, Resource
from watchkeeper.storage.aws import code_of, in_our_words

TYPE = "ec2:instance"
GROUP_TAG = "aws:autoscaling:groupName"
_ABSENT = {"InvalidInstanceID.NotFound", "InvalidInstanceID.Malformed"}


def see(clients: Any, target: Resource) -> Sighting:
    """The instance with its tags; absent where EC2 does not know the id."""
    client = clients("ec2")
    try:
        with in_our_words("ec2:DescribeInstances", target.id):
            reservations = client.describe_instances(InstanceIds=[target.id])["Reservations"]
    except Permanent as error:
        if code_of(error.__cause__) in _ABSENT:
            return Sighting()
        raise
    found = [(reservation, instance) for reservation in reservations for instance in reservation["Instances"]]
    if not found:
        return Sighting()
    reservation, instance = found[0]
    tags = {tag["Key"]: tag["Value"] for tag in instance.get("Tags", [])}
    return Sighting(
        exists=True,
        account=reservation.get("OwnerId", ""),
        region=client.meta.region_name,
        name=tags.get("Name", ""),
        tags=tags,
        state=_state(instance, tags),
        health=_checks(client, target.id),
        fleet=_fleet(clients, tags[GROUP_TAG], target.id) if tags.get(GROUP_TAG) else None,
    )


def _state(instance: dict[str, Any], tags: dict[str, str]) -> dict[str, Any]:
    """`root`, `market` and `group` say whether it can be stopped at all, and whether somebody else replaces what is stopped."""
    launched = instance.get("LaunchTime")
    return {
        "state": instance["State"]["Name"],
        "launch_time": launched.isoformat() if launched else "",
        "root": instance.get("RootDeviceType", "none"),
        "market": instance.get("InstanceLifecycle") or "on-demand",
        "group": tags.get(GROUP_TAG) or "none",
    }


def _checks(client: Any, instance: str) -> dict[str, str]:
    """EC2's own two status checks; none for an instance that does not run."""
    with in_our_words("ec2:DescribeInstanceStatus", instance):
        found = client.describe_instance_status(InstanceIds=[instance])["InstanceStatuses"]
    if not found:
        return {}
    return {"instance checks": found[0]["InstanceStatus"]["Status"], "host checks": found[0]["SystemStatus"]["Status"]}


def _fleet(clients: Any, group: str, instance: str) -> Fleet | None:
    with in_our_words("autoscaling:DescribeAutoScalingGroups", group):
        groups = clients("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[group])["AutoScalingGroups"]
    if not groups:
        return None
    members = groups[0]["Instances"]
    ours: dict[str, Any] = next((one for one in members if one["InstanceId"] == instance), {})
    zone = ours.get("AvailabilityZone", "")
    return Fleet(
        name=f"autoscaling:group/{group}",
        size=len(members),
        healthy=sum(_serves(one) for one in members),
        zone=zone,
        size_in_zone=sum(one.get("AvailabilityZone") == zone for one in members),
        target_healthy=bool(ours) and _serves(ours),
    )


def _serves(member: dict[str, Any]) -> bool:
    return (member["LifecycleState"], member["HealthStatus"]) == ("InService", "Healthy")
