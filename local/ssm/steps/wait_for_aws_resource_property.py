"""aws:waitForAwsResourceProperty: look until it is so. The step's own time ends it."""

from typing import Any

from local.ssm.steps.action import Action, Done, Hands
from local.ssm.steps.aws_resource_property import look


def _run(inputs: dict[str, Any], hands: Hands) -> Done:
    while True:
        holds, _, response = look(inputs, hands)
        if holds:
            return Done(response=response)
        hands.pause()


ACTION = Action("aws:waitForAwsResourceProperty", _run)
