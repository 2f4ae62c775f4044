"""What a join is: a question that no collector can answer alone, because it needs what several of them brought back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from analysis.evidence.ask import Found, Nothing
from watchkeeper.models import Resource


@dataclass(frozen=True)
class Brought:
    """The redacted text of each collector that found something, by its name, its resources, and when the alarm fired.

    `until` is set where it may have begun later than that, as with a question about what happened after a time.
    """

    texts: Mapping[str, str]
    fired_at: datetime
    resources: tuple[Resource, ...] = ()
    until: datetime | None = None


@dataclass(frozen=True)
class Join:
    """`needs` names the collectors without which there is nothing to join; `join` is pure and never fails for strange text."""

    name: str
    order: int
    provenance: str
    needs: tuple[str, ...]
    asked: str
    join: Callable[[Brought], Found | Nothing]
