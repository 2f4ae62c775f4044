"""Gathers a case for the gate: the switch, the orders, the target as it is now, and whether it rests."""

from datetime import datetime, timedelta

from remediation.gate import Case
from remediation.planning import Proposal
from remediation.ports import Sighting
from remediation.wiring import Wiring
from watchkeeper.errors import Misconfigured, Permanent
from watchkeeper.models import Analysis, Approval, Execution, ExecutionStatus, Incident, Plan, Resource
from watchkeeper.team import StandingOrders


def make_case(
    incident: Incident, analysis: Analysis, proposal: Proposal, wiring: Wiring, at: datetime, *,
    seen: Sighting | None = None, drifted: str = "", approval: Approval | None = None, given_up: str = "",
) -> Case:  # fmt: skip
    """The case as the world stands; `given_up` is the execution that is being given up in the same change."""
    orders, fault = _orders(wiring)
    cooling = wiring.incidents.cooling(proposal.name, proposal.rests_on, at)
    return Case(
        incident=incident,
        analysis=analysis,
        proposal=proposal,
        seen=seen or see(proposal.target, wiring),
        orders=orders,
        orders_fault=fault,
        at=at,
        account=wiring.account,
        region=wiring.region,
        switch=wiring.switch.thrown(),
        cooling=cooling,
        rests_for_us=cooling is not None and _rests_for(incident, proposal, cooling, wiring, given_up),
        drifted=drifted,
        approval=approval,
    )


def see(target: Resource | None, wiring: Wiring) -> Sighting:
    """The target as AWS describes it; what may not be asked is unseen, and says which permission is missing."""
    if target is None:
        return Sighting(unseen="there is no target")
    try:
        return wiring.inventory.see(target)
    except Permanent as error:
        return Sighting(unseen=str(error))


def never_started(execution: Execution) -> bool:
    """Its own journal proves that nothing was started for it."""
    return execution.status is ExecutionStatus.FAILED and not execution.automation_id and execution.started_at is None


def _orders(wiring: Wiring) -> tuple[StandingOrders, str]:
    """Orders that cannot be read allow nothing; what is wrong with them is the person's to see."""
    try:
        return wiring.orders(), ""
    except Misconfigured as error:
        return StandingOrders(orders=()), str(error)


def _rests_for(incident: Incident, proposal: Proposal, until: datetime, wiring: Wiring, given_up: str) -> bool:
    """Was this rest taken by a claim of this incident that started nothing? Then it does not stand in its own way."""
    for execution in wiring.incidents.rows(incident.id, Execution):
        plan = wiring.incidents.row(incident.id, Plan, execution.plan_id)
        if plan is None or not (never_started(execution) or execution.id == given_up):
            continue
        taken_until = execution.claimed_at + timedelta(seconds=plan.verdict.cooldown_seconds)
        same_target = (plan.action, f"{plan.target.type}/{plan.target.id}") == (proposal.name, proposal.rests_on)
        if same_target and int(taken_until.timestamp()) == int(until.timestamp()):
            return True
    return False
