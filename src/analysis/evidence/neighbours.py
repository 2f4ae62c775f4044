"""The metrics beside the alarm's own: of the same resources, and of the resources of the services that it depends on.

Lines, of which rules and joins may rely on the two that begin with `neighbour`; the changed come first, by when they changed:

    14 neighbour series since 2026-11-20T02:28:00Z, 1 changed; 3 more have no point
    neighbour: AWS/RDS DatabaseConnections (DBInstanceIdentifier=orders-db), Maximum: latest 198, min 12, max 198
    neighbour change at 2026-11-20T02:58:00Z: AWS/RDS DatabaseConnections (DBInstanceIdentifier=orders-db) up from about 40 to 198
    not allowed: cloudwatch:ListMetrics

Window and past are those of the alarm's own metric, in periods of one to five minutes; all series of a region come in one request.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from analysis.evidence.ask import Ask, Collector, Found, Nothing, figure, stamp
from analysis.evidence.metric_changes import Changed, changed
from analysis.evidence.metric_families import FAMILIES, SILENT_MEANS_NONE, Family, families
from analysis.evidence.metric_reading import LIST_PERMISSION, PERMISSION, Points, listed, past_from, read, window_from, with_zeros
from analysis.evidence.metric_window import with_metric
from analysis.evidence.neighbourhood import around, needed
from watchkeeper.errors import NotAllowed, WatchkeeperError
from watchkeeper.models import MetricRef, Resource

MOST_SERIES = 60
MOST_LOOKUPS = 6
MOST_LISTED = 8
MOST_UNCHANGED = 20
SHORTEST, LONGEST = 60, 300
LATE = 2  # periods that may not have been counted yet
NOT_A_DISK = {"tmpfs", "devtmpfs", "overlay", "squashfs"}


@dataclass(frozen=True)
class Window:
    """What is looked at begins at `start`; what it is judged against, at `past`."""

    past: datetime
    start: datetime
    end: datetime
    period: int


@dataclass(frozen=True)
class Neighbour:
    region: str
    metric: MetricRef


@dataclass(frozen=True)
class Seen:
    """A series that has points in the window. `what` is it in words, redacted."""

    what: str
    statistic: str
    points: Points
    change: Changed


def collect(ask: Ask) -> Found | Nothing:
    """ListMetrics where only it knows the dimensions, then one GetMetricData for each region."""
    window = _window(ask)
    wanted, notes = _wanted(ask, window.period)
    if not wanted:
        return Nothing(f"No further metric is known of {_names(ask)}{''.join(f'; {note}' for note in notes)}.")
    seen = _seen(ask, wanted[:MOST_SERIES], window)
    if len(wanted) > MOST_SERIES:
        notes = (*notes, f"{len(wanted) - MOST_SERIES} more series were not read")
    if not seen:
        return Nothing(f"None of {len(wanted)} neighbour series has a point since {stamp(window.start)}.")
    return _told(seen, min(len(wanted), MOST_SERIES) - len(seen), window, notes)


def _window(ask: Ask) -> Window:
    alert = with_metric(ask)
    metric = alert.metric if alert else None
    fired = alert.occurred_at if alert else ask.incident.fired_at
    period = min(LONGEST, max(SHORTEST, metric.period_seconds if metric else SHORTEST))
    start = window_from(fired, period, metric.evaluation_periods if metric else 1)
    return Window(past_from(start, period, ask.now), start, max(ask.now, fired) + timedelta(seconds=period), period)


def _wanted(ask: Ask, period: int) -> tuple[list[Neighbour], tuple[str, ...]]:
    """Each series once, the alarm's own left out: what shares its dimensions, then its resources', then its dependencies'."""
    alert = with_metric(ask)
    own = alert.metric if alert else None
    found: dict[tuple[str, ...], Neighbour] = {}
    if alert and own:
        region = alert.region or ask.incident.region or ask.region
        found = {_key(one): Neighbour(region, one) for one in _siblings(own, period)}
    lookups, notes = MOST_LOOKUPS, tuple[str, ...]()
    for resource in (*around(ask), *needed(ask)):
        for family in families(resource.type):
            dimensions = family.dimensions(resource.id)
            if not dimensions or (family.listed and not lookups):
                continue
            lookups -= family.listed
            refs, note = _refs(ask, resource, family, period)
            notes += (note,) if note and note not in notes else ()
            for ref in refs:
                found.setdefault(_key(ref), Neighbour(ask.region_of(resource), ref))
    return [one for key, one in found.items() if own is None or key != _key(own)], notes


