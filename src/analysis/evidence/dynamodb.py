"""The state of the DynamoDB tables near the incident: what they may be asked, and how often they refused.

    dynamodb:table orders: status ACTIVE, billing PROVISIONED, read 5, write 5
    index by_customer: status ACTIVE, read 5, write 5
    throttled: ReadThrottleEvents 120, WriteThrottleEvents 0 in the window
    throttled index by_customer: ReadThrottleEvents 120, WriteThrottleEvents 0 in the window

The window is half an hour before the alarm until now.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from analysis.evidence.ask import Ask, Collector, Found, Nothing, figure
from analysis.evidence.each_resource import also, answer, each, names
from watchkeeper.models import Resource

TABLE, METRICS = "dynamodb:DescribeTable", "cloudwatch:GetMetricData"
KIND = "dynamodb:table"
BEFORE = timedelta(minutes=30)
MOST_INDEXES = 5
THROTTLES = ("ReadThrottleEvents", "WriteThrottleEvents")


def collect(ask: Ask) -> Found | Nothing:
    """DescribeTable for each table, and one GetMetricData for the throttles of it and its indexes."""
    return each(ask, ask.near(KIND), _table, f"Not there: {names(ask.near(KIND))}.")


def _table(ask: Ask, resource: Resource) -> Iterator[str]:
    name, region = resource.id.split("/")[0], ask.region_of(resource)
    said = answer(TABLE, name, ("ResourceNotFoundException",), ask.client("dynamodb", region).describe_table, TableName=name)
    if said is None:
        return
    table = said["Table"]
    billing = table.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED")
    indexes = table.get("GlobalSecondaryIndexes", [])[:MOST_INDEXES]
    yield f"dynamodb:table {name}: status {table['TableStatus']}, billing {billing}, {_units(table)}"
    for index in indexes:
        yield f"index {index['IndexName']}: status {index.get('IndexStatus', 'unknown')}, {_units(index)}"
    yield from also(ask, lambda: _throttled(ask, ask.client("cloudwatch", region), name, [index["IndexName"] for index in indexes]))


def _units(what: dict[str, Any]) -> str:
    given = what.get("ProvisionedThroughput", {})
    return f"read {given.get('ReadCapacityUnits', 0)}, write {given.get('WriteCapacityUnits', 0)}"


def _throttled(ask: Ask, client: Any, table: str, indexes: list[str]) -> list[str]:
    """How many requests were refused: a line for the table, and one for each index that refused any."""
    own = {"TableName": table}
    places = [("", own), *((f" index {index}", {**own, "GlobalSecondaryIndexName": index}) for index in indexes)]
    queries = [_query(f"m{n}_{m}", metric, dimensions) for n, (_, dimensions) in enumerate(places) for m, metric in enumerate(THROTTLES)]
    said = answer(
        METRICS,
        table,
        (),
        client.get_metric_data,
        MetricDataQueries=queries,
        StartTime=ask.incident.fired_at - BEFORE,
        EndTime=max(ask.now, ask.incident.fired_at) + timedelta(minutes=1),
    )
    counted = {one["Id"]: sum(one["Values"]) for one in said["MetricDataResults"]}
    lines = []
    for n, (place, _) in enumerate(places):
        figures = [counted.get(f"m{n}_{m}", 0) for m, _ in enumerate(THROTTLES)]
        if not place or any(figures):
            told = ", ".join(f"{metric} {figure(value)}" for metric, value in zip(THROTTLES, figures, strict=True))
            lines.append(f"throttled{place}: {told} in the window")
    return lines


def _query(name: str, metric: str, dimensions: dict[str, str]) -> dict[str, Any]:
    listed = [{"Name": key, "Value": value} for key, value in dimensions.items()]
    asked = {"Namespace": "AWS/DynamoDB", "MetricName": metric, "Dimensions": listed}
    return {"Id": name, "MetricStat": {"Metric": asked, "Period": 60, "Stat": "Sum"}}


COLLECTOR = Collector(
    name="dynamodb",
    order=64,
    provenance="the DynamoDB API and CloudWatch metrics, measured",
    applies=lambda ask: bool(ask.near(KIND)),
    asked=lambda ask: f"In which state is {names(ask.near(KIND))}, and was anything throttled?",
    collect=collect,
    permissions=(TABLE, METRICS),
)
