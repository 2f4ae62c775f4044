"""Stop one EC2 instance and start it again, which puts it on another host. It keeps its volumes and private addresses.

Only what can be stopped without loss: an instance whose root is a volume, that was not bought on the spot market, and that no
Auto Scaling group would replace while it is down.
"""

from pydantic import Field

from watchkeeper.actions.action import Action, Given, Parameters, Rehearsal, Risk, State
from watchkeeper.models import Resource


class Ec2StopStart(Parameters):
    instance_id: str = Field(pattern=r"^i-[0-9a-f]{8,17}$")


def _parameters(target: Resource, state: State, given: Given) -> Parameters:  # noqa: ARG001 - every action has the same three
    return Ec2StopStart(instance_id=target.id)


ACTION = Action(
    name="ec2-stop-start",
    says="Stop the instance and start it on another host",
    target_type="ec2:instance",
    parameters=_parameters,
    helps_with=(),
    risk=Risk.HIGH,
    expected_effect=(
        "The instance answers nothing for two to ten minutes and comes back on another host. What lies on instance-store volumes is lost, "
        "and so is a public address that is no Elastic IP."
    ),
    ready_when={"state": ("running",), "root": ("ebs",), "market": ("on-demand",), "group": ("none",)},
    calls=("ec2:StopInstances", "ec2:StartInstances"),
    takes_out=True,
    rehearsal=Rehearsal.EC2_DRY_RUN,
    proven_by={"instance checks": ("ok",), "host checks": ("ok",)},
    needs=(
        "the instance carries the tag AutoRemediate=true",
        "it is not a member of an Auto Scaling group, its root is an EBS volume",
        "the zone has room for its type when it is started again",
    ),
    why_irreversible="it runs on another host now, and what ran in memory is gone",
    seconds=1200,
)
