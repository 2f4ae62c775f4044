"""Where targets are looked up: one file for each type of resource. A type without a file cannot be acted on."""

import importlib
import pkgutil
from collections.abc import Callable
from functools import cache
from typing import Any

from remediation.ports import Sighting
from watchkeeper.models import Resource

Clients = Callable[[str], Any]
See = Callable[[Clients, Resource], Sighting]
Reach = Callable[[Clients, Resource], list[Resource]]


@cache
def eyes() -> dict[str, See]:
    """How to see each type, found by looking into this folder."""
    return {module.TYPE: module.see for module in _modules()}


@cache
def ways() -> dict[str, Reach]:
    """How to reach each type from a resource of another one, for the types that can be."""
    return {module.TYPE: module.reach for module in _modules() if hasattr(module, "reach")}


@cache
def _modules() -> list[Any]:
    found = [importlib.import_module(f"{__name__}.{one.name}") for one in pkgutil.iter_modules(__path__)]
    return [module for module in found if hasattr(module, "TYPE")]


class AwsInventory:
    """The Inventory port. `clients` makes an AWS client by the name of its service."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def see(self, target: Resource) -> Sighting:
        see = eyes().get(target.type)
        if see is None:
            return Sighting(unseen=f"there is no inventory of {target.type}")
        return see(self._clients, target)

    def reach(self, kind: str, start: Resource) -> list[Resource]:
        way = ways().get(kind)
        return way(self._clients, start) if way else []
