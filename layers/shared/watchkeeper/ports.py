"""What the stages need of the world. Each has an adapter under storage/ and a fake in tests, held to one contract suite."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, TypeVar

from watchkeeper.audit import Anchor
from watchkeeper.change import Change, Owed
from watchkeeper.episodes import Episode
from watchkeeper.messages import Message
from watchkeeper.models import Analysis, AuditRecord, Delivery, Due, Incident, Revised, Row, StoredPayload

if TYPE_CHECKING:
    from watchkeeper.aside import Aside
    from watchkeeper.quiet import Mute

R = TypeVar("R", bound=Row)
D = TypeVar("D", bound=Revised)


@dataclass(frozen=True)
class Found:
    """What lay in the table: the incidents by their id, and the places (partition, sort key) of the rows."""

    incidents: Mapping[str, Incident]
    rows: frozenset[tuple[str, str]]


class Incidents(Protocol):
    """The incidents table and the audit table, which change together."""

    def load(self, incident_id: str) -> Incident | None:
        """The incident as it is now; strongly consistent."""

    def write(self, *changes: Change) -> None:
        """All of them or none. Stale when somebody wrote first; AlreadyWritten when a `new` row or the cooldown is there."""

    def rows(self, incident_id: str, kind: type[R]) -> list[R]:
        """All rows of this kind, in the order of their keys."""

    def row(self, incident_id: str, kind: type[R], key: str) -> R | None:
        """One row; strongly consistent."""

    def episode(self, fingerprint: str) -> Episode:
        """What is known of the fingerprint; strongly consistent."""

    def episodes(self, fingerprints: Collection[str]) -> dict[str, Episode]:
        """What is known of each of them; strongly consistent, in a request for a hundred."""

    def look_up(self, incidents: Collection[str], rows: Collection[tuple[str, str]]) -> Found:
        """These incidents, and which of these rows lie there; in the same way."""

    def put_episode(self, episode: Episode, aside: "Sequence[Aside]" = ()) -> None:
        """Write revision n over revision n-1, for what is no incident's doing, with alerts that are set aside.

        Stale when that is not what lies there, AlreadyWritten when one of the alerts lies aside.
        """

    def aside(self, fingerprint: str, limit: int) -> "list[Aside]":
        """The alerts of it that were set aside, the one that occurred last first."""

    def waking_before(self, at: datetime, limit: int) -> list[Episode]:
        """Episodes that were to be looked at before then, though no alert came."""

    def tally(self, incident_id: str, fingerprint: str, duplicates: int) -> None:
        """So many more exact duplicates came. A count and no promise: it is not repeated after a crash."""

    def tallied(self, incident_id: str) -> dict[str, int]:
        """How many came, by fingerprint."""

    def on_resource(self, resource: str, since: datetime, limit: int) -> list[Incident]:
        """Incidents opened since then on a resource of this name, newest first. It may lag behind by a second."""

    def of_service(self, service: str, since: datetime, limit: int) -> list[Incident]:
        """Incidents of this service opened since then, newest first. It may lag behind by a second."""

    def linked(self, link: str) -> str | None:
        """The incident that a change linked under this name, e.g. `automation/<id>`."""

    def cooling(self, action: str, target: str, at: datetime) -> datetime | None:
        """Until when this action must leave this target alone; none when it need not."""

    def revised(self, kind: type[D], name: str) -> D:
        """The document of this kind and name, or revision 0 of it; strongly consistent."""

    def put_revised(self, document: Revised) -> None:
        """Write revision n over revision n-1, for what is no incident's doing; Stale when that is not what lies there."""

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

    def append(self, record: AuditRecord) -> None:
        """The next record of a chain that no incident's version guards; Stale when its place is taken."""

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

    def forget(self, signature: str) -> None:
        """Not to be used again; forgetting what is not there is no fault."""


class KillSwitch(Protocol):
    """One switch for every action."""

    def thrown(self) -> str:
        """Why nothing may be done, or empty. Read strongly consistent; unreadable counts as thrown."""


class Budget(Protocol):
    """Money that may be spent, counted before it is."""

    def reserve(self, purses: "Mapping[str, float]", usd: float) -> str:
        """Set this much aside in every purse, each with its cap in dollars, or in none: the name of the first purse that
        has no room for it, or empty. Many workers may ask at once."""

    def settle(self, purses: Collection[str], reserved_usd: float, spent_usd: float) -> None:
        """Give back what was set aside and not spent."""


class Mutes(Protocol):
    """What people have muted."""

    def all(self, at: datetime) -> "Sequence[Mute]":
        """Those that are not over, at most two hundred."""

    def put(self, mute: "Mute") -> None:
        """A new one, or another under the same id."""

    def remove(self, mute_id: str) -> None:
        """Gone; twice is no fault."""


class Secrets(Protocol):
    """Secret values by name, cached for a bounded time."""

    def get(self, name: str) -> dict[str, str]:
        """The key-value pairs of this secret; empty values are left out."""

    def renewed(self, name: str) -> dict[str, str]:
        """The same, read past the cache; no more often than every 30 s, so that nobody can make us hammer the store."""
