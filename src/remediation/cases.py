"""Gathers a case for the gate: the switch, the orders, the target as it is now, what was done lately, and what trying it says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from remediation.gate import Case, judge
from remediation.gate.case import Lately
from remediation.planning import Proposal, typed
from remediation.ports import Pinned, Sighting
from remediation.shown import as_shown
from remediation.wiring import Wiring
from watchkeeper.errors import Misconfigured, Permanent
from watchkeeper.models import (
    Alert,
    Analysis,
    Approval,
    Execution,
    ExecutionStatus,
    Incident,
    Plan,
    Rehearsed,
    Resource,
    Ruling,
    Standing,
    Track,
    Verdict,
)
from watchkeeper.orders.matching import order_for
from watchkeeper.orders.times import calendars_asked, frozen
from watchkeeper.team import Mode, Order, StandingOrders


@dataclass(frozen=True)
class Circumstances:
    """What a case has besides its incident, analysis and proposal; each is empty where there is no such thing.

    `given_up` is the execution that is being given up in the same change. `again` is the plan that is looked at once more: its
    rehearsal is not repeated, and its runbook is held to the version that was shown.
    """

    seen: Sighting | None = None
    drifted: str = ""
    approvals: tuple[Approval, ...] = ()
    given_up: str = ""
    undoing: Plan | None = None
    unproven: str = ""
    again: Plan | None = None


NOTHING = Circumstances()


@dataclass(frozen=True)
class Judged:
    """A case with its verdict and the version of the runbook that it is about."""

    case: Case
    verdict: Verdict
    pinned: Pinned | None


def judged(incident: Incident, analysis: Analysis, wish: Proposal, wiring: Wiring, at: datetime, around: Circumstances = NOTHING) -> Judged:
    """The case as the world stands, and the gate's word. The guardian is asked only where nothing else refuses; the plan is tried
    without doing it only where a person is asked, who reads what came of it."""
    wiring = wiring.there(incident, wish.action, wish.target)
    case, pinned = _gathered(incident, analysis, wish, wiring, at, around)
    first = judge(case)
    if first.ruling is Ruling.REFUSE:
        return Judged(case, first, pinned)
    case = replace(case, rehearsed=around.again.rehearsed if around.again else (), opinion=wiring.guardian.ask(as_shown(case)))
    second = judge(case)
    if second.ruling is not Ruling.ASK or around.again:
        return Judged(case, second, pinned)
    case = replace(case, rehearsed=_rehearsed(case, wiring))
    return Judged(case, judge(case), pinned)


def see(target: Resource | None, wiring: Wiring) -> Sighting:
    """The target as AWS describes it; what may not be asked is unseen, and says which permission is missing."""
    if target is None:
        return Sighting(unseen="there is no target")
    try:
        return wiring.inventory.see(target)
    except Permanent as error:
        return Sighting(unseen=str(error))


def orders_of(wiring: Wiring) -> tuple[StandingOrders, str]:
    """Orders that cannot be read allow nothing; what is wrong with them is the person's to see."""
    try:
        return wiring.orders(), ""
    except Misconfigured as error:
        return StandingOrders(orders=()), str(error)


def order_of(plan: Plan, wiring: Wiring) -> Order | None:
    """The order that a plan was ruled by, where it is still there."""
    return next((one for one in orders_of(wiring)[0].orders if one.name == plan.verdict.order), None)


def chosen(wishes: Sequence[Proposal], incident: Incident, analysis: Analysis, wiring: Wiring) -> Proposal:
    """The first wish that could be done and that an order speaks of; else one that an order speaks of and whose target could not be
    asked for; the first one as it is where there is none, for the gate to refuse."""
    orders, _ = orders_of(wiring)
    labels = labels_of(incident, orders, wiring)
    known = [wish for wish in wishes if wish.action and wish.target and wish.target.trusted]
    unasked = [wish for wish in wishes if wish.action and wish.target is None and wish.fault]
    spoken = [(wish, order_for(orders, wish.name, incident, analysis.cause, labels)) for wish in (*known, *unasked)]
    allowed = (wish for wish, order in spoken if order and order.mode is not Mode.NEVER)
    return next(allowed, known[0] if known else wishes[0])


