"""The alarm's own metric, around the moment it fired: every point, the extremes, where it first crossed the line, and what changed.

The day before the window is read in the same request. It is not shown: it is what a change is judged against.
"""

import operator
from datetime import datetime, timedelta
from typing import Any

from analysis.evidence.ask import Ask, Collector, Found, Nothing, figure, stamp
from analysis.evidence.metric_changes import changed
from analysis.evidence.the_alert import describe
from watchkeeper.models import Alert, AlertKind, MetricRef
from watchkeeper.storage.aws import in_our_words

PERMISSION = "cloudwatch:GetMetricData"
PERIODS_BEFORE = 30
MOST_POINTS = 240
MOST_OF_THE_PAST = 1_440
PAST = timedelta(hours=24)
MINUTE = 60
PAST_OF_SECONDS = timedelta(
    hours=2, minutes=55
)  # CloudWatch keeps periods below a minute for three hours, and answers none of an older start
CROSSES = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
Points = list[tuple[datetime, float]]
_STATISTICS = {name.upper(): name for name in ("Average", "Sum", "Minimum", "Maximum", "SampleCount")}


def collect(ask: Ask) -> Found | Nothing:
    """One GetMetricData: the window is thirty periods before the alarm until now, and before it the past."""
    alert = _with_metric(ask)
    if alert is None or alert.metric is None:
        return Nothing("No alert of this incident names a metric.")
    metric = alert.metric
    start = alert.occurred_at - timedelta(seconds=metric.period_seconds * max(PERIODS_BEFORE, 2 * metric.evaluation_periods))
    region = alert.region or ask.incident.region or ask.region
    with in_our_words(PERMISSION, metric.name):
        answer = ask.client("cloudwatch", region).get_metric_data(
            MetricDataQueries=[_query(metric)],
            StartTime=_past_from(start, metric.period_seconds, ask.now),
            EndTime=max(ask.now, alert.occurred_at) + timedelta(seconds=metric.period_seconds),
            ScanBy="TimestampAscending",
        )
    series = answer["MetricDataResults"][0] if answer.get("MetricDataResults") else {"Timestamps": [], "Values": []}
    known = sorted(zip(series["Timestamps"], series["Values"], strict=True))
    period = timedelta(seconds=metric.period_seconds)
    points = [point for point in known if point[0] + period > start][-MOST_POINTS:]  # with the period that `start` lies in
    if not points:
        last = f" The last one was {figure(known[-1][1])} at {stamp(known[-1][0])}." if known else ""
        return Nothing(f"{metric.namespace} {metric.name} has no point since {stamp(start)}.{last}")
    return _told(metric, ask.tidy(describe(metric)), points, known)


def _past_from(start: datetime, period: int, now: datetime) -> datetime:
    """A day before the window where that is no more points than MOST_OF_THE_PAST, and none that CloudWatch no longer has."""
    past = start - min(PAST, timedelta(seconds=period * MOST_OF_THE_PAST))
    return past if period >= MINUTE else min(start, max(past, now - PAST_OF_SECONDS))


def _with_metric(ask: Ask) -> Alert | None:
    with_metric = [alert for alert in ask.alerts if alert.metric and alert.kind is not AlertKind.RESOLVED]
    return max(with_metric, key=lambda alert: alert.occurred_at, default=None)


def _query(metric: MetricRef) -> dict[str, Any]:
    dimensions = [{"Name": name, "Value": value} for name, value in metric.dimensions.items()]
    return {
        "Id": "alarm",
        "MetricStat": {
            "Metric": {"Namespace": metric.namespace, "MetricName": metric.name, "Dimensions": dimensions},
            "Period": metric.period_seconds,
            "Stat": _STATISTICS.get(metric.statistic.upper(), metric.statistic or "Average"),
        },
    }


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
)
