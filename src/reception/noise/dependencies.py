"""Which services hang together, as `depends_on` in services.yaml says it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from watchkeeper.team import Services


@dataclass(frozen=True)
class Dependencies:
    """What each service needs directly. Built once for a services.yaml, asked for every alert."""

    needs: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, services: "Services") -> Self:
        return cls({service.name: frozenset(service.depends_on) for service in services.services})

    def path(self, one: str, other: str) -> tuple[str, ...]:
        """From the service that needs to the one that is needed, over at most one between; empty where neither needs the other."""
        return self._down(one, other) or self._down(other, one)

    def _down(self, above: str, below: str) -> tuple[str, ...]:
        direct = self.needs.get(above)
        if not direct:
            return ()
        if below in direct:
            return (above, below)
        between = min((middle for middle in direct if below in self.needs.get(middle, frozenset())), default="")
        return (above, between, below) if between else ()
