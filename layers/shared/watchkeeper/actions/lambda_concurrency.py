"""Reserve an absolute number of concurrent executions for a Lambda function, or none.

The number is the standing order's word: `with: {reserved: 50}`, from 0, which stops the function, to 1000; `none` takes the
reservation away, and the function then shares what the account has left.
"""

from pydantic import Field

from watchkeeper.actions.action import Action, Given, Parameters, Risk, State
from watchkeeper.models import Cause, Resource

MOST = 1000
NONE = "none"


class LambdaConcurrency(Parameters):
    function_name: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    reserved: str = Field(pattern=r"^(none|0|[1-9][0-9]{0,3})$")


def _parameters(target: Resource, state: State, given: Given) -> Parameters:
    wanted = given.get("reserved")
    if wanted != NONE and (not isinstance(wanted, int) or isinstance(wanted, bool) or not 0 <= wanted <= MOST):
        raise ValueError(f"the standing order has to give a number from 0 to {MOST}, or none, such as `with: {{reserved: 50}}`")
    if str(state.get("reserved")) == str(wanted):
        raise ValueError(f"the function is reserved {wanted} already")
    return LambdaConcurrency(function_name=target.id.partition(":")[0], reserved=str(wanted))


ACTION = Action(
    name="lambda-concurrency",
    says="Set the function's reserved concurrency",
    target_type="lambda:function",
    parameters=_parameters,
    takes=("reserved",),
    helps_with=(Cause.THROTTLED,),
    risk=Risk.MEDIUM,
    expected_effect="The function runs at most so many times at once, and nobody else in the account can take these from it.",
    ready_when={"last_update": ("Successful",)},
    calls=("lambda:DeleteFunctionConcurrency", "lambda:PutFunctionConcurrency"),
    needs=("the function carries the tag AutoRemediate=true", "so many executions are left unreserved in the account, and 100 more"),
    sets={"reserved": "reserved"},
    inverse="reserve what was reserved before, or nothing",
    seconds=300,
)
