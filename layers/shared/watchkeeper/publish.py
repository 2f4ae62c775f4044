"""Write the change, then keep its promises. A crash in between leaves them owed; the next delivery or the sweeper pays."""

from collections.abc import Sequence
from dataclasses import dataclass

from watchkeeper.change import Change, Owed
from watchkeeper.ports import Anchors, Incidents, Outbox


@dataclass(frozen=True)
class Publisher:
    incidents: Incidents
    outbox: Outbox
    anchors: Anchors

    def publish(self, *changes: Change) -> None:
        """One transaction, then what they owe."""
        self.incidents.write(*changes)
        self.settle([debt for change in changes for debt in change.debts])

    def settle(self, owed: Sequence[Owed]) -> None:
        """Send each message and anchor each head; only what was done is forgotten."""
        for debt in owed:
            if debt.message is not None:
                self.outbox.send([debt.message])
            if debt.anchor is not None:
                self.anchors.keep(debt.anchor)
            self.incidents.settle(debt)
