"""The kinds of deployment, a file each: whatever lies in this folder and has a KIND is looked at, in the order of their names."""

import importlib
import pkgutil
from functools import cache

from analysis.evidence.deployed.kind import Kind


@cache
def kinds() -> tuple[Kind, ...]:
    """Every kind of deployment."""
    modules = [importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]
    found = [module.KIND for module in modules if isinstance(getattr(module, "KIND", None), Kind)]
    return tuple(sorted(found, key=lambda kind: kind.name))
