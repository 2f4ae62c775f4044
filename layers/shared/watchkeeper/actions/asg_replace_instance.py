"""End one instance of an Auto Scaling group without making the group smaller, so that the group launches another one in its place."""

from pydantic import Field

from watchkeeper.actions.action import Action, Given, Parameters, Risk, State
from watchkeeper.models import Resource


class AsgReplaceInstance(Parameters):
    instance_id: str = Field(pattern=r"^i-[0-9a-f]{8,17}$")
    group: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.@+=-]{0,254}$")


def _parameters(target: Resource, state: State, given: Given) -> Parameters:  # noqa: ARG001 - every action has the same three
    group = state.get("group", "none")
    if group == "none":
        raise ValueError("it is in no Auto Scaling group, and nothing would take its place")
    return AsgReplaceInstance(instance_id=target.id, group=group)


ACTION = Action(
    name="asg-replace-instance",
    says="End the instance, and let its group launch another one",
    target_type="ec2:instance",
    parameters=_parameters,
    helps_with=(),
    risk=Risk.HIGH,
    expected_effect="The instance and what lies on it are gone; its group, which is one short for some minutes, launches another one.",
    ready_when={"state": ("running",)},
    calls=("autoscaling:TerminateInstanceInAutoScalingGroup",),
    takes_out=True,
    needs=(
        "the instance carries the tag AutoRemediate=true, and so does its group",
        "the group has another healthy instance",
    ),
    why_irreversible="the instance is gone, with everything that was on it and nowhere else",
)
