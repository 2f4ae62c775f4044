"""The golden signals of the services in a map, over a day before the trouble and since: what suspects are ranked by."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from analysis.evidence.ask import Ask
from analysis.evidence.golden_signals import Door, Golden, Grid, combined, outermost
from analysis.evidence.metric_families import Family
from analysis.evidence.metric_reading import PAST, Points, listed, read
from analysis.evidence.metric_window import with_metric
from analysis.signals.suspects import Judgement, Metrics, Node
from watchkeeper.errors import NotAllowed, WatchkeeperError
from watchkeeper.models import Resource

SHORT, LONG = 60, 300
LONG_ENOUGH = timedelta(minutes=20)  # four periods of five minutes
BEFORE = timedelta(minutes=5)
MOST_DOORS = 4
MOST_LOOKUPS = 6


@dataclass(frozen=True)
class Span:
    """A day of what is usual, then the trouble, in equal periods."""

    grid: Grid
    trouble: int

    @property
    def end(self) -> datetime:
        return self.grid.start + self.grid.count * timedelta(seconds=self.grid.period)

    @property
    def judgement(self) -> Judgement:
        """A minute is noisier than five: one more of them in a row has to be beyond the usual."""
        return Judgement() if self.grid.period == LONG else Judgement(in_a_row=3)

    def node(self, metrics: Metrics) -> Node:
        def cut(first: int, last: int) -> Metrics:
            return Metrics(metrics.latency[first:last], metrics.errors[first:last], metrics.requests[first:last])

        return Node(cut(0, self.trouble), cut(self.trouble, self.grid.count))


@dataclass(frozen=True)
class Figures:
    """The services that have figures, and a sentence for each thing that could not be asked."""

    nodes: Mapping[str, Node]
    notes: tuple[str, ...] = ()


def span(ask: Ask) -> Span:
    """The trouble begins with what the alarm was judged by, five minutes before the alarm at the latest."""
    alert = with_metric(ask)
    metric = alert.metric if alert else None
    judged = timedelta(seconds=metric.period_seconds * metric.evaluation_periods) if metric else BEFORE
    began, end = ask.incident.fired_at - max(BEFORE, judged), max(ask.now, ask.incident.fired_at)
    period = LONG if end - began >= LONG_ENOUGH else SHORT
    start = datetime.fromtimestamp((began - PAST).timestamp() // period * period, began.tzinfo)
    step = timedelta(seconds=period)
    return Span(Grid(start, period, (end - start) // step), (began - start) // step)


def figures(ask: Ask, resources: Mapping[str, Sequence[Resource]], over: Span) -> Figures:
    """One GetMetricData for each region, after ListMetrics where only it knows the dimensions."""
    doors, notes = list[tuple[str, str, Door]](), dict[str, None]()
    for name, door in _doors(ask, resources, notes):
        doors.append((f"s{len(doors)}", name, door))
    found = _read(ask, doors, over)
    nodes = {}
    for name in resources:
        own = [(door.golden, _of(door_id, found)) for door_id, of, door in doors if of == name]
        if any(points for _, by_role in own for points in by_role.values()):
            nodes[name] = over.node(combined(own, over.grid))
    return Figures(nodes, tuple(notes))


def _doors(ask: Ask, resources: Mapping[str, Sequence[Resource]], notes: dict[str, None]) -> Iterator[tuple[str, Door]]:
    """Each door with the service whose it is. What could not be looked up is left out and noted."""
    lookups = MOST_LOOKUPS
    for name, own in resources.items():
        for resource, family, golden in list(outermost(own))[:MOST_DOORS]:
            lookups -= family.listed
            if family.listed and lookups < 0:
                notes["more target groups than are looked up"] = None
                continue
            try:
                whole = _dimensions(ask, resource, family, golden)
            except NotAllowed as error:
                notes[f"not allowed: {error.permission}"] = None
            except WatchkeeperError as error:
                notes[f"failed: {ask.tidy(str(error))}"] = None
            else:
                yield from ((name, Door(golden, ask.region_of(resource), {**one, **part})) for one in whole for part in golden.parts)


def _dimensions(ask: Ask, resource: Resource, family: Family, golden: Golden) -> list[dict[str, str]]:
    dimensions = family.dimensions(resource.id)
    if not family.listed:
        return [dimensions]
    found = listed(ask, ask.region_of(resource), family.namespace, dimensions)
    return [whole for metric, whole in found if metric == golden.requests and "AvailabilityZone" not in whole][:1]


def _read(ask: Ask, doors: Sequence[tuple[str, str, Door]], over: Span) -> dict[str, Points]:
    found: dict[str, Points] = {}
    for region in dict.fromkeys(door.region for _, _, door in doors):
        here = [(door_id, door) for door_id, _, door in doors if door.region == region]
        wanted = {f"{door_id}_{role}": ref for door_id, door in here for role, ref in door.series(over.grid.period).items()}
        found |= read(ask, region, wanted, over.grid.start, over.end)
    return found


def _of(door_id: str, found: Mapping[str, Points]) -> dict[str, Points]:
    """The series of one door, by role."""
    return {key.partition("_")[2]: points for key, points in found.items() if key.partition("_")[0] == door_id}
