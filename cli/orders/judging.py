"""What a set of orders says of one action for one incident, as far as orders alone can tell.

What the gate asks besides (the switch, the target's tag and state, caps, the guardian) is of the moment, and no order's word.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from watchkeeper.goals import is_goal
from watchkeeper.models import Cause, Incident, Standing
from watchkeeper.orders.ladder import mode_now
from watchkeeper.orders.matching import order_for
from watchkeeper.orders.model import Mode, Order, Outside, StandingOrders
from watchkeeper.orders.times import frozen, outside_hours

TERMS = ("given", "min_confidence", "cooldown", "ok_periods", "caps", "approvers", "stop_alarms", "ladder")


class Would(StrEnum):
    """What would happen, from the boldest to nothing."""

    RUN = "runs by itself"
    ONE = "asks one person"
    TWO = "asks two people"
    SUGGEST = "is only suggested"
    OBSERVE = "is only observed"
    REFUSE = "is refused"


BY_MODE = {
    Mode.AUTO: Would.RUN,
    Mode.APPROVE: Would.ONE,
    Mode.APPROVE_TWO: Would.TWO,
    Mode.SUGGEST: Would.SUGGEST,
    Mode.OBSERVE: Would.OBSERVE,
    Mode.NEVER: Would.REFUSE,
}


@dataclass(frozen=True)
class Asked:
    """One question: this action, for this incident and cause, at this time. No confidence means that it is not known yet."""

    action: str
    incident: Incident
    cause: Cause
    at: datetime
    labels: Mapping[str, str] = field(default_factory=dict)
    calendars: Mapping[str, str] = field(default_factory=dict)
    standings: Mapping[str, Standing] = field(default_factory=dict)
    confidence: float | None = None


@dataclass(frozen=True)
class Outcome:
    """What would happen and why; `order` is the one that counts, none where no order speaks."""

    would: Would
    why: str
    order: Order | None = None

    @property
    def name(self) -> str:
        return self.order.name if self.order else ""


def judged(orders: StandingOrders, asked: Asked) -> Outcome:
    """The harshest of what the orders say, with every reason that made it harsher than the order's mode."""
    order = order_for(orders, asked.action, asked.incident, asked.cause, asked.labels)
    if order is None:
        return Outcome(Would.REFUSE, "no order names it for such an incident")
    mode = mode_now(order, asked.standings.get(order.name, Standing(name=order.name)))
    if mode is Mode.NEVER:
        return Outcome(Would.REFUSE, "the order forbids it", order)
    earned = f"the order says {order.mode.value}" if mode is order.mode else f"on its way to {order.mode.value} it has earned {mode.value}"
    found = [(BY_MODE[mode], earned), *_harsher(orders, order, asked)]
    harshest = max((would for would, _ in found), key=list(Would).index)
    return Outcome(harshest, "; ".join(why for _, why in found), order)


def _harsher(orders: StandingOrders, order: Order, asked: Asked) -> Sequence[tuple[Would, str]]:
    freeze = frozen(orders, asked.incident, asked.labels, asked.at, asked.calendars)
    outside = outside_hours(order, asked.at)
    refuses = order.hours is not None and order.hours.outside is Outside.REFUSE
    unsure = asked.confidence is not None and asked.confidence < order.min_confidence
    checks = (
        (bool(freeze), Would.REFUSE, freeze.rstrip(".")),
        (bool(outside), Would.REFUSE if refuses else Would.ONE, outside.rstrip(".")),
        (unsure, Would.REFUSE, f"confidence was {asked.confidence or 0:.2f}, {order.min_confidence:.2f} is needed"),
        (asked.cause is Cause.UNKNOWN, Would.REFUSE, "the cause is unknown"),
        (is_goal(asked.incident), Would.ONE, "a person asked a question, and for that nothing is done without asking"),
    )
    return [(would, why) for holds, would, why in checks if holds]


def other_terms(was: Outcome, now: Outcome) -> list[str]:
    """Where both would do the same: what of the order that counts is another word now."""
    if was.order is None or now.order is None:
        return []
    changed = [name for name in TERMS if getattr(was.order, name) != getattr(now.order, name)]
    return ["with" if name == "given" else name for name in changed]
