"""The catalogue: everything that could ever be done, a file each. An action that is not here does not exist."""

import importlib
import pkgutil
from functools import cache

from watchkeeper.actions.action import Action, Given, Parameters, Rehearsal, Risk, State, camel

__all__ = ["Action", "Given", "Parameters", "Rehearsal", "Risk", "State", "camel", "catalogue"]


@cache
def catalogue() -> dict[str, Action]:
    """Every action by its name, found by looking into this folder."""
    found = {}
    for module in pkgutil.iter_modules(__path__):
        action = getattr(importlib.import_module(f"{__name__}.{module.name}"), "ACTION", None)
        if isinstance(action, Action):
            found[action.name] = action
    return found
