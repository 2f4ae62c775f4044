"""What the stages need of the world. Each has an adapter under storage/ and a fake in tests, held to one contract suite."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from watchkeeper.audit import Anchor
from watchkeeper.change import Change, Owed
from watchkeeper.episodes import Episode
from watchkeeper.messages import Message
from watchkeeper.models import Analysis, AuditRecord, Delivery, Due, Incident, Row, StoredPayload

R = TypeVar("R", bound=Row)


class Incidents(Protocol):
    """The incidents table and the audit table, which change together."""

    def load(self, incident_id: str) -> Incident | None:
        """The incident as it is now; strongly consistent."""

    def write(self, change: Change) -> None:
        """All of it or none. Stale when somebody wrote first; AlreadyWritten when a `new` row or the cooldown is there."""

    def rows(self, incident_id: str, kind: type[R]) -> list[R]:
        """All rows of this kind, in the order of their keys."""

    def row(self, incident_id: str, kind: type[R], key: str) -> R | None:
        """One row; strongly consistent."""

    def episode(self, fingerprint: str) -> Episode:
        """What is known of the fingerprint; strongly consistent."""

    def put_episode(self, episode: Episode) -> None:
        """Write revision n over revision n-1, for what is no incident's doing; Stale when that is not what lies there."""

    def linked(self, link: str) -> str | None:
        """The incident that a change linked under this name, e.g. `automation/<id>`."""

    def cooling(self, action: str, target: str, at: datetime) -> datetime | None:
        """Until when this action must leave this target alone; none when it need not."""

    def owed(self, incident_id: str) -> list[Owed]:
        """What earlier changes promised and nobody has settled."""

    def owed_before(self, at: datetime, limit: int) -> list[Owed]:
        """What has been owed since before then, over all incidents."""

    def settle(self, owed: Owed) -> None:
        """It is done; forgetting it twice is no fault."""

    def due_before(self, at: datetime, limit: int) -> list[tuple[str, Due]]:
        """Incidents whose next look was due before then."""

    def history(self, incident_id: str) -> list[AuditRecord]:
        """The audit chain, first record first."""

    def recent(self, limit: int) -> list[Incident]:
        """The newest incidents, newest first."""

    def put_delivery(self, delivery: Delivery) -> None:
        """Write revision n over revision n-1; Stale when that is not what lies there."""


class Outbox(Protocol):
    """The queues."""

    def send(self, messages: Sequence[Message]) -> None:
        """All of them, or an error for the first that could not be sent."""


class Anchors(Protocol):
    """Where heads of audit chains are kept out of reach."""

    def keep(self, anchor: Anchor) -> None:
        """Keeping the same head twice is no fault."""

    def of(self, incident_id: str) -> list[Anchor]:
        """All that were kept for this incident."""


class Blobs(Protocol):
    """Bytes too long for a row."""

    def put(self, key: str, body: bytes) -> StoredPayload:
        """Store under this key; the same bytes twice are no fault."""

    def get(self, stored: StoredPayload) -> bytes:
        """The bytes; Permanent when their sha256 is not what was stored."""


class AnalysisCache(Protocol):
    """Analyses by signature."""

    def find(self, signature: str) -> Analysis | None:
        """The analysis made for this signature, counted as a hit."""

    def keep(self, analysis: Analysis) -> None:
        """Under its signature, until its time to live is over."""


class KillSwitch(Protocol):
    """One switch for every action."""

    def thrown(self) -> str:
        """Why nothing may be done, or empty. Read strongly consistent; unreadable counts as thrown."""


class Budget(Protocol):
    """Money that may be spent, counted before it is."""

    def reserve(self, purse: str, usd: float, cap_usd: float) -> bool:
        """Set this much aside, unless that would pass the cap; many workers may ask at once."""

    def settle(self, purse: str, reserved_usd: float, spent_usd: float) -> None:
        """Give back what was set aside and not spent."""


class Secrets(Protocol):
    """Secret values by name, cached for a bounded time."""

    def get(self, name: str) -> dict[str, str]:
        """The key-value pairs of this secret; empty values are left out."""
