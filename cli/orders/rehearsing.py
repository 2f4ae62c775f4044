"""What the orders would do about one incident: every action that they speak of, for every cause that it helps with."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from analysis.requested import SOURCE, meant
from cli.orders.judging import Asked, Outcome, judged
from watchkeeper.actions import Action
from watchkeeper.models import Cause, Incident
from watchkeeper.orders.model import StandingOrders


@dataclass(frozen=True)
class Rehearsed:
    """One row: this action, for these causes, with that outcome, on that target."""

    action: Action
    causes: tuple[Cause, ...]
    outcome: Outcome
    target: str


def rehearsed(orders: StandingOrders, catalogue: Mapping[str, Action], asked: Asked) -> Iterator[Rehearsed]:
    """Causes with the same outcome are one row. Actions that no order speaks of are left out.

    Any action may be asked for by name, or by the word that an order gives it: then that is the cause.
    """
    wanted = meant(orders, asked.labels) if asked.incident.source == SOURCE else {}
    for name, action in sorted(catalogue.items()):
        rows: dict[Outcome | str, tuple[Outcome, list[Cause]]] = {}
        for cause in (*action.helps_with, *([Cause.REQUESTED] if name in wanted else [])):
            outcome = judged(orders, replace(asked, action=name, cause=cause))
            if outcome.order:
                key = f"{outcome.name} {outcome.would} {outcome.why}"
                rows.setdefault(key, (outcome, []))[1].append(cause)
        for outcome, causes in rows.values():
            yield Rehearsed(action, tuple(causes), outcome, target_in(asked.incident, action))


def target_in(incident: Incident, action: Action) -> str:
    """Where the target would come from. Only what an authenticated field names may be one."""
    named = [one for one in incident.resources if one.type == action.target_type]
    trusted = [one.id for one in named if one.trusted]
    if trusted:
        return ", ".join(trusted)
    start = next((one for one in incident.resources if one.trusted and one.type in action.reached_from), None)
    if start:
        return f"reached from {start.id}"
    return "named by text only" if named else f"no {action.target_type} in it"
