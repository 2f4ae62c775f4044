"""Bring a stack back to what it was before its update: cancel the update that runs, or continue the rollback that failed.

Either way the stack ends as UPDATE_ROLLBACK_COMPLETE or the runbook fails. No resource is ever skipped: what cannot be rolled back is a
person's. A nested stack is left alone, since its root's update is the one that runs.
"""

from pydantic import Field

from watchkeeper.actions.action import Action, Given, Parameters, Rehearsal, Risk, State
from watchkeeper.models import Cause, Resource

UPDATING, STUCK = "UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_FAILED"


class CloudformationRollback(Parameters):
    stack_name: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,127}$")


def _parameters(target: Resource, state: State, given: Given) -> Parameters:  # noqa: ARG001 - every action has the same three
    if state.get("status") not in {UPDATING, STUCK}:
        raise ValueError(f"the stack is {state.get('status')}: no update runs, and no rollback has failed")
    if state.get("status") == STUCK and state.get("service_role") != "yes":
        raise ValueError("the stack has no service role, so its rollback would be continued with the runbook's permissions, which are none")
    return CloudformationRollback(stack_name=target.id.partition("/")[0])


ACTION = Action(
    name="cloudformation-rollback",
    says="Roll the stack's update back",
    target_type="cloudformation:stack",
    parameters=_parameters,
    helps_with=(Cause.BAD_DEPLOY,),
    risk=Risk.MEDIUM,
    expected_effect="CloudFormation puts every resource of the stack back to what the template before said.",
    ready_when={"status": (UPDATING, STUCK), "parent": ("none",)},
    calls=("cloudformation:CancelUpdateStack", "cloudformation:ContinueUpdateRollback"),
    rehearsal=Rehearsal.CHANGE_SET,
    proven_by={"stack": ("settled",)},
    needs=("the stack carries the tag AutoRemediate=true", "to continue a failed rollback, the stack has a service role"),
    why_irreversible="the update has to be made anew, by whoever made it",
    seconds=3600,
)
