"""What an end means for the counts: the breaker's tracks, and how far the order has come on its ladder."""

from datetime import datetime

from remediation import tracks
from remediation.cases import order_of
from remediation.wiring import Wiring
from watchkeeper.change import Change, change
from watchkeeper.models import Feedback, Incident, Plan, Revised, Run, Standing, Track
from watchkeeper.orders.ladder import after_run
from watchkeeper.team import Mode

ONLY_SAID = {Mode.OBSERVE.value, Mode.SUGGEST.value}


def failed(plan: Plan, wiring: Wiring, at: datetime) -> list[Revised]:
    """It failed, did not help or is unknown: one more for the breaker, and a rung down for the order."""
    account = wiring.incidents.revised(Track, "account")
    target = wiring.incidents.revised(Track, f"target/{tracks.rests_on(plan)}")
    return [*tracks.failed(account, target, plan, at), *scored(plan, wiring, at, right=False)]


def scored(plan: Plan, wiring: Wiring, at: datetime, *, right: bool) -> list[Revised]:
    """The run in its order's standing, where the order has a ladder and is still there. What takes an action back is no run of it."""
    order = order_of(plan, wiring)
    if order is None or order.ladder is None or plan.undoes:
        return []
    before = wiring.incidents.revised(Standing, order.name)
    after = after_run(order, before, Run(at=at, incident_id=plan.incident_id, rung=plan.verdict.mode, right=right))
    return [after] if after.revision != before.revision else []


def shadow(incident: Incident, wiring: Wiring, at: datetime) -> Change | None:
    """What people have said of an analysis whose plan was only observed or suggested: a run on its order's ladder for each of them."""
    plan = wiring.incidents.row(incident.id, Plan, incident.plan_id) if incident.plan_id else None
    if plan is None or plan.verdict.mode not in ONLY_SAID:
        return None
    said = [one for one in wiring.incidents.rows(incident.id, Feedback) if one.analysis_id == incident.analysis_id]
    for word in said:
        revised = scored(plan, wiring, word.at, right=word.right)
        if revised:
            return change(incident, [], at, revised=revised, quiet=True)
    return None
