"""Delete old temporary files of one EC2 instance, by a command of our own that can do nothing else.

Old is what nobody has written or read for as long as the order says (`with: {minutes: 240}`), a day where it says nothing; less than
an hour and more than thirty days are refused.
"""

from pydantic import Field

from watchkeeper.actions.action import Action, Given, Parameters, Risk, State
from watchkeeper.models import Cause, Resource

A_DAY, LEAST, MOST = 1440, 60, 43200


class Ec2CleanTemp(Parameters):
    instance_id: str = Field(pattern=r"^i-[0-9a-f]{8,17}$")
    minutes: str = Field(pattern=r"^[1-9][0-9]{1,4}$")


def _parameters(target: Resource, state: State, given: Given) -> Parameters:  # noqa: ARG001 - every action has the same three
    minutes = given.get("minutes", A_DAY)
    if type(minutes) is not int or not LEAST <= minutes <= MOST:
        raise ValueError(f"`minutes` is a whole number from {LEAST} to {MOST}: files older than that are deleted")
    return Ec2CleanTemp(instance_id=target.id, minutes=str(minutes))


ACTION = Action(
    name="ec2-clean-temp",
    says="Delete old temporary files",
    target_type="ec2:instance",
    parameters=_parameters,
    takes=("minutes",),
    helps_with=(Cause.DISK_FULL,),
    risk=Risk.MEDIUM,
    expected_effect="Files under /tmp and /var/tmp that nobody has touched for that long are gone, and the space that they took is free.",
    ready_when={"state": ("running",)},
    calls=("ssm:SendCommand",),
    command="clean-temp",
    needs=(
        "the instance carries the tag AutoRemediate=true",
        "the SSM agent runs on it, with GNU find",
        "nothing keeps in /tmp or /var/tmp what it cannot do without",
    ),
    why_irreversible="deleted files do not come back",
)
