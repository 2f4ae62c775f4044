"""aws:branch: the first choice that holds says where to go."""

import operator
from collections.abc import Callable
from typing import Any

from local.ssm.steps.action import Action, Done, Hands, StepFailed

_TEXT: dict[str, Callable[[Any, Any], bool]] = {
    "StringEquals": lambda value, wanted: str(value) == str(wanted),
    "EqualsIgnoreCase": lambda value, wanted: str(value).lower() == str(wanted).lower(),
    "StartsWith": lambda value, wanted: str(value).startswith(str(wanted)),
    "EndsWith": lambda value, wanted: str(value).endswith(str(wanted)),
    "Contains": lambda value, wanted: str(wanted) in value if isinstance(value, list) else str(wanted) in str(value),
    "BooleanEquals": lambda value, wanted: str(value).lower() == str(wanted).lower(),
}
_NUMBER: dict[str, Callable[[Any, Any], bool]] = {
    "NumericEquals": operator.eq,
    "NumericGreater": operator.gt,
    "NumericLesser": operator.lt,
    "NumericGreaterOrEquals": operator.ge,
    "NumericLesserOrEquals": operator.le,
}


def holds(choice: dict[str, Any]) -> bool:
    """And, Or and Not take choices in turn; anything else compares its Variable."""
    if "And" in choice:
        return all(holds(part) for part in choice["And"])
    if "Or" in choice:
        return any(holds(part) for part in choice["Or"])
    if "Not" in choice:
        return not holds(choice["Not"])
    value = choice.get("Variable")
    for name, compare in _TEXT.items():
        if name in choice:
            return compare(value, choice[name])
    for name, compare in _NUMBER.items():
        if name in choice:
            return compare(float(value or 0), float(choice[name]))
    raise StepFailed(f"a choice without a comparison that the simulator knows: {sorted(choice)}")


def _run(inputs: dict[str, Any], _: Hands) -> Done:
    for choice in inputs.get("Choices", []):
        if holds(choice):
            return Done(jump=str(choice["NextStep"]))
    if "Default" in inputs:
        return Done(jump=str(inputs["Default"]))
    return Done()


def _jumps(inputs: dict[str, Any]) -> list[str]:
    return [*(str(choice.get("NextStep", "")) for choice in inputs.get("Choices", [])), str(inputs.get("Default", ""))]


ACTION = Action("aws:branch", _run, _jumps)
