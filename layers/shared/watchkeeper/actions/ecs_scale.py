"""Set how many tasks an ECS service shall run: an absolute number.

The number is the standing order's word, `with: {desired: 6}`, from 1 to 500. Where the order gives none it is half as many again as
now, at least one more, and never more than 20; a service that has 20 or more is scaled only to a number that somebody gave. A service
that stands at 0 was put there by somebody and is left alone. Where Service Auto Scaling looks after the service, it has the last
word: it brings a number outside of its own bounds back.
"""

from pydantic import Field

from watchkeeper.actions.action import Action, Given, Parameters, Risk, State
from watchkeeper.models import Cause, Resource

MOST_GIVEN = 500
MOST_COMPUTED = 20


class EcsScale(Parameters):
    cluster: str = Field(pattern=r"^[A-Za-z0-9_-]{1,255}$")
    service: str = Field(pattern=r"^[A-Za-z0-9_-]{1,255}$")
    desired_count: str = Field(pattern=r"^[1-9][0-9]{0,3}$")


def _parameters(target: Resource, state: State, given: Given) -> Parameters:
    cluster, _, service = target.id.partition("/")
    now = int(state.get("desired_count", 0))
    if now < 1:
        raise ValueError("the service is to run no tasks at all, which somebody has wanted so")
    wanted = _given(given) if "desired" in given else _computed(now)
    if wanted == now:
        raise ValueError(f"the service is to run {now} tasks already")
    return EcsScale(cluster=cluster, service=service, desired_count=str(wanted))


def _given(given: Given) -> int:
    wanted = given["desired"]
    if not isinstance(wanted, int) or isinstance(wanted, bool) or not 1 <= wanted <= MOST_GIVEN:
        raise ValueError(f"`desired` of the standing order has to be a number from 1 to {MOST_GIVEN}, not {wanted!r}")
    return wanted


def _computed(now: int) -> int:
    if now >= MOST_COMPUTED:
        raise ValueError(f"the service runs {now} tasks, and beyond {MOST_COMPUTED} the standing order has to give the number: `desired`")
    return min(now + max(1, now // 2), MOST_COMPUTED)


ACTION = Action(
    name="ecs-scale",
    says="Set how many tasks the service runs",
    target_type="ecs:service",
    parameters=_parameters,
    takes=("desired",),
    helps_with=(Cause.CPU_SATURATION,),
    risk=Risk.LOW,
    expected_effect="ECS starts or stops tasks until that many run; what serves goes on. A task more costs as much as one now.",
    ready_when={"status": ("ACTIVE",), "scheduling": ("REPLICA",)},
    calls=("ecs:UpdateService",),
    proven_by={"tasks": ("all running",)},
    needs=(
        "the service carries the tag AutoRemediate=true",
        "room in the cluster for so many tasks",
        "a number within the bounds of Service Auto Scaling, where the service has that",
    ),
    sets={"desired_count": "desired_count"},
    seconds=900,
    inverse="set the number that it had",
)
