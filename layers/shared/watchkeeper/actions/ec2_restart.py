"""Reboot one EC2 instance. It keeps its addresses, volumes and host."""

from pydantic import Field

from watchkeeper.actions.action import Action, Given, Parameters, Rehearsal, Risk, State
from watchkeeper.models import Cause, Resource


class Ec2Restart(Parameters):
    instance_id: str = Field(pattern=r"^i-[0-9a-f]{8,17}$")


def _parameters(target: Resource, state: State, given: Given) -> Parameters:  # noqa: ARG001 - every action has the same three
    return Ec2Restart(instance_id=target.id)


ACTION = Action(
    name="ec2-restart",
    says="Reboot the instance",
    target_type="ec2:instance",
    parameters=_parameters,
    helps_with=(Cause.CPU_SATURATION,),
    risk=Risk.MEDIUM,
    expected_effect="The instance answers nothing for one to three minutes, then comes back with its processes started anew.",
    ready_when={"state": ("running",)},
    calls=("ec2:RebootInstances",),
    takes_out=True,
    rehearsal=Rehearsal.EC2_DRY_RUN,
    proven_by={"instance checks": ("ok",), "host checks": ("ok",)},
    needs=("the instance carries the tag AutoRemediate=true",),
    why_irreversible="a reboot cannot be taken back; what ran in memory is gone",
)