def labels_of(incident: Incident, orders: StandingOrders, wiring: Wiring) -> Mapping[str, str]:
    """What its alerts carry, where somebody asks for it: a storm's thousand alerts are not read for nothing."""
    asked = any(order.when.labels for order in orders.orders) or any(window.scope.tags for window in orders.freeze)
    if not asked and incident.source not in ASKED_BY_A_PERSON:
        return {}
    alerts = wiring.incidents.rows(incident.id, Alert)
    return {name: value for alert in alerts for name, value in alert.labels.items()}


ASKED_BY_A_PERSON = {"goal", "pagerduty-action"}


def never_started(execution: Execution) -> bool:
    """Its own journal proves that nothing was started for it."""
    return execution.status is ExecutionStatus.FAILED and not execution.automation_id and execution.started_at is None


def _gathered(
    incident: Incident, analysis: Analysis, wish: Proposal, wiring: Wiring, at: datetime, around: Circumstances
) -> tuple[Case, Pinned | None]:
    orders, fault = orders_of(wiring)
    labels = labels_of(incident, orders, wiring)
    seen = around.seen or see(wish.target, wiring)
    order = order_for(orders, wish.name, incident, analysis.cause, labels)
    proposal = wish if around.undoing else typed(wish, seen.state, order.given if order else {})
    pinned, unpinned = _pinned(proposal, wiring, around)
    proposal = proposal.with_more(pinned.for_command) if pinned else proposal
    cooling = wiring.incidents.cooling(proposal.name, proposal.rests_on, at)
    case = Case(
        incident=incident,
        analysis=analysis,
        proposal=proposal,
        seen=seen,
        orders=orders,
        orders_fault=fault,
        at=at,
        labels=labels,
        accounts=wiring.accounts,
        region=wiring.region,
        switch=wiring.switch.thrown(),
        unpinned=unpinned,
        frozen=frozen(orders, incident, labels, at, wiring.calendars(calendars_asked(orders), at)),
        standing=wiring.incidents.revised(Standing, order.name) if order and order.ladder else Standing(name=""),
        lately=_lately(proposal, seen, incident, wiring, around.given_up),
        cooling=cooling,
        rests_for_us=cooling is not None and _rests_for(incident, proposal, cooling, wiring, around.given_up),
        drifted=around.drifted,
        approvals=around.approvals,
        undoing=around.undoing,
        unproven=around.unproven,
    )
    return case, pinned


def _pinned(proposal: Proposal, wiring: Wiring, around: Circumstances) -> tuple[Pinned | None, str]:
    """The runbook as SSM has it now, or as it was when a person was shown it; or why it cannot be known."""
    if proposal.action is None or proposal.parameters is None:
        return None, ""
    try:
        pinned = wiring.automation.describe(proposal.action.document, proposal.action.command)
    except Permanent as error:
        return None, str(error)
    shown = around.again
    if shown and shown.document_hash and shown.document_hash != pinned.hash:
        return pinned, f"{pinned.document} was changed after version {shown.document_version} was shown"
    return pinned, ""


def _rehearsed(case: Case, wiring: Wiring) -> tuple[Rehearsed, ...]:
    action, target, parameters = case.proposal.action, case.proposal.target, case.proposal.parameters
    if action is None or target is None or parameters is None:
        return ()
    return wiring.rehearsals.rehearse(action, parameters, target, case.seen)


def _lately(proposal: Proposal, seen: Sighting, incident: Incident, wiring: Wiring, given_up: str) -> Lately:
    """The last day's claims, without the one that is being given up: nothing was done for it."""

    def track(name: str) -> Track:
        found = wiring.incidents.revised(Track, name)
        claim = wiring.incidents.row(incident.id, Execution, given_up) if given_up else None
        if claim is None:
            return found
        ours = [one for one in found.claimed if (one.incident_id, one.at) == (incident.id, claim.claimed_at)]
        return found.but(claimed=tuple(one for one in found.claimed if one not in ours))

    fleet = track(f"fleet/{seen.fleet.name}") if seen.fleet else None
    return Lately(track("account"), track(f"target/{proposal.rests_on}"), fleet)


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
