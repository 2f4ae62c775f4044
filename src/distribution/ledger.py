"""The Delivery rows: what each channel is owed, was told, and is being told right now. Every write says what it replaces."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from watchkeeper.errors import Stale
from watchkeeper.ids import Clock
from watchkeeper.models import Delivery, DeliveryStatus
from watchkeeper.ports import Incidents

TRIES = 5


@dataclass(frozen=True)
class Ledger:
    incidents: Incidents
    clock: Clock

    def read(self, incident_id: str, channel: str) -> Delivery | None:
        return self.incidents.row(incident_id, Delivery, channel)

    def want(self, incident_id: str, channel: str, version: int) -> Delivery:
        """This channel owes at least this version; raising it twice, or below what it is, changes nothing."""
        for _ in range(TRIES):
            lying = self.read(incident_id, channel)
            if lying and lying.wanted_version >= version:
                return lying
            before = lying or Delivery(incident_id=incident_id, channel=channel, wanted_version=version, updated_at=self.clock())
            try:
                return self._put(before.but(wanted_version=version, status=DeliveryStatus.OWED))
            except Stale:
                continue
        raise Stale(f"{channel} of {incident_id} changes too fast")

    def revise(self, delivery: Delivery, **changes: object) -> Delivery:
        """The delivery with these changes, written.

        A newer wish may come in meanwhile and is kept. Stale when another worker is telling the same channel: it has the floor.
        """
        return self._rewrite(delivery, lambda lying: lying.but(**changes), _same_work)

    def note(self, delivery: Delivery, **changes: object) -> Delivery:
        """The same, whatever others wrote meanwhile: for what only informs, like a failure."""
        return self._rewrite(delivery, lambda lying: lying.but(**changes), lambda _mine, _theirs: True)

    def _rewrite(
        self, delivery: Delivery, changed: Callable[[Delivery], Delivery], agrees: Callable[[Delivery, Delivery], bool]
    ) -> Delivery:
        lying = delivery
        for _ in range(TRIES):
            try:
                return self._put(_standing(changed(lying)))
            except Stale:
                lying = self.read(delivery.incident_id, delivery.channel) or delivery
                if not agrees(delivery, lying):
                    raise
        raise Stale(f"{delivery.channel} of {delivery.incident_id} changes too fast")

    def _put(self, after: Delivery) -> Delivery:
        after = after.but(revision=after.revision + 1, updated_at=self.clock())
        self.incidents.put_delivery(after)
        return after


def _same_work(mine: Delivery, theirs: Delivery) -> bool:
    """Nobody but us told the channel anything; only the wish may have grown."""
    return (mine.attempting, mine.refs, mine.said, mine.shown_version) == (
        theirs.attempting, theirs.refs, theirs.said, theirs.shown_version
    )  # fmt: skip


def _standing(delivery: Delivery) -> Delivery:
    """Owed until what was shown is what was wanted; a refusal stands until somebody wants something new."""
    if delivery.status is DeliveryStatus.REFUSED:
        return delivery
    paid = delivery.shown_version >= delivery.wanted_version and not delivery.attempting
    return delivery.but(status=DeliveryStatus.PAID if paid else DeliveryStatus.OWED)


@dataclass(frozen=True)
class Attempt:
    """A message that may be out: since when, and the sha256 of what was to be sent."""

    at: datetime
    sha256: str = ""


def attempt(key: str, at: datetime, sha256: str) -> str:
    """The mark that says: this message may be out."""
    return f"{key}@{at.isoformat()}@{sha256}"


def attempted(delivery: Delivery, key: str) -> Attempt | None:
    """When somebody began to send this message, with what in it, and did not come back to say how it went."""
    begun, _, rest = delivery.attempting.partition("@")
    at, _, sha256 = rest.partition("@")
    return Attempt(datetime.fromisoformat(at), sha256) if begun == key and at else None
