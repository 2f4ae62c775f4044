"""May this run? Denied unless every check lets it pass; the harshest ruling wins, and every check leaves its reason.

In order: kill switch, known action, trusted target, standing order, confidence, blast radius, cooldown, unchanged, question,
approval.
All of them always run, so that the person who is asked sees all there is to see.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from remediation.planning import Proposal
from remediation.ports import Sighting
from watchkeeper.goals import is_goal
from watchkeeper.matching import unsaid_or_named
from watchkeeper.models import Analysis, Approval, Cause, Incident, Reason, Ruling, Verdict
from watchkeeper.team import Mode, Order, StandingOrders, When

TAG = "AutoRemediate"
_HARSH = {Ruling.RUN: 0, Ruling.ASK: 1, Ruling.REFUSE: 2}


@dataclass(frozen=True)
class Case:
    """All that the gate is told. It asks nobody.

    `switch`, `orders_fault` and `drifted` are empty or say what is wrong; `cooling` is until when the target rests, none
    where it does not, and `rests_for_us` that the rest was taken by a claim of this incident that never started anything;
    `approval` is a valid one for exactly this plan; `account` and `region` are where we act.
    """

    incident: Incident
    analysis: Analysis
    proposal: Proposal
    seen: Sighting
    orders: StandingOrders
    at: datetime
    account: str = ""
    region: str = ""
    switch: str = ""
    orders_fault: str = ""
    cooling: datetime | None = None
    drifted: str = ""
    approval: Approval | None = None
    rests_for_us: bool = False

    @property
    def order(self) -> Order | None:
        """The order that counts: any that says never, else the first one that fits."""
        fitting = [order for order in self.orders.orders if speaks_of(order, self)]
        return next((order for order in fitting if order.mode is Mode.NEVER), fitting[0] if fitting else None)


Check = Callable[[Case], tuple[Ruling, str]]


def speaks_of(order: Order, case: Case) -> bool:
    """Does this order speak of this action, for this incident? Severity is the incident's own: a model cannot lower it."""
    when, incident = order.when, case.incident
    return (
        unsaid_or_named(case.proposal.name, (order.action,))
        and unsaid_or_named(incident.service, when.services)
        and unsaid_or_named(incident.environment, when.environments)
        and unsaid_or_named(incident.source, when.sources)
        and unsaid_or_named(incident.alarm_name, when.alarms)
        and _listed(when, case)
    )


def _listed(when: When, case: Case) -> bool:
    severe = not when.severities or case.incident.severity in when.severities
    return severe and (not when.causes or case.analysis.cause in when.causes)


def unsaid() -> Order:
    """Where no order speaks: forbidden, with the usual limits, so that every check has something to measure against."""
    return Order(name="no order", action="*", mode=Mode.NEVER)


def kill_switch(case: Case) -> tuple[Ruling, str]:
    return (Ruling.REFUSE, f"The kill switch: {case.switch}.") if case.switch else (Ruling.RUN, "The kill switch is not thrown.")


def known_action(case: Case) -> tuple[Ruling, str]:
    if case.proposal.action is None or case.proposal.parameters is None:
        return Ruling.REFUSE, f"Not a typed action: {case.proposal.fault}."
    return Ruling.RUN, f"{case.proposal.name} is in the catalogue and its parameters are of their types."


def trusted_target(case: Case) -> tuple[Ruling, str]:
    """Named by an authenticated field, there, ours, tagged, and in the state that the action needs."""
    target, seen = case.proposal.target, case.seen
    if target is None:
        return Ruling.REFUSE, "There is no target."
    faults = [
        (not target.trusted, f"{target.id} was named by text and not by an authenticated field."),
        (bool(seen.unseen), f"{target.id} could not be looked at: {seen.unseen}."),
        (not seen.unseen and not seen.exists, f"{target.id} does not exist in {case.region or 'this region'}."),
        (_elsewhere(case), f"{target.id} is of account {target.account or '?'} in {target.region or '?'}, where this stack does not act."),
        (seen.exists and seen.tags.get(TAG, "").lower() != "true", f"{target.id} does not carry the tag {TAG}=true."),
        (seen.exists and bool(_unready(case)), f"{target.id} is not ready: {_unready(case)}."),
    ]
    found = [says for wrong, says in faults if wrong]
    return (Ruling.REFUSE, " ".join(found)) if found else (Ruling.RUN, f"{target.id} is there, tagged {TAG}=true and ready.")


