"""Auto Scaling groups and target groups for the tests of actions."""

from typing import Any

from tests.actions.hosts import marked
from tests.actions.theatre import Theatre
from watchkeeper.models import Resource

ZONE = "us-east-1a"


def a_group(theatre: Theatre, name: str, *, desired: int = 2, allowed: bool = True) -> Resource:
    """A group of up to ten instances, launched from a template; its instances carry its tags, as far as the account does that."""
    tags = [{"ResourceType": "auto-scaling-group", "ResourceId": name, "PropagateAtLaunch": True, **tag} for tag in marked(allowed=allowed)]
    theatre.client("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName=name,
        LaunchTemplate={"LaunchTemplateName": a_template(theatre, name), "Version": "1"},
        MinSize=1,
        MaxSize=10,
        DesiredCapacity=desired,
        AvailabilityZones=[ZONE],
        Tags=tags,
    )
    return Resource(type="autoscaling:group", id=name, trusted=True)


def a_template(theatre: Theatre, name: str) -> str:
    data: dict[str, Any] = {"ImageId": "ami-12c6146b", "InstanceType": "t3.micro"}
    theatre.client("ec2").create_launch_template(LaunchTemplateName=name, LaunchTemplateData=data)
    return name


def members(theatre: Theatre, group: Resource) -> list[str]:
    [found] = theatre.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[group.id])["AutoScalingGroups"]
    return [one["InstanceId"] for one in found["Instances"]]


def let_go(theatre: Theatre, group: Resource) -> None:
    theatre.client("autoscaling").delete_auto_scaling_group(AutoScalingGroupName=group.id, ForceDelete=True)
