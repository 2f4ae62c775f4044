"""What the gate is told of one plan: everything that its checks need, gathered before, so that they ask nobody."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from remediation.planning import Proposal
from remediation.ports import Sighting
from watchkeeper.models import Analysis, Approval, Incident, Opinion, Plan, Rehearsed, Ruling, Standing, Track
from watchkeeper.orders.ladder import mode_now
from watchkeeper.orders.matching import order_for
from watchkeeper.team import Mode, Order, StandingOrders


@dataclass(frozen=True)
class Lately:
    """What was done within a day: in the account, to the target, and in the fleet that the target is one of."""

    account: Track = field(default_factory=lambda: Track(name="account"))
    target: Track = field(default_factory=lambda: Track(name="target"))
    fleet: Track | None = None


@dataclass(frozen=True)
class Case:
    """All that the gate is told. It asks nobody.

    `switch`, `orders_fault`, `unpinned`, `frozen` and `drifted` are empty or say what is wrong; `cooling` is until when the target
    rests, none where it does not, and `rests_for_us` that the rest was taken by a claim of this incident that never started anything.
    `approvals` are the valid ones for exactly this plan. `accounts` and `region` are where we act. `opinion` is the guardian's, none
    where it was not asked yet. `undoing` is the plan that this one takes back, `unproven` why nothing shows that it failed.
    """

    incident: Incident
    analysis: Analysis
    proposal: Proposal
    seen: Sighting
    orders: StandingOrders
    at: datetime
    labels: Mapping[str, str] = field(default_factory=dict)
    accounts: frozenset[str] = frozenset()
    region: str = ""
    switch: str = ""
    orders_fault: str = ""
    unpinned: str = ""
    frozen: str = ""
    standing: Standing = field(default_factory=lambda: Standing(name=""))
    lately: Lately = field(default_factory=Lately)
    cooling: datetime | None = None
    rests_for_us: bool = False
    drifted: str = ""
    rehearsed: tuple[Rehearsed, ...] = ()
    opinion: Opinion | None = None
    approvals: tuple[Approval, ...] = ()
    undoing: Plan | None = None
    unproven: str = ""

    @property
    def order(self) -> Order | None:
        """The order that counts: any that says never, else the first one that fits."""
        return order_for(self.orders, self.proposal.name, self.incident, self.analysis.cause, self.labels)

    @property
    def order_or_none(self) -> Order:
        """Where no order speaks: forbidden, with the usual limits, so that every check has something to measure against."""
        return self.order or Order(name="no order", action="*", mode=Mode.NEVER)

    @property
    def mode(self) -> Mode:
        """What the order lets it do now: as it says, or what it has earned on its ladder."""
        return mode_now(self.order_or_none, self.standing)

    @property
    def cooldown(self) -> timedelta:
        """The longer of what the order and the action ask for."""
        action = self.proposal.action
        return max(self.order_or_none.cooldown, action.cooldown if action else timedelta())

    @property
    def agreed(self) -> bool:
        """Have as many people agreed to exactly this as the order asks for? A yes to a plan was one to its inverse, which was shown."""
        needed = 2 if self.mode is Mode.APPROVE_TWO else 1
        return len({approval.who for approval in self.approvals}) >= needed

    @property
    def who_agreed(self) -> str:
        return " and ".join(sorted({approval.approver for approval in self.approvals}))


Check = Callable[[Case], tuple[Ruling, str]]


def asks_unless_agreed(case: Case, why: str) -> tuple[Ruling, str]:
    """What a person may decide: their yes lets it pass."""
    return (Ruling.RUN, f"{why} {case.who_agreed} agreed all the same.") if case.agreed else (Ruling.ASK, why)
