"""Point an alias of a Lambda function at the version published before the one that it points at.

Which alias is the standing order's word: `with: {alias: live}`. The version is computed when the plan is made, from the inventory's
facts, and stands in the plan as a number. What is between two versions in their numbers but was deleted is passed over.
"""

from pydantic import Field

from watchkeeper.actions.action import Action, Given, Parameters, Risk, State
from watchkeeper.models import Cause, Resource


class LambdaAliasRollback(Parameters):
    function_name: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    alias: str = Field(pattern=r"^[0-9]{0,63}[A-Za-z_-][A-Za-z0-9_-]{0,63}$")
    version: str = Field(pattern=r"^[1-9][0-9]{0,8}$")


def _parameters(target: Resource, state: State, given: Given) -> Parameters:
    alias = given.get("alias")
    if not isinstance(alias, str) or not alias:
        raise ValueError("the standing order has to say which alias, such as `with: {alias: live}`")
    present, before = str(state.get(f"alias {alias}", "")), str(state.get(f"before alias {alias}", ""))
    if not present:
        raise ValueError(f"the function has no alias {alias}")
    if not present.isdigit():
        raise ValueError(f"the alias {alias} points at {present}: only one that points at one published version is rolled back")
    if not before.isdigit():
        raise ValueError(f"no version was published before {present}, where the alias {alias} points")
    return LambdaAliasRollback(function_name=target.id.partition(":")[0], alias=alias, version=before)


ACTION = Action(
    name="lambda-alias-rollback",
    says="Point the function's alias at the version before",
    target_type="lambda:function",
    parameters=_parameters,
    takes=("alias",),
    helps_with=(Cause.BAD_DEPLOY,),
    risk=Risk.MEDIUM,
    expected_effect="New invocations through the alias run the version published before; those that run now end as they began.",
    ready_when={"last_update": ("Successful",)},
    calls=("lambda:UpdateAlias",),
    proven_by={"function": ("Active", "Inactive")},
    needs=("the function carries the tag AutoRemediate=true", "the version before works with the data as it is now"),
    sets={"version": "alias {Alias}"},
    inverse="point the alias at the version where it pointed",
    seconds=300,
)