def _refs(ask: Ask, resource: Resource, family: Family, period: int) -> tuple[list[MetricRef], str]:
    """The series of this family, and a sentence where they could not be looked up: the rest goes on without them."""
    dimensions = family.dimensions(resource.id)
    if not family.listed:
        return [_ref(family, one.name, one.statistic, {**dimensions, **one.dimensions}, period) for one in family.metrics], ""
    try:
        named = listed(ask, ask.region_of(resource), family.namespace, dimensions)
    except NotAllowed as error:
        return [], f"not allowed: {error.permission}"
    except WatchkeeperError as error:
        return [], f"failed: {ask.tidy(str(error))}"
    statistics = {one.name: one.statistic for one in family.metrics}
    fitting = [(name, own) for name, own in named if name in statistics and _is_whole(own)]
    return [_ref(family, name, statistics[name], own, period) for name, own in fitting[:MOST_LISTED]], ""


def _is_whole(dimensions: Mapping[str, str]) -> bool:
    """Not the part of one zone, and no file system that lives in memory."""
    return "AvailabilityZone" not in dimensions and dimensions.get("fstype") not in NOT_A_DISK


def _siblings(own: MetricRef, period: int) -> Iterator[MetricRef]:
    """What CloudWatch has by the same dimensions as the alarm's own metric, whatever resource that is."""
    for family in (family for of_type in FAMILIES.values() for family in of_type):
        named = set(family.keys) == set(own.dimensions) or (family.listed and set(family.keys) < set(own.dimensions))
        if named and family.namespace == own.namespace:
            for one in family.metrics:
                if family.listed or not one.dimensions:
                    yield _ref(family, one.name, one.statistic, dict(own.dimensions), period)


def _ref(family: Family, name: str, statistic: str, dimensions: dict[str, str], period: int) -> MetricRef:
    return MetricRef(namespace=family.namespace, name=name, dimensions=dimensions, statistic=statistic, period_seconds=period)


def _key(metric: MetricRef) -> tuple[str, ...]:
    return (metric.namespace, metric.name, *(f"{key}={value}" for key, value in sorted(metric.dimensions.items())))


def _seen(ask: Ask, wanted: Sequence[Neighbour], window: Window) -> list[Seen]:
    """The series that have points in the window, in the order in which they were wanted."""
    by_id = {f"n{number}": one for number, one in enumerate(wanted)}
    found: dict[str, Points] = {}
    for region in dict.fromkeys(one.region for one in wanted):
        here = {name: one.metric for name, one in by_id.items() if one.region == region}
        found |= read(ask, region, here, window.past, window.end)
    return list(_judged(ask, by_id, found, window))


def _judged(ask: Ask, by_id: Mapping[str, Neighbour], found: Mapping[str, Points], window: Window) -> Iterator[Seen]:
    for name, one in by_id.items():
        known, until = found[name], ask.now - LATE * timedelta(seconds=window.period)
        if one.metric.name in SILENT_MEANS_NONE:
            known = with_zeros(known, window.past, until, window.period)
        points = [point for point in known if point[0] + timedelta(seconds=window.period) > window.start]
        if points:
            yield Seen(ask.tidy(_described(one.metric)), one.metric.statistic, points, changed(known, points[0][0]))


def _described(metric: MetricRef) -> str:
    dimensions = ", ".join(f"{key}={value}" for key, value in sorted(metric.dimensions.items()))
    return f"{metric.namespace} {metric.name} ({dimensions})"


def _told(seen: Sequence[Seen], without: int, window: Window, notes: Iterable[str]) -> Found:
    moved = sorted((one for one in seen if one.change.told), key=lambda one: one.change.told[0].at)
    still = [one for one in seen if not one.change.told]
    none = f"; {without} more have no point" if without else ""
    head = f"{len(seen)} neighbour series since {stamp(window.start)}, {len(moved)} changed{none}"
    lines = [line for one in (*moved, *still[:MOST_UNCHANGED]) for line in _lines(one)]
    left = [f"{len(still) - MOST_UNCHANGED} more are unchanged"] if len(still) > MOST_UNCHANGED else []
    first = f" First: {moved[0].what} {moved[0].change.told[0].says} at {stamp(moved[0].change.told[0].at)}." if moved else ""
    return Found(summary=f"{head}.{first}", body="\n".join([head, *lines, *left, *notes]))


def _lines(one: Seen) -> Iterator[str]:
    values = [value for _, value in one.points]
    span = f"latest {figure(values[-1])}, min {figure(min(values))}, max {figure(max(values))}"
    yield f"neighbour: {one.what}, {one.statistic}: {span}"
    yield from (f"neighbour change at {stamp(change.at)}: {one.what} {change.says}" for change in one.change.told)


def _names(ask: Ask) -> str:
    return ", ".join(resource.id for resource in (*around(ask), *needed(ask))) or "this incident"


COLLECTOR = Collector(
    name="neighbours",
    order=22,
    provenance="CloudWatch metrics, measured",
    applies=lambda ask: bool(around(ask) or needed(ask) or with_metric(ask)),
    asked=lambda ask: f"Which other metrics of {ask.service.name if ask.service else _names(ask)} and of what it depends on changed?",
    collect=collect,
    permissions=(PERMISSION, LIST_PERMISSION),
)
