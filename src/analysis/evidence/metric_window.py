"""The alarm's own metric, around the moment it fired: every point, the extremes, where it first crossed the line, and what changed.

The day before the window is read in the same request. It is not shown: it is what a change is judged against.
"""

import operator
from datetime import timedelta

from analysis.evidence.ask import Ask, Collector, Found, Nothing, figure, stamp
from analysis.evidence.metric_changes import changed
from analysis.evidence.metric_reading import PERMISSION, Points, past_from, read, window_from
from analysis.evidence.the_alert import describe
from watchkeeper.models import Alert, AlertKind, MetricRef

MOST_POINTS = 240
CROSSES = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}


def collect(ask: Ask) -> Found | Nothing:
    """One GetMetricData: the window is thirty periods before the alarm until now, and before it the past."""
    alert = with_metric(ask)
    if alert is None or alert.metric is None:
        return Nothing("No alert of this incident names a metric.")
    metric, period = alert.metric, timedelta(seconds=alert.metric.period_seconds)
    start = window_from(alert.occurred_at, metric.period_seconds, metric.evaluation_periods)
    region = alert.region or ask.incident.region or ask.region
    past, end = past_from(start, metric.period_seconds, ask.now), max(ask.now, alert.occurred_at) + period
    known = read(ask, region, {"alarm": metric}, past, end)["alarm"]
    points = [point for point in known if point[0] + period > start][-MOST_POINTS:]  # with the period that `start` lies in
    if not points:
        last = f" The last one was {figure(known[-1][1])} at {stamp(known[-1][0])}." if known else ""
        return Nothing(f"{metric.namespace} {metric.name} has no point since {stamp(start)}.{last}")
    return _told(metric, ask.tidy(describe(metric)), points, known)


def with_metric(ask: Ask) -> Alert | None:
    """The newest alert that fires and names a metric."""
    found = [alert for alert in ask.alerts if alert.metric and alert.kind is not AlertKind.RESOLVED]
    return max(found, key=lambda alert: alert.occurred_at, default=None)


def _told(metric: MetricRef, described: str, points: Points, known: Points) -> Found:
    """`points` make the table; `known` has them and the past."""
    lowest, highest = min(points, key=lambda p: p[1]), max(points, key=lambda p: p[1])
    crosses = CROSSES.get(metric.comparison)
    line = metric.threshold
    crossing = [p for p in points if crosses and line is not None and crosses(p[1], line)]
    span = f"{len(points)} points from {stamp(points[0][0])} to {stamp(points[-1][0])}"
    range_ = (
        f"min {figure(lowest[1])} at {stamp(lowest[0])}, max {figure(highest[1])} at {stamp(highest[0])}, latest {figure(points[-1][1])}"
    )
    first = f"first crossing at {stamp(crossing[0][0])} with {figure(crossing[0][1])}, {len(crossing)} points in all" if crossing else ""
    head = [f"metric: {described}", f"{span}: {range_}", first or "no point crosses the alarm line"]
    change = changed(known, points[0][0])
    table = [f"{stamp(at)} {figure(value)}{' crosses' if (at, value) in crossing else ''}" for at, value in points]
    first_change = f" Change at {change.first}." if change.first else ""
    return Found(summary=f"{metric.name}: {range_}; {head[2]}.{first_change}", body="\n".join([*head, *change.lines, *table]))


COLLECTOR = Collector(
    name="metric",
    order=20,
    provenance="CloudWatch metrics, measured",
    applies=lambda ask: any(alert.metric for alert in ask.alerts),
    asked=lambda ask: f"How did the metric of {ask.incident.alarm_name or 'the alarm'} run before and since?",
    collect=collect,
    permissions=(PERMISSION,),
)
