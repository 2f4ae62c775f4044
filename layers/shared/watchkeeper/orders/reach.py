"""Does an order ever count? One that another takes everything from does not."""

from collections.abc import Collection, Mapping

from watchkeeper.orders.model import Mode, Order, StandingOrders, When

NAMES = ("services", "environments", "sources", "accounts", "alarms")
KINDS = ("severities", "causes")


def hidden_by(at: int, orders: StandingOrders) -> int | None:
    """Which order takes everything from this one; none where some incident may be left to it.

    A `never` takes from every other order wherever it stands, any other order only from those after it that are no `never`.
    """
    order = orders.orders[at]
    for other, one in enumerate(orders.orders):
        before, forbids = other < at, one.mode is Mode.NEVER
        takes = (forbids and (before or order.mode is not Mode.NEVER)) or (before and order.mode is not Mode.NEVER)
        if other != at and takes and covers(one, order):
            return other
    return None


def covers(wide: Order, narrow: Order) -> bool:
    """Does the wide one speak of everything that the narrow one speaks of? No where that cannot be told."""
    return _patterns((wide.action,), (narrow.action,)) and _when(wide.when, narrow.when)


def _when(wide: When, narrow: When) -> bool:
    return (
        all(_patterns(getattr(wide, name), getattr(narrow, name)) for name in NAMES)
        and all(_listed(getattr(wide, name), getattr(narrow, name)) for name in KINDS)
        and _labels(wide.labels, narrow.labels)
    )


def _patterns(wide: Collection[str], narrow: Collection[str]) -> bool:
    """An empty list says nothing; else each of the narrow names must be one of the wide ones, or begin as a wide one with a star does."""
    return not wide or (bool(narrow) and all(any(_pattern(one, other) for one in wide) for other in narrow))


def _pattern(wide: str, narrow: str) -> bool:
    return narrow.startswith(wide[:-1]) if wide.endswith("*") else narrow == wide


def _listed(wide: Collection[object], narrow: Collection[object]) -> bool:
    return not wide or (bool(narrow) and set(narrow) <= set(wide))


def _labels(wide: Mapping[str, str], narrow: Mapping[str, str]) -> bool:
    return all(name in narrow and _pattern(value, narrow[name]) for name, value in wide.items())
