"""Set the desired capacity of an Auto Scaling group, to a number.

The number is the order's (`with: {desired: 6}`), or a quarter more than the group has, and one more at least. It lies within the
group's own bounds, is at most twice what it was (one, where it was none) and at least half. What a request asks for in words or
numbers of its own is not read.
"""

from pydantic import Field

from watchkeeper.actions.action import Action, Given, Parameters, Risk, State
from watchkeeper.models import Cause, Resource


class AsgSetCapacity(Parameters):
    group: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.@+=-]{0,254}$")
    desired: str = Field(pattern=r"^(0|[1-9][0-9]{0,4})$")


def _parameters(target: Resource, state: State, given: Given) -> Parameters:
    now, least, most = (state.get(name) for name in ("desired_capacity", "min_size", "max_size"))
    if type(now) is not int or type(least) is not int or type(most) is not int:
        raise ValueError("its capacity now is not known")
    if "desired" not in given and now >= most:
        raise ValueError(f"it has {now}, and that is the most that it may have: a person has to raise its maximum first")
    wanted = given.get("desired", min(now + max(1, -(-now // 4)), most))
    if type(wanted) is not int:
        raise ValueError("`desired` is a whole number")
    if wanted == now:
        raise ValueError(f"it has a desired capacity of {now} already")
    if not max(least, -(-now // 2)) <= wanted <= min(most, max(1, 2 * now)):
        raise ValueError(f"{wanted} is too far: it has {now}, may have {least} to {most}, and is at most doubled or halved at once")
    return AsgSetCapacity(group=target.id, desired=str(wanted))


ACTION = Action(
    name="asg-set-capacity",
    says="Set the group's desired capacity",
    target_type="autoscaling:group",
    parameters=_parameters,
    takes=("desired",),
    helps_with=(Cause.CPU_SATURATION,),
    risk=Risk.MEDIUM,
    expected_effect="The group launches or ends instances until it has as many. New ones need some minutes, and cost money.",
    ready_when={"status": ("active",), "launching": ("allowed",), "refresh": ("none",)},
    calls=("autoscaling:SetDesiredCapacity",),
    reached_from=("ec2:instance",),
    proven_by={"capacity": ("all in service",)},
    needs=("the group itself carries the tag AutoRemediate=true",),
    sets={"desired": "desired_capacity"},
    inverse="the same, back to the capacity that it had",
)
