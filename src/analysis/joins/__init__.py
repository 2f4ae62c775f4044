"""What follows from several pieces of evidence together: pure, a file each, found by looking into this folder."""

import importlib
import pkgutil
from functools import cache

from analysis.joins.join import Join


@cache
def joins() -> tuple[Join, ...]:
    """Every join, in the fixed order that evidence ids follow."""
    modules = [importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]
    found = [module.JOIN for module in modules if isinstance(getattr(module, "JOIN", None), Join)]
    return tuple(sorted(found, key=lambda join: join.order))
