"""Volumes, groups and targets as AWS may describe them, where no stand-in of ours does; and the permission that each look needs."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from remediation.inventory import AwsInventory
from tests.fakes.automation import refused
from watchkeeper.errors import NotAllowed
from watchkeeper.models import Resource

ARN = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/50dc6c495c0c9188"
HOST = Resource(type="ec2:instance", id="i-0123456789abcdef0", trusted=True)
VOLUME = Resource(type="ec2:volume", id="vol-0123456789abcdef0", trusted=True)
GROUP = Resource(type="autoscaling:group", id="web", trusted=True)
TARGET = Resource(type="elb:target", id=f"web/{HOST.id}/8080", trusted=True)
ATTACHED = {"InstanceId": HOST.id, "Device": "/dev/xvdf"}
A_VOLUME = {"VolumeId": VOLUME.id, "State": "in-use", "Size": 100, "VolumeType": "gp3", "Attachments": [ATTACHED]}
MEMBER = {"InstanceId": HOST.id, "LifecycleState": "InService", "HealthStatus": "Healthy"}
A_GROUP = {
    "AutoScalingGroupARN": "arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:1:autoScalingGroupName/web",
    "DesiredCapacity": 2, "MinSize": 1, "MaxSize": 4, "Instances": [MEMBER, MEMBER],
}  # fmt: skip
NO_REFRESH: dict[str, Any] = {"InstanceRefreshes": []}


class Answering:
    """A client that answers as it is told, by operation, and refuses everything else as IAM would."""

    meta = SimpleNamespace(region_name="eu-west-1")

    def __init__(self, answers: dict[str, Any]) -> None:
        self._answers = answers

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        def answer(**_: Any) -> Any:
            found = self._answers.get(operation, refused(operation, "AccessDenied", 403))
            if isinstance(found, Exception):
                raise found
            return found

        return answer


def inventory(**answers: Any) -> AwsInventory:
    return AwsInventory(lambda _: Answering(answers))


@pytest.mark.parametrize(
    ("last", "state", "health"),
    [
        (refused("DescribeVolumesModifications", "InvalidVolumeModification.NotFound"), "none", "none"),
        ({"VolumesModifications": []}, "none", "none"),
        ({"VolumesModifications": [{"ModificationState": "modifying"}]}, "under way", "modifying"),
        ({"VolumesModifications": [{"ModificationState": "optimizing"}]}, "under way", "optimizing"),
        ({"VolumesModifications": [{"ModificationState": "completed"}]}, "none", "completed"),
        ({"VolumesModifications": [{"ModificationState": "failed"}]}, "none", "failed"),
    ],
)
def test_a_volume_says_whether_a_change_is_under_way(last: Any, state: str, health: str) -> None:
    seen = inventory(describe_volumes={"Volumes": [A_VOLUME]}, describe_volumes_modifications=last).see(VOLUME)
    assert (seen.state["modification"], seen.health) == (state, {"modification": health})
    assert (seen.state["size_gib"], seen.state["attached_to"]) == (100, HOST.id)


@pytest.mark.parametrize(
    ("but", "facts"),
    [
        ({}, {"status": "active", "launching": "allowed", "launches": "none"}),
        ({"Status": "Delete in progress"}, {"status": "Delete in progress"}),
        ({"SuspendedProcesses": [{"ProcessName": "Launch"}]}, {"launching": "suspended"}),
        ({"SuspendedProcesses": [{"ProcessName": "AZRebalance"}]}, {"launching": "allowed"}),
        ({"LaunchConfigurationName": "old"}, {"launches": "old"}),
        ({"LaunchTemplate": {"LaunchTemplateId": "lt-1", "Version": "7"}}, {"launches": "lt-1 version 7"}),
        (
            {"MixedInstancesPolicy": {"LaunchTemplate": {"LaunchTemplateSpecification": {"LaunchTemplateName": "web"}}}},
            {"launches": "web version $Default"},
        ),
    ],
)
def test_a_group_says_what_it_launches_and_whether_it_may(but: dict[str, Any], facts: dict[str, str]) -> None:
    groups = {"AutoScalingGroups": [{**A_GROUP, **but}]}
    seen = inventory(describe_auto_scaling_groups=groups, describe_instance_refreshes=NO_REFRESH).see(GROUP)
    assert {name: seen.state[name] for name in facts} == facts
    assert (seen.account, seen.region, seen.health) == ("123456789012", "eu-west-1", {"capacity": "all in service"})


@pytest.mark.parametrize(
    ("statuses", "refresh"),
    [([], "none"), (["Successful", "Failed"], "none"), (["InProgress", "Successful"], "under way"), (["Baking"], "under way")],
)
def test_a_group_says_whether_a_refresh_is_under_way(statuses: list[str], refresh: str) -> None:
    found = {"InstanceRefreshes": [{"Status": status} for status in statuses]}
    seen = inventory(describe_auto_scaling_groups={"AutoScalingGroups": [A_GROUP]}, describe_instance_refreshes=found).see(GROUP)
    assert seen.state["refresh"] == refresh


@pytest.mark.parametrize(
    ("members", "capacity"),
    [
        ([MEMBER], "1 of 2 in service"),
        ([MEMBER, {**MEMBER, "LifecycleState": "Pending"}], "1 of 2 in service"),
        ([MEMBER, {**MEMBER, "HealthStatus": "Unhealthy"}], "1 of 2 in service"),
        ([MEMBER, MEMBER, {**MEMBER, "LifecycleState": "Terminating"}], "2 of 2 in service"),
    ],
)
def test_a_group_is_whole_when_as_many_serve_as_it_wants_and_no_others_are_left(members: list[Any], capacity: str) -> None:
    groups = {"AutoScalingGroups": [{**A_GROUP, "Instances": members}]}
    seen = inventory(describe_auto_scaling_groups=groups, describe_instance_refreshes=NO_REFRESH).see(GROUP)
    assert seen.health == {"capacity": capacity}


def a_target_group(state: str, reason: str = "", **target: Any) -> AwsInventory:
    health = {"State": state, **({"Reason": reason} if reason else {})}
    return inventory(
        describe_target_groups={"TargetGroups": [{"TargetGroupArn": ARN, "TargetGroupName": "web", "TargetType": "instance"}]},
        describe_target_health={"TargetHealthDescriptions": [{"Target": {"Id": HOST.id, "Port": 8080, **target}, "TargetHealth": health}]},
        describe_tags={"TagDescriptions": [{"ResourceArn": ARN, "Tags": [{"Key": "AutoRemediate", "Value": "true"}]}]},
    )


@pytest.mark.parametrize(
    ("state", "reason", "registered", "healthy"),
    [
        ("healthy", "", "yes", 1),
        ("unhealthy", "Target.Timeout", "yes", 0),
        ("initial", "Elb.RegistrationInProgress", "yes", 0),
        ("unused", "Target.NotInUse", "yes", 0),
        ("unused", "Target.NotRegistered", "no", 0),
        ("draining", "Target.DeregistrationInProgress", "no", 0),
    ],
)
def test_a_target_is_in_its_group_until_it_is_being_taken_out(state: str, reason: str, registered: str, healthy: int) -> None:
    seen = a_target_group(state, reason).see(TARGET)
    assert seen.fleet
    assert (seen.state["registered"], seen.fleet.healthy, seen.tags) == (registered, healthy, {"AutoRemediate": "true"})
    assert len(a_target_group(state, reason).reach("elb:target", HOST)) == (registered == "yes")


def test_a_target_under_another_port_or_zone_is_not_taken_for_this_one() -> None:
    assert a_target_group("healthy", Port=9090).see(TARGET).state["registered"] == "no"
    assert a_target_group("healthy", AvailabilityZone="all").see(TARGET).state["zone"] == "all"
    assert a_target_group("healthy").see(TARGET).state["zone"] == "none"


def test_an_account_with_very_many_target_groups_is_not_searched() -> None:
    assert inventory(describe_target_groups={"TargetGroups": [], "NextMarker": "more"}).reach("elb:target", HOST) == []


@pytest.mark.parametrize(
    ("ask", "permission"),
    [
        (lambda: inventory().see(VOLUME), f"ec2:DescribeVolumes on {VOLUME.id}"),
        (lambda: inventory(describe_volumes={"Volumes": [A_VOLUME]}).see(VOLUME), f"ec2:DescribeVolumesModifications on {VOLUME.id}"),
        (lambda: inventory().reach("ec2:volume", HOST), f"ec2:DescribeVolumes on {HOST.id}"),
        (
            lambda: inventory(describe_volumes={"Volumes": [A_VOLUME, A_VOLUME]}).reach("ec2:volume", HOST),
            f"ec2:DescribeInstances on {HOST.id}",
        ),
        (lambda: inventory().see(GROUP), "autoscaling:DescribeAutoScalingGroups on web"),
        (
            lambda: inventory(describe_auto_scaling_groups={"AutoScalingGroups": [A_GROUP]}).see(GROUP),
            "autoscaling:DescribeInstanceRefreshes on web",
        ),
        (lambda: inventory().reach("autoscaling:group", HOST), f"autoscaling:DescribeAutoScalingInstances on {HOST.id}"),
        (lambda: inventory().see(TARGET), "elasticloadbalancing:DescribeTargetGroups on web"),
        (lambda: inventory().reach("elb:target", HOST), r"elasticloadbalancing:DescribeTargetGroups on \*"),
        (
            lambda: inventory(describe_target_groups={"TargetGroups": [{"TargetGroupArn": ARN}]}).see(TARGET),
            f"elasticloadbalancing:DescribeTargetHealth on {ARN}",
        ),
        (
            lambda: inventory(
                describe_target_groups={"TargetGroups": [{"TargetGroupArn": ARN}]}, describe_target_health={"TargetHealthDescriptions": []}
            ).see(TARGET),
            f"elasticloadbalancing:DescribeTags on {ARN}",
        ),
    ],
)
def test_every_look_names_the_permission_that_is_missing(ask: Callable[[], object], permission: str) -> None:
    with pytest.raises(NotAllowed, match=f"^not allowed: {permission}$"):
        ask()
