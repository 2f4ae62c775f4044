"""The state of the Auto Scaling groups near the incident: how many instances are wanted, run and are well, and what scaling did of late.

autoscaling:group shop-web: desired 4, min 2, max 4, in service 2, healthy 2
process suspended: Launch
instance i-0abc: Terminating, Unhealthy
scaling activity 2026-11-20T02:58:00Z: Failed: We currently do not have sufficient capacity in this zone.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from analysis.evidence.ask import Ask, Collector, Found, Nothing, stamp
from analysis.evidence.each_resource import also, answer, each, names
from watchkeeper.models import Resource

GROUPS, ACTIVITIES = "autoscaling:DescribeAutoScalingGroups", "autoscaling:DescribeScalingActivities"
BEFORE = timedelta(hours=6)
MOST_ACTIVITIES = 10
MOST_INSTANCES = 10
RUNS, WELL = "InService", "Healthy"


def groups_of(ask: Ask) -> tuple[Resource, ...]:
    """An alarm names a group by its name; its ARN holds an id before it."""
    return (*ask.near("autoscaling:group"), *ask.near("autoscaling:autoScalingGroup"))


def collect(ask: Ask) -> Found | Nothing:
    """DescribeAutoScalingGroups and DescribeScalingActivities for each group."""
    return each(ask, groups_of(ask), _group, f"Not there: {names(groups_of(ask))}.")


def _group(ask: Ask, resource: Resource) -> Iterator[str]:
    name = resource.id.rsplit("autoScalingGroupName/", 1)[-1]
    client = ask.client("autoscaling", ask.region_of(resource))
    said = answer(GROUPS, name, (), client.describe_auto_scaling_groups, AutoScalingGroupNames=[name])
    if said["AutoScalingGroups"]:
        yield from _state(said["AutoScalingGroups"][0])
        yield from also(ask, lambda: _activities(ask, client, name))


def _state(group: dict[str, Any]) -> list[str]:
    instances = group.get("Instances", [])
    runs = sum(one["LifecycleState"] == RUNS for one in instances)
    well = sum(one["HealthStatus"] == WELL for one in instances)
    size = f"desired {group['DesiredCapacity']}, min {group['MinSize']}, max {group['MaxSize']}, in service {runs}, healthy {well}"
    unwell = [one for one in instances if (one["LifecycleState"], one["HealthStatus"]) != (RUNS, WELL)]
    return [
        f"autoscaling:group {group['AutoScalingGroupName']}: {size}",
        *(f"process suspended: {one['ProcessName']}" for one in group.get("SuspendedProcesses", [])),
        *(f"instance {one['InstanceId']}: {one['LifecycleState']}, {one['HealthStatus']}" for one in unwell[:MOST_INSTANCES]),
    ]


def _activities(ask: Ask, client: Any, name: str) -> list[str]:
    """The newest of six hours, newest first."""
    said = answer(ACTIVITIES, name, (), client.describe_scaling_activities, AutoScalingGroupName=name, MaxRecords=MOST_ACTIVITIES)
    recent = [one for one in said["Activities"] if one["StartTime"] >= ask.incident.fired_at - BEFORE]
    return [f"scaling activity {stamp(one['StartTime'])}: {one['StatusCode']}: {ask.tidy(_why(one))}" for one in recent[:MOST_ACTIVITIES]]


def _why(activity: dict[str, Any]) -> str:
    return str(activity.get("StatusMessage") or activity.get("Description") or "nothing more is said")


COLLECTOR = Collector(
    name="asg",
    order=52,
    provenance="the Auto Scaling API, measured",
    applies=lambda ask: bool(groups_of(ask)),
    asked=lambda ask: f"In which state is {names(groups_of(ask))}, and could it scale?",
    collect=collect,
    permissions=(GROUPS, ACTIVITIES),
)
