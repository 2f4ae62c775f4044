"""Runbooks that have an effect: what SSM has started is done to the targets when it ends, once for each, and that is what tests count."""

from dataclasses import dataclass, field
from typing import Any

from remediation.ports import Sighting
from tests.fakes.automation import StrictSsm
from tests.fakes.remediation import READY, MemoryInventory, World, an_analysis
from watchkeeper.models import Cause, Incident, ProposedAction, Resource
from watchkeeper.team import Mode, Order, StandingOrders, When

GROUP = Resource(
    type="autoscaling:group",
    id="workers",
    arn="arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:x:autoScalingGroupName/workers",
    account="123456789012",
    region="eu-west-1",
    trusted=True,
)
SCALE = Order(
    name="more workers", when=When(causes=(Cause.CPU_SATURATION,)), action="asg-set-capacity", mode=Mode.AUTO, **{"with": {"desired": 6}}
)
FEW = READY.but(
    name="workers",
    state={"desired_capacity": 4, "min_size": 2, "max_size": 8, "status": "active", "launching": "allowed", "refresh": "none"},
    health={"capacity": "all in service"},
)


@dataclass
class Effects:
    """Which numbers the group was set to, in order, by the id of the automation that did it."""

    inventory: MemoryInventory
    ssm: StrictSsm
    done: dict[str, str] = field(default_factory=dict)

    def happen(self, status: str = "Success", *, acts: bool = True) -> list[str]:
        """Everything that runs ends; with `acts` it has done its work before."""
        running = [one for one in self.ssm.started.values() if one["AutomationExecutionStatus"] == "InProgress"]
        for one in running if acts else ():
            desired = one["Parameters"]["Desired"][0]
            self.done[one["AutomationExecutionId"]] = desired
            seen: Sighting = self.inventory.seen
            self.inventory.seen = seen.but(state={**seen.state, "desired_capacity": int(desired)})
        return self.ssm.finish(status)


def a_group_world(*orders: Order, **but: Any) -> tuple[World, Effects]:
    """A group that is too small, an order that sets it to six, and an incident whose analysis proposes it."""
    world = World(orders=StandingOrders(version="v1", orders=orders or (SCALE,)), **but)
    world.inventory.seen = FEW
    return world, Effects(world.inventory, world.ssm)


def too_small(world: World, **but: Any) -> Incident:
    analysis = an_analysis(proposed=(ProposedAction(action="asg-set-capacity", why="more of them share the work"),))
    return world.opened(analysis, resources=(GROUP,), **but)
