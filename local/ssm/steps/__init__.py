"""The actions a step can have, a file each, found by looking into this folder."""

import importlib
import pkgutil

from local.ssm.steps.action import Action


def _actions() -> dict[str, Action]:
    modules = (importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__))
    actions = (getattr(module, "ACTION", None) for module in modules)
    return {action.name: action for action in actions if isinstance(action, Action)}


ACTIONS = _actions()
