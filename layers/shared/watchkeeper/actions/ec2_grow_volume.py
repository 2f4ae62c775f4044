"""Make one EBS volume larger. It stays in use meanwhile.

The size to be reached is the order's (`with: {size_gib: 200}`), or a fifth more than it has, by at most 500 GiB. In either case it
is at most twice what it is, and at most 16 TiB. A volume cannot be made smaller again.
"""

from pydantic import Field

from watchkeeper.actions.action import Action, Given, Parameters, Rehearsal, Risk, State
from watchkeeper.models import Cause, Resource

LARGEST, MOST_ADDED = 16384, 500


class Ec2GrowVolume(Parameters):
    volume_id: str = Field(pattern=r"^vol-[0-9a-f]{8,17}$")
    size_gib: str = Field(pattern=r"^[1-9][0-9]{0,4}$")


def _parameters(target: Resource, state: State, given: Given) -> Parameters:
    now = state.get("size_gib")
    if type(now) is not int or now < 1:
        raise ValueError("how large it is now is not known")
    wanted = given.get("size_gib", now + min(-(-now // 5), MOST_ADDED))
    if type(wanted) is not int:
        raise ValueError("`size_gib` is a whole number of GiB")
    if wanted <= now:
        raise ValueError(f"it has {now} GiB already, and cannot be made smaller or be left as it is by this")
    if wanted > min(2 * now, LARGEST):
        raise ValueError(f"{wanted} GiB is too much for it at once: it has {now}, and may get {min(2 * now, LARGEST)} at most")
    return Ec2GrowVolume(volume_id=target.id, size_gib=str(wanted))


ACTION = Action(
    name="ec2-grow-volume",
    says="Make the volume larger",
    target_type="ec2:volume",
    parameters=_parameters,
    takes=("size_gib",),
    helps_with=(Cause.DISK_FULL,),
    risk=Risk.MEDIUM,
    expected_effect="The volume is larger and is in use throughout; its file system does not know of it yet. From now on it costs more.",
    ready_when={"state": ("in-use",), "modification": ("none",)},
    calls=("ec2:ModifyVolume",),
    reached_from=("ec2:instance",),
    rehearsal=Rehearsal.EC2_DRY_RUN,
    proven_by={"modification": ("optimizing", "completed")},
    needs=("the volume itself carries the tag AutoRemediate=true",),
    why_irreversible="a volume cannot be made smaller",
    left_to_do="Grow the partition and the file system on the instance (growpart, then resize2fs or xfs_growfs); the alarm clears then.",
)
