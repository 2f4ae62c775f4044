"""What the team's own actions have in common: each invokes a function that is registered in config/custom-actions.yaml, once.

GENERIC is no entry of the catalogue: without a registration there is nothing to invoke. It owns the runbook and its role, and
watchkeeper.custom_actions makes an entry of it for each registered function.

What the function is sent: {"action", "target": {"type", "id"}, "arguments", "token"}. The token is the same for the same execution,
so that a function which is given it twice can tell. It answers within its time or fails; what it answers is shown, bounded.
"""

import json

from pydantic import Field

from watchkeeper.actions.action import Action, Given, Parameters, Risk, State
from watchkeeper.models import Resource

LONGEST_SECONDS = 540
_VALUE = r'"[a-z][a-z0-9_]{0,39}": "[ !#-\[\]-z|~]{0,200}"'
ARGUMENTS = rf"^\{{({_VALUE}(, {_VALUE})*)?\}}$"


class LambdaCustom(Parameters):
    function_arn: str = Field(pattern=r"^arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:function:[A-Za-z0-9_-]{1,64}:[A-Za-z0-9_-]{1,128}$")
    action: str = Field(pattern=r"^[a-z][a-z0-9-]{2,59}$")
    target_type: str = Field(pattern=r"^[a-z0-9-]+:[a-z0-9-]+$")
    target_id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:/#@+-]{0,511}$")
    arguments: str = Field(pattern=ARGUMENTS)
    seconds: str = Field(pattern=r"^[1-9][0-9]{0,2}$")


def as_text(arguments: dict[str, str]) -> str:
    """The arguments as the runbook takes them; ValueError for a value that its pattern has no letter for."""
    text = json.dumps(arguments)
    if any(not value.isprintable() or not value.isascii() or set(value) & set('"\\{}') or len(value) > 200 for value in arguments.values()):
        raise ValueError("a value has at most 200 printable ASCII characters, and no quotes, backslashes or braces")
    return text


def _parameters(target: Resource, state: State, given: Given) -> Parameters:  # noqa: ARG001 - every action has the same three
    raise ValueError("no function is registered under this name in config/custom-actions.yaml")


GENERIC = Action(
    name="lambda-custom",
    says="Invoke a registered function",
    target_type="lambda:function",
    parameters=_parameters,
    helps_with=(),
    risk=Risk.HIGH,
    expected_effect="What the function does.",
    ready_when={},
    calls=("lambda:InvokeFunction",),
    needs=("the function carries the tag AutoRemediate=true, and so does the target",),
    why_irreversible="only whoever wrote the function knows",
    seconds=600,
    runbook="lambda-custom",
)
