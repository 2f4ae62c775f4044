"""The catalogue: everything that could ever be done, a file each. An action that is not here does not exist."""

import importlib
import pkgutil
from functools import cache

from watchkeeper.actions.action import Action, Given, Parameters, Rehearsal, Risk, State, camel

__all__ = ["Action", "Given", "Parameters", "Rehearsal", "Risk", "State", "built_in", "camel", "catalogue", "runbooks"]


@cache
def built_in() -> dict[str, Action]:
    """Our own actions by their names, found by looking into this folder."""
    found = {}
    for module in pkgutil.iter_modules(__path__):
        action = getattr(importlib.import_module(f"{__name__}.{module.name}"), "ACTION", None)
        if isinstance(action, Action):
            found[action.name] = action
    return found


def runbooks() -> dict[str, Action]:
    """Every action that owns a runbook, by the runbook's name: ours, and what stands for all that the team registered."""
    from watchkeeper.actions.lambda_custom import GENERIC

    return {**built_in(), GENERIC.document: GENERIC}


@cache
def catalogue() -> dict[str, Action]:
    """Every action by its name: ours, and those that the team registered in config/custom-actions.yaml."""
    from watchkeeper.custom_actions import custom_actions, entries  # here: it is made of actions itself

    return {**built_in(), **entries(custom_actions(), built_in())}
