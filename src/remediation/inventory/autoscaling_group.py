"""Auto Scaling groups. What a group launches from is part of its state: a new launch template makes a person's yes one for other
instances. A group is reached from an instance that it launched.
"""

from typing import Any

from remediation.ports import Sighting
from watchkeeper.models import Resource
from watchkeeper.storage.aws import in_our_words

TYPE = "autoscaling:group"
_ENDED = {"Successful", "Failed", "Cancelled", "RollbackFailed", "RollbackSuccessful"}


def see(clients: Any, target: Resource) -> Sighting:
    """The group with its tags; absent where Auto Scaling knows none of that name."""
    client = clients("autoscaling")
    with in_our_words("autoscaling:DescribeAutoScalingGroups", target.id):
        groups = client.describe_auto_scaling_groups(AutoScalingGroupNames=[target.id])["AutoScalingGroups"]
    if not groups:
        return Sighting()
    group = groups[0]
    arn = group.get("AutoScalingGroupARN", "").split(":")
    tags = {tag["Key"]: tag["Value"] for tag in group.get("Tags", [])}
    return Sighting(
        exists=True,
        account=arn[4] if len(arn) > 5 else "",
        region=client.meta.region_name,
        name=tags.get("Name", ""),
        tags=tags,
        state={
            "status": group.get("Status") or "active",
            "desired_capacity": group["DesiredCapacity"],
            "min_size": group["MinSize"],
            "max_size": group["MaxSize"],
            "launches": _launches(group),
            "launching": _launching(group),
            "refresh": _refresh(client, target.id),
        },
        health={"capacity": _capacity(group)},
    )


def reach(clients: Any, start: Resource) -> list[Resource]:
    """The group that launched this instance, where one did."""
    if start.type != "ec2:instance":
        return []
    with in_our_words("autoscaling:DescribeAutoScalingInstances", start.id):
        found = clients("autoscaling").describe_auto_scaling_instances(InstanceIds=[start.id])["AutoScalingInstances"]
    names = {one["AutoScalingGroupName"] for one in found if one["InstanceId"] == start.id}
    return [Resource(type=TYPE, id=name, account=start.account, region=start.region, trusted=start.trusted) for name in sorted(names)]


def _launches(group: dict[str, Any]) -> str:
    """From what it launches: the launch template and its version, the launch configuration, or `none`."""
    mixed = group.get("MixedInstancesPolicy", {}).get("LaunchTemplate", {}).get("LaunchTemplateSpecification")
    template = group.get("LaunchTemplate") or mixed
    if not template:
        return group.get("LaunchConfigurationName") or "none"
    return f"{template.get('LaunchTemplateId') or template.get('LaunchTemplateName')} version {template.get('Version') or '$Default'}"


def _launching(group: dict[str, Any]) -> str:
    suspended = {one["ProcessName"] for one in group.get("SuspendedProcesses", [])}
    return "suspended" if suspended & {"Launch", "Terminate"} else "allowed"


def _refresh(client: Any, group: str) -> str:
    """`under way`, or `none`. One that has ended is none: it changes nothing any more."""
    with in_our_words("autoscaling:DescribeInstanceRefreshes", group):
        found = client.describe_instance_refreshes(AutoScalingGroupName=group, MaxRecords=10)["InstanceRefreshes"]
    return "none" if all(one["Status"] in _ENDED for one in found) else "under way"


def _capacity(group: dict[str, Any]) -> str:
    members = group.get("Instances", [])
    serving = sum((one["LifecycleState"], one["HealthStatus"]) == ("InService", "Healthy") for one in members)
    wanted = group["DesiredCapacity"]
    return "all in service" if serving == len(members) == wanted else f"{serving} of {wanted} in service"
