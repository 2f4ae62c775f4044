"""What a person's request means: an action of the catalogue by its name, else what the standing orders mean by its word. It proposes and
grants nothing: whether it may run is for the orders to say, at the gate, as for every other proposal."""

from collections.abc import Mapping

from watchkeeper.actions import catalogue
from watchkeeper.matching import named
from watchkeeper.orders.matching import labelled
from watchkeeper.team import StandingOrders

SOURCE, REQUESTED_ACTION = "pagerduty-action", "requested_action"


def meant(orders: StandingOrders, labels: Mapping[str, str]) -> dict[str, str]:
    """The actions that a request with these labels means, each with how that is known. An order speaks of requests where its
    `when.labels` has `requested_action`; a name of the catalogue means itself and nothing else."""
    word = labels.get(REQUESTED_ACTION, "")
    if word in catalogue():
        return {word: "which has that name"}
    speaking = [one for one in orders.orders if REQUESTED_ACTION in one.when.labels and labelled(labels, one.when.labels)]
    return {
        name: f"by the order “{order.name}”" for order in reversed(speaking) for name in catalogue() if named(name, (order.action,))
    }  # fmt: skip
