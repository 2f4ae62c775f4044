"""The alarm's own metric, around the moment it fired: every point, the extremes, and where it first crossed the line."""

import operator
from datetime import datetime, timedelta
from typing import Any

from analysis.evidence.ask import Ask, Collector, Found, Nothing, figure, stamp
from analysis.evidence.the_alert import describe
from watchkeeper.models import Alert, AlertKind, MetricRef
from watchkeeper.storage.aws import in_our_words

PERMISSION = "cloudwatch:GetMetricData"
PERIODS_BEFORE = 30
MOST_POINTS = 240
CROSSES = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
_STATISTICS = {name.upper(): name for name in ("Average", "Sum", "Minimum", "Maximum", "SampleCount")}


def collect(ask: Ask) -> Found | Nothing:
    """One GetMetricData over thirty periods before the alarm until now."""
    alert = _with_metric(ask)
    if alert is None or alert.metric is None:
        return Nothing("No alert of this incident names a metric.")
    metric = alert.metric
    start = alert.occurred_at - timedelta(seconds=metric.period_seconds * max(PERIODS_BEFORE, 2 * metric.evaluation_periods))
    region = alert.region or ask.incident.region or ask.region
    with in_our_words(PERMISSION, metric.name):
        answer = ask.client("cloudwatch", region).get_metric_data(
            MetricDataQueries=[_query(metric)],
            StartTime=start,
            EndTime=max(ask.now, alert.occurred_at) + timedelta(seconds=metric.period_seconds),
            ScanBy="TimestampAscending",
        )
    series = answer["MetricDataResults"][0] if answer.get("MetricDataResults") else {"Timestamps": [], "Values": []}
    points = sorted(zip(series["Timestamps"], series["Values"], strict=True))[-MOST_POINTS:]
    if not points:
        return Nothing(f"{metric.namespace} {metric.name} has no point since {stamp(start)}.")
    return _told(metric, ask.tidy(describe(metric)), points)


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


def _told(metric: MetricRef, described: str, points: list[tuple[datetime, float]]) -> Found:
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
    table = [f"{stamp(at)} {figure(value)}{' crosses' if (at, value) in crossing else ''}" for at, value in points]
    return Found(summary=f"{metric.name}: {range_}; {head[2]}.", body="\n".join([*head, *table]))


COLLECTOR = Collector(
    name="metric",
    order=20,
    provenance="CloudWatch metrics, measured",
    applies=lambda ask: any(alert.metric for alert in ask.alerts),
    asked=lambda ask: f"How did the metric of {ask.incident.alarm_name or 'the alarm'} run before and since?",
    collect=collect,
)
