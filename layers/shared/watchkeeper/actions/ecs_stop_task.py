"""Stop one task of an ECS service, so that the service starts another in its place.

A task that no service stands behind is never stopped: nothing would start another. From a service it is reached only where it is
clear which one is meant: exactly one of its tasks is UNHEALTHY; or, where none is, the oldest task that has not come up in a
deployment that has lost tasks before. Two unhealthy tasks are not one bad task, and then none is chosen.
"""

from pydantic import Field

from watchkeeper.actions.action import Action, Given, Parameters, Risk, State
from watchkeeper.models import Cause, Resource

NONE = "none"


class EcsStopTask(Parameters):
    cluster: str = Field(pattern=r"^[A-Za-z0-9_-]{1,255}$")
    task: str = Field(pattern=r"^[0-9a-f][0-9a-f-]{31,35}$")
    service: str = Field(pattern=r"^[A-Za-z0-9_-]{1,255}$")


def _parameters(target: Resource, state: State, given: Given) -> Parameters:  # noqa: ARG001 - every action has the same three
    service = str(state.get("service", NONE))
    if service == NONE:
        raise ValueError("no service started this task, so nothing would start another in its place")
    cluster, _, task = target.id.partition("/")
    return EcsStopTask(cluster=cluster, task=task, service=service)


ACTION = Action(
    name="ecs-stop-task",
    says="Stop the task; its service starts another",
    target_type="ecs:task",
    parameters=_parameters,
    helps_with=(Cause.TIMEOUTS,),
    risk=Risk.MEDIUM,
    expected_effect="The task is told to end, and killed if it does not. Its service serves with one task less until another is up.",
    ready_when={"wanted": ("RUNNING",)},
    calls=("ecs:StopTask",),
    reached_from=("ecs:service",),
    proven_by={"tasks of the service": ("all running",)},
    needs=("the task carries the tag AutoRemediate=true; ECS gives it to tasks where the service has propagateTags",),
    why_irreversible="a stopped task does not run again; its service has started another in its place",
    takes_out=True,
)
