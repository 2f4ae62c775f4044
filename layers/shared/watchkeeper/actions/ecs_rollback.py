"""Bring an ECS service back to the task definition that it ran before.

Which one that is, the inventory finds in the service's own deployments: the newest that succeeded with an earlier revision of the
family that it runs now, where that revision is still active. Nothing is guessed from the revision numbers alone: a family may be
shared, and a revision in between may never have run here.
"""

from pydantic import Field

from watchkeeper.actions.action import Action, Given, Parameters, Risk, State
from watchkeeper.models import Cause, Resource

NONE = "none"


class EcsRollback(Parameters):
    cluster: str = Field(pattern=r"^[A-Za-z0-9_-]{1,255}$")
    service: str = Field(pattern=r"^[A-Za-z0-9_-]{1,255}$")
    task_definition: str = Field(pattern=r"^arn:aws[a-z-]*:ecs:[a-z0-9-]+:[0-9]{12}:task-definition/[A-Za-z0-9_-]{1,255}:[1-9][0-9]{0,8}$")


def _parameters(target: Resource, state: State, given: Given) -> Parameters:  # noqa: ARG001 - every action has the same three
    former = str(state.get("former_task_definition", NONE))
    if former == NONE:
        raise ValueError("no earlier revision of its task definition is known to have run in this service and to be active still")
    cluster, _, service = target.id.partition("/")
    return EcsRollback(cluster=cluster, service=service, task_definition=former)


ACTION = Action(
    name="ecs-rollback",
    says="Roll the service back to the task definition that it ran before",
    target_type="ecs:service",
    parameters=_parameters,
    helps_with=(Cause.BAD_DEPLOY,),
    risk=Risk.MEDIUM,
    expected_effect="ECS starts tasks of the former revision beside the present ones, and drains these when the former are healthy.",
    ready_when={"status": ("ACTIVE",), "controller": ("ECS",)},
    calls=("ecs:UpdateService",),
    proven_by={"tasks": ("all running",)},
    needs=("the service carries the tag AutoRemediate=true", "data and neighbours that the former revision still gets along with"),
    sets={"task_definition": "task_definition"},
    seconds=1200,
    inverse="deploy the revision that it ran when this began",
)
