"""Take one target out of one target group of a load balancer, so that it gets no more requests; or put it back.

The target's id is `<name of the target group>/<id of the target>/<port>`. Its inverse registers it again.
"""

from typing import Literal

from pydantic import Field

from watchkeeper.actions.action import Action, Given, Parameters, Risk, State
from watchkeeper.models import Resource


class AlbDeregisterTarget(Parameters):
    target_group_arn: str = Field(
        pattern=r"^arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:[0-9]{12}:targetgroup/[A-Za-z0-9-]{1,32}/[0-9a-z]{16}$"
    )
    target_id: str = Field(pattern=r"^(i-[0-9a-f]{8,17}|[0-9]{1,3}([.][0-9]{1,3}){3})$")
    port: str = Field(pattern=r"^[1-9][0-9]{0,4}$")
    registered: Literal["yes", "no"]


def _parameters(target: Resource, state: State, given: Given) -> Parameters:  # noqa: ARG001 - every action has the same three
    parts = target.id.split("/")
    if len(parts) != 3:
        raise ValueError("a target is written <target group>/<target>/<port>")
    arn = state.get("target_group")
    if not arn:
        raise ValueError(f"the target group {parts[0][:40]!r} is not known")
    return AlbDeregisterTarget(target_group_arn=arn, target_id=parts[1], port=parts[2], registered="no")


ACTION = Action(
    name="alb-deregister-target",
    says="Take the target out of its target group",
    target_type="elb:target",
    parameters=_parameters,
    helps_with=(),
    risk=Risk.MEDIUM,
    expected_effect="The load balancer sends it nothing new, lets what is under way end, and sends the rest of the group its share.",
    ready_when={"registered": ("yes",), "zone": ("none",)},
    calls=("elbv2:DeregisterTargets", "elbv2:RegisterTargets"),
    reached_from=("ec2:instance",),
    takes_out=True,
    needs=("the target group carries the tag AutoRemediate=true", "the group has another healthy target"),
    sets={"registered": "registered"},
    inverse="register it again",
)
