"""Start a new deployment of an ECS service with the task definition that it has."""

from pydantic import Field

from watchkeeper.actions.action import Action, Given, Parameters, Risk, State
from watchkeeper.models import Cause, Resource


class EcsRedeploy(Parameters):
    cluster: str = Field(pattern=r"^[A-Za-z0-9_-]{1,255}$")
    service: str = Field(pattern=r"^[A-Za-z0-9_-]{1,255}$")


def _parameters(target: Resource, state: State, given: Given) -> Parameters:  # noqa: ARG001 - every action has the same three
    cluster, _, service = target.id.partition("/")
    return EcsRedeploy(cluster=cluster, service=service)


ACTION = Action(
    name="ecs-redeploy",
    says="Redeploy the service: replace every task with a fresh one of the same task definition",
    target_type="ecs:service",
    parameters=_parameters,
    helps_with=(Cause.CRASH_LOOP,),
    risk=Risk.LOW,
    expected_effect="ECS starts new tasks beside the old ones and drains the old ones when the new are healthy.",
    ready_when={"status": ("ACTIVE",)},
    calls=("ecs:UpdateService",),
    proven_by={"tasks": ("all running",)},
    needs=("the service carries the tag AutoRemediate=true", "room in the cluster for new tasks beside the old ones"),
    seconds=1200,
    why_irreversible="the old tasks are gone; the task definition is unchanged, so there is nothing to go back to",
)
