"""The deterministic analyst: rules over the evidence, a file each. What lies in this folder and has a RULE is consulted."""

import importlib
import pkgutil
from functools import cache

from analysis.analyst.rule import Rule


@cache
def rules() -> tuple[Rule, ...]:
    """Every rule, by the name of its cause, so that a draw always ends the same way."""
    modules = [importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]
    found = [module.RULE for module in modules if isinstance(getattr(module, "RULE", None), Rule)]
    return tuple(sorted(found, key=lambda rule: rule.cause.value))
