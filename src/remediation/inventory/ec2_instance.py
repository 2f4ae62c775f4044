"""EC2 instances. `launch_time` tells a person's yes from one for the same instance before somebody stopped and started it."""

from typing import Any

from remediation.ports import Sighting
from watchkeeper.errors import Permanent
from watchkeeper.models import Resource
from watchkeeper.storage.aws import code_of, in_our_words

TYPE = "ec2:instance"
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
    launched = instance.get("LaunchTime")
    return Sighting(
        exists=True,
        account=reservation.get("OwnerId", ""),
        region=client.meta.region_name,
        tags={tag["Key"]: tag["Value"] for tag in instance.get("Tags", [])},
        state={"state": instance["State"]["Name"], "launch_time": launched.isoformat() if launched else ""},
    )