def _elsewhere(case: Case) -> bool:
    target, seen = case.proposal.target, case.seen
    accounts = {a for a in (case.account, target.account if target else "", seen.account) if a}
    regions = {r for r in (case.region, target.region if target else "", seen.region) if r}
    return len(accounts) > 1 or len(regions) > 1


def _unready(case: Case) -> str:
    wanted = case.proposal.action.ready_when if case.proposal.action else {}
    wrong = [f"{name} is {case.seen.state.get(name)!s}, not {' or '.join(good)}" for name, good in wanted.items()
             if case.seen.state.get(name) not in good]  # fmt: skip
    return ", ".join(wrong)


def standing_order(case: Case) -> tuple[Ruling, str]:
    if case.orders_fault:
        return Ruling.REFUSE, f"The standing orders cannot be read: {case.orders_fault}."
    if case.order is None:
        return Ruling.REFUSE, f"No standing order names {case.proposal.name} for such an incident."
    if case.order.mode is Mode.NEVER:
        return Ruling.REFUSE, f'The order "{case.order.name}" forbids it.'
    return Ruling.RUN, f'The order "{case.order.name}" speaks of it: {case.order.mode.value}.'


def confidence(case: Case) -> tuple[Ruling, str]:
    """Sure enough, and on evidence that was looked up. Without an order the default threshold is named."""
    order, analysis = case.order or unsaid(), case.analysis
    if analysis.cause is Cause.UNKNOWN:
        return Ruling.REFUSE, "The cause is unknown."
    if not analysis.citations:
        return Ruling.REFUSE, "No citation was found in the stored evidence."
    if analysis.confidence < order.min_confidence:
        return Ruling.REFUSE, f"Confidence is {analysis.confidence:.2f}; {order.min_confidence:.2f} is needed."
    return Ruling.RUN, f"Confidence {analysis.confidence:.2f} on {len(analysis.citations)} checked citation(s)."


def blast_radius(case: Case) -> tuple[Ruling, str]:
    """A plan has one target by its type, so this can fail only where there is none."""
    if case.proposal.target is None:
        return Ruling.REFUSE, "There is no target to count."
    return Ruling.RUN, f"It touches one target, {case.proposal.target.id}."


def cooldown(case: Case) -> tuple[Ruling, str]:
    if case.cooling and not case.rests_for_us:
        return Ruling.REFUSE, f"{case.proposal.name} must leave this target alone until {case.cooling:%Y-%m-%d %H:%M:%S} UTC."
    return Ruling.RUN, "The target is not resting from an earlier action."


def unchanged(case: Case) -> tuple[Ruling, str]:
    return (Ruling.ASK, case.drifted) if case.drifted else (Ruling.RUN, "The target is as it was when this was planned.")


def question(case: Case) -> tuple[Ruling, str]:
    """Who asks a question gets an answer: no order lets anything run for it without a person's word on exactly that."""
    if is_goal(case.incident) and not case.approval:
        return Ruling.ASK, "A person asked a question; nothing is done for it without asking."
    return Ruling.RUN, "A person agreed, for a question." if is_goal(case.incident) else "It is an alert, and not a question."


def approval(case: Case) -> tuple[Ruling, str]:
    if case.approval:
        return Ruling.RUN, f"{case.approval.approver} agreed to exactly this."
    if case.order and case.order.mode is Mode.AUTO:
        return Ruling.RUN, "The order lets it run without asking."
    return Ruling.ASK, "A person has to agree first."


CHECKS: tuple[tuple[str, Check], ...] = (
    ("kill switch", kill_switch),
    ("known action", known_action),
    ("trusted target", trusted_target),
    ("standing order", standing_order),
    ("confidence", confidence),
    ("blast radius", blast_radius),
    ("cooldown", cooldown),
    ("unchanged", unchanged),
    ("question", question),
    ("approval", approval),
)


def judge(case: Case) -> Verdict:
    """Every check's word, and the harshest of them."""
    reasons = []
    for name, check in CHECKS:
        ruling, why = check(case)
        reasons.append(Reason(check=name, ruling=ruling, why=why))
    order = case.order or unsaid()
    return Verdict(
        ruling=max((reason.ruling for reason in reasons), key=_HARSH.__getitem__),
        reasons=tuple(reasons),
        order=case.order.name if case.order else "",
        orders_version=case.orders.version,
        cooldown_seconds=int(order.cooldown.total_seconds()),
        ok_periods=order.ok_periods,
    )
