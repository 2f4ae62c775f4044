"""aws:executeAwsApi: one call."""

from typing import Any

from local.ssm.steps.action import Action, Done, Hands


def split(inputs: dict[str, Any], *own: str) -> tuple[str, str, dict[str, Any]]:
    """Service, operation and the parameters of the call, which are every input that is not the action's own."""
    rest = {key: value for key, value in inputs.items() if key not in {"Service", "Api", *own}}
    return str(inputs.get("Service", "")), str(inputs.get("Api", "")), rest


def _run(inputs: dict[str, Any], hands: Hands) -> Done:
    return Done(response=hands.call(*split(inputs)))


ACTION = Action("aws:executeAwsApi", _run)
