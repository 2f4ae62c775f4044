"""What was measured over time: the alarm's own metric and its neighbours, as figures with the lines that state them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from analysis.lines import Hit, ReadCase

NUMBER = r"-?\d{1,18}(?:\.\d{1,9})?"
OWN = re.compile(rf"metric: (?P<space>.+?) (?P<name>\S+) \((?P<of>.*?)\), \S+ over \d+ s(?:; alarm line: (?P<way>\w+) (?P<line>{NUMBER}))?")
SPAN = re.compile(
    rf"(?P<points>\d{{1,6}}) points from .* min (?P<low>{NUMBER}) at \S+, max (?P<high>{NUMBER}) at \S+, latest (?P<latest>{NUMBER})"
)
CROSSING = re.compile(rf"first crossing at (?P<at>\S+) with {NUMBER}, (?P<count>\d{{1,6}}) points in all")
CHANGE = re.compile(r"change at \S+: (?P<way>up|down) from ")
NEIGHBOUR = re.compile(
    rf"neighbour: (?P<space>.+?) (?P<name>\S+) \((?P<of>.*?)\), \S+: latest (?P<latest>{NUMBER}), min (?P<low>{NUMBER}), "
    rf"max (?P<high>{NUMBER})"
)
NEIGHBOUR_CHANGE = re.compile(r"neighbour change at \S+: (?P<space>.+?) (?P<name>\S+) \((?P<of>.*?)\) (?P<way>up|down) from ")
A_MOMENT = 3
ENDED = re.compile(r"\d{4}-\d\d-\d\dT\S+Z -?[\d.]+(?P<crosses> crosses)?$")
LAST_POINTS = 2


@dataclass(frozen=True)
class Series:
    """`of` is its dimensions as they are written; `states` is the line with its figures; `changes` say when it went up or down.

    `crossing` is where the alarm's own metric first crossed its line; `threshold` and `above` say which line that is.
    """

    name: str
    of: str
    latest: float
    low: float
    high: float
    states: Hit
    changes: tuple[Hit, ...] = ()
    head: Hit | None = None
    crossing: Hit | None = None
    threshold: float | None = None
    above: bool = True

    @property
    def whose(self) -> str:
        """The value of its last dimension: the name of what was measured, nearest to it."""
        return self.of.rpartition("=")[2].strip()

    @property
    def most(self) -> str:
        """Its highest value, as the evidence writes it."""
        return self.states["high"]

    @property
    def facts(self) -> tuple[Hit, ...]:
        """The lines that name it and state its figures."""
        return tuple(hit for hit in (self.head, self.states) if hit)

    @property
    def shown(self) -> list[Hit]:
        """The lines that show that it is out of order."""
        return [hit for hit in (self.crossing, *self.changes) if hit]

    def went(self, way: str) -> bool:
        return any(change["way"] == way for change in self.changes)

    @property
    def crosses_now(self) -> bool:
        """Is its latest value beyond the alarm's line, or on it?"""
        if self.threshold is None:
            return False
        return self.latest >= self.threshold if self.above else self.latest <= self.threshold


def series(case: ReadCase, *names: str) -> list[Series]:
    """The series of these names: the alarm's own first, then its neighbours."""
    return [one for one in case.once(every_series) if one.name in names]


def own(case: ReadCase) -> Series | None:
    """The alarm's own metric, if it was read."""
    return next((one for one in case.once(every_series) if one.head), None)


def every_series(case: ReadCase) -> Sequence[Series]:
    heads, spans = case.hits("metric", OWN), case.hits("metric", SPAN)
    found = [_own(head, span, case) for head, span in zip(heads[:1], spans[:1], strict=False)]
    changes = case.hits("neighbours", NEIGHBOUR_CHANGE)
    for hit in case.hits("neighbours", NEIGHBOUR):
        its = tuple(one for one in changes if all(one[key] == hit[key] for key in ("space", "name", "of")))
        found.append(Series(hit["name"], hit["of"], float(hit["latest"]), float(hit["low"]), float(hit["high"]), hit, its))
    return found


def _own(head: Hit, span: Hit, case: ReadCase) -> Series:
    return Series(
        name=head["name"],
        of=head["of"],
        latest=float(span["latest"]),
        low=float(span["low"]),
        high=float(span["high"]),
        states=span,
        changes=tuple(case.hits("metric", CHANGE)),
        head=head,
        crossing=next(iter(case.hits("metric", CROSSING)), None),
        threshold=float(head["line"]) if head["line"] else None,
        above=not head["way"].startswith("Less"),
    )


def back(alarm: Series, case: ReadCase) -> bool:
    """Only a few points crossed, and the last ones do not; where there is no table, the latest does not."""
    table: list[Hit] = case.hits("metric", ENDED)
    ended = not any(hit["crosses"] for hit in table[-LAST_POINTS:])
    return alarm.crossing is not None and int(alarm.crossing["count"]) <= A_MOMENT and not alarm.crosses_now and ended
