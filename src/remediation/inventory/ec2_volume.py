"""EBS volumes. An instance's own volume is reached where there can be no doubt which one is meant: its only one beside the root
volume, or the only one that it has.
"""

from typing import Any

from remediation.ports import Sighting
from watchkeeper.errors import Permanent
from watchkeeper.models import Resource
from watchkeeper.storage.aws import code_of, in_our_words

TYPE = "ec2:volume"
_ABSENT = {"InvalidVolume.NotFound", "InvalidVolumeID.Malformed", "InvalidParameterValue"}
_NEVER_MODIFIED = "InvalidVolumeModification.NotFound"
_UNDER_WAY = {"modifying", "optimizing"}


def see(clients: Any, target: Resource) -> Sighting:
    """The volume with its tags; absent where EC2 does not know the id. Whose it is EC2 does not say: it shows our own only."""
    client = clients("ec2")
    try:
        with in_our_words("ec2:DescribeVolumes", target.id):
            found = client.describe_volumes(VolumeIds=[target.id])["Volumes"]
    except Permanent as error:
        if code_of(error.__cause__) in _ABSENT:
            return Sighting()
        raise
    if not found:
        return Sighting()
    volume, modification = found[0], _modification(client, target.id)
    tags = {tag["Key"]: tag["Value"] for tag in volume.get("Tags", [])}
    attached = sorted(one["InstanceId"] for one in volume.get("Attachments", []))
    return Sighting(
        exists=True,
        region=client.meta.region_name,
        name=tags.get("Name", ""),
        tags=tags,
        state={
            "state": volume["State"],
            "size_gib": volume["Size"],
            "type": volume.get("VolumeType", "none"),
            "attached_to": ", ".join(attached) or "none",
            "modification": "under way" if modification in _UNDER_WAY else "none",
        },
        health={"modification": modification},
    )


def reach(clients: Any, start: Resource) -> list[Resource]:
    """The volume of an instance that is meant when its disk is full; none where that could be more than one."""
    if start.type != "ec2:instance":
        return []
    client = clients("ec2")
    with in_our_words("ec2:DescribeVolumes", start.id):
        filters = [{"Name": "attachment.instance-id", "Values": [start.id]}]
        volumes = client.describe_volumes(Filters=filters)["Volumes"]
    if len(volumes) > 1:
        root = _root_device(client, start.id)
        volumes = [one for one in volumes if root not in {attached["Device"] for attached in one["Attachments"]}]
    if len(volumes) != 1:
        return []
    return [Resource(type=TYPE, id=volumes[0]["VolumeId"], account=start.account, region=start.region, trusted=start.trusted)]


def _root_device(client: Any, instance: str) -> str:
    with in_our_words("ec2:DescribeInstances", instance):
        reservations = client.describe_instances(InstanceIds=[instance])["Reservations"]
    return next((str(one.get("RootDeviceName", "")) for reservation in reservations for one in reservation["Instances"]), "")


def _modification(client: Any, volume: str) -> str:
    """How its last change of size stands: EC2's own word, or `none` where it never had one."""
    try:
        with in_our_words("ec2:DescribeVolumesModifications", volume):
            found = client.describe_volumes_modifications(VolumeIds=[volume])["VolumesModifications"]
    except Permanent as error:
        if code_of(error.__cause__) == _NEVER_MODIFIED:
            return "none"
        raise
    return str(found[0]["ModificationState"]) if found else "none"
