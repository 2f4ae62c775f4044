"""Replace the instances of an Auto Scaling group, a few at a time, by ones from what the group launches now.

At least nine in ten stay in service throughout, and only one refresh of a group can be under way. It starts nothing new: what the
group launches is part of the state that a person's yes depends on.
"""

from pydantic import Field

from watchkeeper.actions.action import Action, Given, Parameters, Risk, State
from watchkeeper.models import Resource


class AsgInstanceRefresh(Parameters):
    group: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.@+=-]{0,254}$")


def _parameters(target: Resource, state: State, given: Given) -> Parameters:  # noqa: ARG001 - every action has the same three
    if state.get("launches", "none") == "none":
        raise ValueError("it is not known from what the group launches its instances")
    if state.get("desired_capacity") in {None, 0}:
        raise ValueError("the group has no instance to replace")
    return AsgInstanceRefresh(group=target.id)


ACTION = Action(
    name="asg-instance-refresh",
    says="Replace the group's instances, a few at a time",
    target_type="autoscaling:group",
    parameters=_parameters,
    helps_with=(),
    risk=Risk.HIGH,
    expected_effect="Within the hour every instance of the group is a new one, launched as the group launches now; nine in ten serve on.",
    ready_when={"status": ("active",), "launching": ("allowed",), "refresh": ("none",)},
    calls=("autoscaling:StartInstanceRefresh",),
    reached_from=("ec2:instance",),
    proven_by={"capacity": ("all in service",)},
    needs=("the group itself carries the tag AutoRemediate=true", "a launch template that is known to work"),
    inverse="cancel the instance refresh while it is under way; what it has replaced by then stays replaced",
    seconds=3600,
)
