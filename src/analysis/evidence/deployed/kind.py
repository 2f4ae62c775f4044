"""What a kind of deployment is: where it may be looked for, and what it tells of the time between two moments."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from analysis.evidence.ask import Ask
from watchkeeper.models import Resource

LONGEST_NAME = 200


@dataclass(frozen=True)
class Happened:
    """Something was put in place: one line of the evidence, written when it is known, and what belongs directly below it."""

    at: datetime
    line: str
    below: tuple[str, ...] = ()


@dataclass(frozen=True)
class Between:
    """The time that is looked at; both ends belong to it."""

    since: datetime
    until: datetime

    def holds(self, at: datetime) -> bool:
        return self.since <= at <= self.until


Tell = Callable[[Happened], None]


@dataclass(frozen=True)
class Kind:
    """`look` tells what it finds as it finds it, so that nothing is lost where it fails later on; it raises as a collector does."""

    name: str
    applies: Callable[[Ask], bool]
    look: Callable[[Ask, Between, Tell], None]
    permissions: tuple[str, ...]


def near(ask: Ask, kind: str, most: int) -> list[Resource]:
    """So many of the trusted resources of this type, each once though the team's word names it as well."""
    by_id = {resource.id: resource for resource in reversed(ask.near(kind))}
    return list(reversed(by_id.values()))[:most]


def region_of(ask: Ask, resource: Resource | None = None) -> str:
    return ask.region_of(resource) if resource else ask.incident.region or ask.region


def plain(ask: Ask, text: object) -> str:
    """Foreign text in one line."""
    return " ".join(ask.tidy(str(text)).split())[:LONGEST_NAME]
