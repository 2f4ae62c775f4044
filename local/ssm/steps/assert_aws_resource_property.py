"""aws:assertAwsResourceProperty: it is so, or the step fails."""

from typing import Any

from local.ssm.steps.action import Action, Done, Hands, StepFailed
from local.ssm.steps.aws_resource_property import look


def _run(inputs: dict[str, Any], hands: Hands) -> Done:
    holds, found, response = look(inputs, hands)
    if not holds:
        raise StepFailed(f"{inputs['PropertySelector']} is {found}, not one of {inputs['DesiredValues']}")
    return Done(response=response)


ACTION = Action("aws:assertAwsResourceProperty", _run)
