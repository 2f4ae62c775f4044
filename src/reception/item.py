"""What is folded: one alert of a record, or a look at a fingerprint."""

from dataclasses import dataclass
from datetime import UTC, datetime

from watchkeeper.models import Alert

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Item:
    """One alert, or none: then its fingerprint is to be looked at. `again` says that its record was delivered before."""

    fingerprint: str
    alert: Alert | None
    trace_id: str
    again: bool = False

    @property
    def turn(self) -> tuple[bool, datetime]:
        """In the order in which it happened; looks come last."""
        return self.alert is None, self.alert.occurred_at if self.alert else _LONG_AGO
