"""What is wrong with standing orders that can be read: names that nothing has, orders that never speak, ladders that lead nowhere."""

from collections.abc import Collection, Iterator

from watchkeeper.actions import Action, catalogue
from watchkeeper.matching import named
from watchkeeper.models import Cause
from watchkeeper.orders.ladder import KEPT, lower_bound
from watchkeeper.orders.model import Mode, Order, StandingOrders
from watchkeeper.orders.reach import hidden_by

MAY_BE_OF_SEVERAL = frozenset(Mode) - {Mode.AUTO}


def order_faults(orders: StandingOrders, teams: Collection[str] | None) -> Iterator[tuple[str, str]]:
    """Field and what is wrong with it, for each fault. `teams` are those of people.yaml; none where it cannot be read."""
    for at, order in enumerate(orders.orders):
        place = f"orders.{at}"
        faults = (_action(order), _given(order), _ladder(order), _approvers(order, teams), _hidden(at, orders))
        yield from ((f"{place}{field}", says) for found in faults for field, says in found)


def _action(order: Order) -> Iterator[tuple[str, str]]:
    meant = _meant(order)
    if not meant:
        yield ".action", f"there is no action {order.action!r}; there are {', '.join(sorted(catalogue()))}"
        return
    if order.action.endswith("*") and order.mode not in MAY_BE_OF_SEVERAL:
        yield ".mode", f"{order.action!r} names several actions, also ones to come; what runs by itself is named in full"
    helps = {Cause.REQUESTED} | {cause for action in meant for cause in action.helps_with}
    if order.mode is not Mode.NEVER and order.when.causes and not set(order.when.causes) & helps:
        said = ", ".join(sorted(cause.value for cause in helps))
        yield ".when.causes", f"{order.action} is only ever proposed for {said}, so this order never applies"


def _given(order: Order) -> Iterator[tuple[str, str]]:
    meant = _meant(order)
    if order.given and order.action.endswith("*"):
        yield ".with", "is for one action; this order names several"
    elif order.given and meant:
        takes = ", ".join(meant[0].takes) or "nothing"
        yield from ((f".with.{name}", f"{order.action} takes {takes}, not {name!r}") for name in order.given if name not in meant[0].takes)


def _ladder(order: Order) -> Iterator[tuple[str, str]]:
    ladder = order.ladder
    if ladder is None:
        return
    if order.action.endswith("*"):
        yield ".ladder", "is climbed by one action; this order names several"
    if order.mode in {Mode.NEVER, Mode.OBSERVE}:
        yield ".ladder", f"leads nowhere: the order's mode is {order.mode.value}, so there is nothing to earn"
        return
    if ladder.start is Mode.NEVER:
        yield ".ladder.start", "never is no rung; begin with observe"
    elif ladder.start.dares > order.mode.dares:
        yield ".ladder.start", f"{ladder.start.value} is above the order's mode {order.mode.value}"
    if (most := lower_bound(KEPT, KEPT)) < ladder.precision:
        yield ".ladder.precision", f"cannot be reached: {KEPT} right runs of {KEPT}, and no more are kept, show {most:.2f}"


def _approvers(order: Order, teams: Collection[str] | None) -> Iterator[tuple[str, str]]:
    for team in order.approvers:
        if teams is not None and team not in teams:
            known = ", ".join(sorted(teams)) or "none"
            yield ".approvers", f"no approver in people.yaml is in the team {team!r}, so nobody could agree; there are {known}"


def _hidden(at: int, orders: StandingOrders) -> Iterator[tuple[str, str]]:
    other = hidden_by(at, orders)
    if other is not None:
        by = orders.orders[other]
        why = "forbids" if by.mode is Mode.NEVER else "stands before it and speaks of"
        yield "", f'never counts: the order "{by.name}" (orders.{other}) {why} all that this one speaks of'


def _meant(order: Order) -> list[Action]:
    return [action for name, action in sorted(catalogue().items()) if named(name, (order.action,))]
