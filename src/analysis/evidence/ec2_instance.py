"""The state of the EC2 instances that the incident is about: what they are, since when, and what AWS checks of them."""

from typing import Any

from analysis.evidence.ask import Ask, Collector, Found, Nothing, stamp
from watchkeeper.models import Resource
from watchkeeper.storage.aws import in_our_words

INSTANCES, STATUS = "ec2:DescribeInstances", "ec2:DescribeInstanceStatus"
MOST = 10


def collect(ask: Ask) -> Found | Nothing:
    """DescribeInstances and DescribeInstanceStatus, one block of lines for each instance."""
    blocks = [block for resource in ask.trusted("ec2:instance")[:MOST] for block in _instance(ask, resource)]
    if not blocks:
        return Nothing(f"No such instance: {_names(ask)}.")
    return Found(summary="; ".join(block.splitlines()[0] for block in blocks), body="\n".join(blocks))


def _instance(ask: Ask, resource: Resource) -> list[str]:
    client = ask.client("ec2", ask.region_of(resource))
    by_id = [{"Name": "instance-id", "Values": [resource.id]}]
    with in_our_words(INSTANCES, resource.id):
        reservations = client.describe_instances(Filters=by_id)["Reservations"]
    with in_our_words(STATUS, resource.id):
        statuses = client.describe_instance_status(Filters=by_id, IncludeAllInstances=True)["InstanceStatuses"]
    return ["\n".join(_lines(instance, statuses, ask)) for group in reservations for instance in group["Instances"]]


def _lines(instance: dict[str, Any], statuses: list[dict[str, Any]], ask: Ask) -> list[str]:
    name = instance["InstanceId"]
    lines = [f"ec2:instance {name}: state {instance['State']['Name']}, type {instance['InstanceType']}"]
    if "LaunchTime" in instance:
        lines.append(f"launched: {stamp(instance['LaunchTime'])}")
    if instance.get("StateTransitionReason"):
        lines.append(f"state changed because: {ask.tidy(instance['StateTransitionReason'])}")
    for status in statuses:
        if status.get("InstanceId") == name:
            checks = (f"{check} check {status[key]['Status']}" for check, key in _CHECKS if "Status" in status.get(key, {}))
            lines.append(f"status: {', '.join(checks)}")
            lines += [f"event: {ask.tidy(event.get('Description', event['Code']))}" for event in status.get("Events", [])]
    lines += [f"tag {tag['Key']}: {ask.tidy(tag['Value'])}" for tag in sorted(instance.get("Tags", []), key=lambda tag: str(tag["Key"]))]
    return lines


_CHECKS = (("instance", "InstanceStatus"), ("system", "SystemStatus"))


def _names(ask: Ask) -> str:
    return ", ".join(resource.id for resource in ask.trusted("ec2:instance"))


COLLECTOR = Collector(
    name="ec2",
    order=40,
    provenance="the EC2 API, measured; tags were written by whoever may tag the instance",
    applies=lambda ask: bool(ask.trusted("ec2:instance")),
    asked=lambda ask: f"In which state is {_names(ask)}?",
    collect=collect,
    permissions=(INSTANCES, STATUS),
)
