"""Stop the deployment that runs in a deployment group, and have CodeDeploy deploy again what ran before it.

Which deployment is the inventory's word when the plan is made: the one that runs, where it is one. One that has ended is not for this
action: there is nothing to stop, and CodeDeploy rolls nothing back by itself then.
"""

from pydantic import Field

from watchkeeper.actions.action import Action, Given, Parameters, Risk, State
from watchkeeper.models import Cause, Resource


class CodedeployRollback(Parameters):
    application: str = Field(pattern=r"^[A-Za-z0-9+=,.@_-]{1,100}$")
    group: str = Field(pattern=r"^[A-Za-z0-9+=,.@_-]{1,100}$")
    deployment: str = Field(pattern=r"^d-[A-Z0-9]{9,20}$")


def _parameters(target: Resource, state: State, given: Given) -> Parameters:  # noqa: ARG001 - every action has the same three
    running = str(state.get("deployment", "none"))
    if running == "none":
        raise ValueError("no deployment runs in the group, so there is none to stop")
    if "," in running:
        raise ValueError(f"several deployments run in the group ({running}); which one is a person's to say")
    application, _, group = target.id.partition("/")
    return CodedeployRollback(application=application, group=group, deployment=running)


ACTION = Action(
    name="codedeploy-rollback",
    says="Stop the deployment and roll it back",
    target_type="codedeploy:deploymentgroup",
    parameters=_parameters,
    helps_with=(Cause.BAD_DEPLOY,),
    risk=Risk.MEDIUM,
    expected_effect="The deployment stops where it is, and the revision that ran before it is deployed again everywhere.",
    ready_when={},
    calls=("codedeploy:StopDeployment",),
    proven_by={"last deployment": ("Succeeded",)},
    needs=("the deployment group carries the tag AutoRemediate=true", "a deployment before this one that succeeded"),
    why_irreversible="what was stopped has to be deployed anew",
    seconds=2700,
)
