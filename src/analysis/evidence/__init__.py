"""The collectors: one question to the world each, a file each. What lies in this folder and has a COLLECTOR is asked."""

import importlib
import pkgutil
from functools import cache

from analysis.evidence.ask import Collector


@cache
def collectors() -> tuple[Collector, ...]:
    """Every collector, in the fixed order that evidence ids follow."""
    modules = [importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]
    found = [module.COLLECTOR for module in modules if isinstance(getattr(module, "COLLECTOR", None), Collector)]
    return tuple(sorted(found, key=lambda collector: collector.order))
