"""Reads series from CloudWatch, as many as fit into one request, with the past that they are judged against."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from analysis.evidence.ask import Ask
from watchkeeper.models import MetricRef
from watchkeeper.storage.aws import in_our_words

PERMISSION = "cloudwatch:GetMetricData"
LIST_PERMISSION = "cloudwatch:ListMetrics"
MOST_QUERIES = 500  # CloudWatch takes no more in one request
MOST_PAGES = 8
PERIODS_BEFORE = 30
MOST_OF_THE_PAST = 1_440
PAST = timedelta(hours=24)
MINUTE = 60
PAST_OF_SECONDS = timedelta(
    hours=2, minutes=55
)  # CloudWatch keeps periods below a minute for three hours, and answers none of an older start
Points = list[tuple[datetime, float]]
_STATISTICS = {name.upper(): name for name in ("Average", "Sum", "Minimum", "Maximum", "SampleCount")}


def window_from(at: datetime, period: int, evaluated: int = 1) -> datetime:
    """Where the window of an alarm begins: thirty periods before it fired, or twice what it was judged by."""
    return at - timedelta(seconds=period * max(PERIODS_BEFORE, 2 * evaluated))


def past_from(start: datetime, period: int, now: datetime) -> datetime:
    """A day before the window where that is no more points than MOST_OF_THE_PAST, and none that CloudWatch no longer has."""
    past = start - min(PAST, timedelta(seconds=period * MOST_OF_THE_PAST))
    return past if period >= MINUTE else min(start, max(past, now - PAST_OF_SECONDS))


def read(ask: Ask, region: str, wanted: Mapping[str, MetricRef], start: datetime, end: datetime) -> dict[str, Points]:
    """The points of each series by the id that it is wanted by, in the order of time; an empty list where there are none."""
    found: dict[str, dict[datetime, float]] = {name: {} for name in wanted}
    left = iter(wanted.items())
    while some := dict(islice(left, MOST_QUERIES)):
        for result in _results(ask, region, some, start, end):
            points = zip(result["Timestamps"], result["Values"], strict=True)
            found.get(result["Id"], {}).update(points)
    return {name: sorted(points.items()) for name, points in found.items()}


def with_zeros(points: Points, start: datetime, end: datetime, period: int) -> Points:
    """The points, and a zero in each period of their grid that has none: for counts that are silent when there is nothing to count."""
    if not points:
        return points
    step, known = timedelta(seconds=period), dict(points)
    first = points[0][0] - step * ((points[0][0] - start) // step)
    grid = (first + step * number for number in range((max(end, points[-1][0]) - first) // step + 1))
    return sorted({**dict.fromkeys(grid, 0.0), **known}.items())


def _results(ask: Ask, region: str, wanted: Mapping[str, MetricRef], start: datetime, end: datetime) -> Iterator[dict[str, Any]]:
    asked: dict[str, Any] = {
        "MetricDataQueries": [_query(name, metric) for name, metric in wanted.items()],
        "StartTime": start,
        "EndTime": end,
        "ScanBy": "TimestampAscending",
    }
    for _ in range(MOST_PAGES):
        with in_our_words(PERMISSION, ", ".join(sorted({metric.name for metric in wanted.values()}))):
            page = ask.client("cloudwatch", region).get_metric_data(**asked)
        yield from page.get("MetricDataResults", [])
        if not page.get("NextToken"):
            return
        asked["NextToken"] = page["NextToken"]


def _query(name: str, metric: MetricRef) -> dict[str, Any]:
    dimensions = [{"Name": key, "Value": value} for key, value in metric.dimensions.items()]
    return {
        "Id": name,
        "MetricStat": {
            "Metric": {"Namespace": metric.namespace, "MetricName": metric.name, "Dimensions": dimensions},
            "Period": metric.period_seconds,
            "Stat": _STATISTICS.get(metric.statistic.upper(), metric.statistic or "Average"),
        },
    }


def listed(ask: Ask, region: str, namespace: str, dimensions: Mapping[str, str]) -> list[tuple[str, dict[str, str]]]:
    """The names and whole dimensions of the metrics that carry these ones and were written of late; the first page of them."""
    by = [{"Name": key, "Value": value} for key, value in dimensions.items()]
    with in_our_words(LIST_PERMISSION, namespace):
        page = ask.client("cloudwatch", region).list_metrics(Namespace=namespace, Dimensions=by, RecentlyActive="PT3H")
    found = [(one["MetricName"], {d["Name"]: d["Value"] for d in one.get("Dimensions", [])}) for one in page.get("Metrics", [])]
    return sorted(found, key=lambda one: (one[0], sorted(one[1].items())))
