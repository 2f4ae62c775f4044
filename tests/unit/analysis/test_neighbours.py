"""The metrics beside the alarm's own: which are read, in how few calls, and how changes are told."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from analysis.evidence import neighbours
from analysis.evidence.ask import Ask, Found, Nothing
from analysis.evidence.metric_families import FAMILIES, families
from analysis.evidence.metric_reading import MOST_QUERIES, read, with_zeros
from tests.fakes.aws_accounts import FakeAws, refused
from tests.fakes.words import INSTANCE, NIGHT
from tests.unit.analysis.stories import CPU, an_ask, cpu_alert, cpu_incident
from watchkeeper.ids import now
from watchkeeper.models import MetricRef
from watchkeeper.team import Service

MINUTE = timedelta(minutes=1)
ACCOUNT = "eu-west-1:123456789012"
ORDERS_DB = f"arn:aws:rds:{ACCOUNT}:db:orders-db"
CHECKOUT = Service(name="checkout", depends_on=("orders",))
ORDERS = Service(name="orders", resources=(ORDERS_DB, "orders-by-id-alone", f"arn:aws:sqs:{ACCOUNT}:orders-*"))
USUAL = [40.0 + n % 3 for n in range(1_440)]
Key = tuple[str, str]


def cloudwatch(series: Mapping[Key, Sequence[float]], listed: Any = None) -> FakeAws:
    """Answers each query by metric name and the value of its last dimension; the last value is at NIGHT, one a minute."""

    def data(MetricDataQueries: list[dict[str, Any]], **_: Any) -> dict[str, Any]:  # noqa: N803 - boto3's names
        return {"MetricDataResults": [result(query) for query in MetricDataQueries]}

    def result(query: dict[str, Any]) -> dict[str, Any]:
        metric = query["MetricStat"]["Metric"]
        values = series.get((metric["MetricName"], metric["Dimensions"][-1]["Value"]), ())
        times = [NIGHT - (len(values) - 1 - n) * MINUTE for n in range(len(values))]
        return {"Id": query["Id"], "Timestamps": times, "Values": list(values), "StatusCode": "Complete"}

    return FakeAws({"get_metric_data": data, "list_metrics": listed or {"Metrics": []}})


def asking(aws: Any, *services: Service, **but: Any) -> Ask:
    known = services or (CHECKOUT, ORDERS)
    return an_ask(aws, cpu_incident(), cpu_alert(), **{"service": known[0], "services": known, **but})


def found(said: Found | Nothing) -> list[str]:
    assert isinstance(said, Found)
    return said.body.splitlines()


def wanted(ask: Ask, aws: FakeAws) -> set[Key]:
    neighbours.collect(ask)
    queries = [query["MetricStat"]["Metric"] for call in aws.asked("get_metric_data") for query in call["MetricDataQueries"]]
    return {(one["MetricName"], one["Dimensions"][-1]["Value"]) for one in queries}


def test_a_changed_neighbour_of_a_dependency_comes_first_with_its_time() -> None:
    aws = cloudwatch({("NetworkIn", INSTANCE.id): USUAL, ("DatabaseConnections", "orders-db"): [*USUAL, 41.0, 198.0, 198.0]})
    lines = found(neighbours.collect(asking(aws)))
    assert lines[0].startswith("2 neighbour series since 2026-11-20T02:30:00Z, 1 changed; ")
    what = "AWS/RDS DatabaseConnections (DBInstanceIdentifier=orders-db)"
    assert lines[1] == f"neighbour: {what}, Maximum: latest 198, min 40, max 198"
    assert lines[2] == f"neighbour change at 2026-11-20T02:59:00Z: {what} up from about 41 to 198"
    assert lines[3] == f"neighbour: AWS/EC2 NetworkIn (InstanceId={INSTANCE.id}), Sum: latest 42, min 40, max 42"


def test_all_series_come_in_one_request_with_the_windows_of_the_alarm() -> None:
    aws = cloudwatch({("DatabaseConnections", "orders-db"): USUAL})
    neighbours.collect(asking(aws))
    (call,) = aws.asked("get_metric_data")
    assert call["StartTime"] == NIGHT - 30 * MINUTE - timedelta(hours=24)
    assert call["EndTime"] == NIGHT + MINUTE
    assert {query["MetricStat"]["Period"] for query in call["MetricDataQueries"]} == {60}


def test_the_alarms_own_metric_is_not_a_neighbour() -> None:
    aws = cloudwatch({})
    keys = wanted(asking(aws), aws)
    assert ("StatusCheckFailed", INSTANCE.id) in keys
    assert (CPU.name, INSTANCE.id) not in keys


def test_only_what_is_trusted_or_the_teams_word_is_read() -> None:
    aws = cloudwatch({})
    stranger = INSTANCE.but(id="i-0fffffffffffffff0", trusted=False)
    ask = an_ask(aws, cpu_incident(resources=(stranger,)), cpu_alert(metric=None), service=CHECKOUT, services=(CHECKOUT, ORDERS))
    assert {value for _, value in wanted(ask, aws)} == {"orders-db"}


@pytest.mark.parametrize(
    ("arn", "dimensions"),
    [
        (f"arn:aws:ec2:{ACCOUNT}:instance/i-1", {"InstanceId": "i-1"}),
        (f"arn:aws:ecs:{ACCOUNT}:service/shop/orders", {"ClusterName": "shop", "ServiceName": "orders"}),
        (f"arn:aws:rds:{ACCOUNT}:db:orders", {"DBInstanceIdentifier": "orders"}),
        (f"arn:aws:rds:{ACCOUNT}:cluster:orders", {"DBClusterIdentifier": "orders"}),
        (f"arn:aws:lambda:{ACCOUNT}:function:orders:live", {"FunctionName": "orders"}),
        (f"arn:aws:sqs:{ACCOUNT}:orders", {"QueueName": "orders"}),
        (f"arn:aws:dynamodb:{ACCOUNT}:table/orders/index/by-day", {"TableName": "orders"}),
        (f"arn:aws:elasticloadbalancing:{ACCOUNT}:loadbalancer/app/web/12ab", {"LoadBalancer": "app/web/12ab"}),
        (f"arn:aws:elasticloadbalancing:{ACCOUNT}:loadbalancer/net/web/12ab", {"LoadBalancer": "net/web/12ab"}),
        (f"arn:aws:elasticloadbalancing:{ACCOUNT}:targetgroup/web/12ab", {"TargetGroup": "targetgroup/web/12ab"}),
        (f"arn:aws:autoscaling:{ACCOUNT}:autoScalingGroup:12-ab:autoScalingGroupName/web", {"AutoScalingGroupName": "web"}),
        ("arn:aws:apigateway:eu-west-1::/apis/a1b2/stages/prod", {"ApiId": "a1b2"}),
        (f"arn:aws:elasticache:{ACCOUNT}:cluster:carts-001", {"CacheClusterId": "carts-001"}),
        (f"arn:aws:elasticache:{ACCOUNT}:replicationgroup:carts", {"CacheClusterId": "carts-001"}),
    ],
)
def test_a_resource_is_found_by_the_dimensions_that_cloudwatch_knows_it_by(arn: str, dimensions: dict[str, str]) -> None:
    aws = cloudwatch({}, {"Metrics": [{"MetricName": "HealthyHostCount", "Dimensions": pairs(dimensions)}]})
    neighbours.collect(asking(aws, Service(name="checkout", resources=(arn,))))
    asked = [query["MetricStat"]["Metric"]["Dimensions"] for call in aws.asked("get_metric_data") for query in call["MetricDataQueries"]]
    assert pairs(dimensions) in asked


def pairs(dimensions: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in dimensions.items()]


def test_the_agents_metrics_are_looked_up_and_disks_in_memory_left_out() -> None:
    def listed(Namespace: str, **_: Any) -> dict[str, Any]:  # noqa: N803 - boto3's names
        disks = [{"InstanceId": INSTANCE.id, "path": "/", "fstype": "xfs"}, {"InstanceId": INSTANCE.id, "path": "/run", "fstype": "tmpfs"}]
        metrics = [{"MetricName": "disk_used_percent", "Dimensions": pairs(one)} for one in disks]
        return {"Metrics": metrics if Namespace == "CWAgent" else []}

    aws = cloudwatch({("disk_used_percent", "xfs"): [90.0] * 40}, listed)
    lines = found(neighbours.collect(asking(aws)))
    assert [line for line in lines if "disk_used_percent" in line] == [
        f"neighbour: CWAgent disk_used_percent (InstanceId={INSTANCE.id}, fstype=xfs, path=/), Maximum: latest 90, min 90, max 90"
    ]


@pytest.mark.parametrize(
    ("error", "line"),
    [(refused(), "not allowed: cloudwatch:ListMetrics"), (refused("ThrottlingException"), "failed: cloudwatch:ListMetrics on CWAgent")],
    ids=["denied", "slow"],
)
def test_what_cannot_be_looked_up_leaves_the_rest_and_says_so(error: Exception, line: str) -> None:
    lines = found(neighbours.collect(asking(cloudwatch({("DatabaseConnections", "orders-db"): USUAL}, error))))
    assert any("DatabaseConnections" in one for one in lines)
    assert lines[-1].startswith(line)


def test_a_metric_by_the_same_dimensions_as_the_alarms_is_read_whatever_it_belongs_to() -> None:
    api = MetricRef(namespace="AWS/ApiGateway", name="5XXError", dimensions={"ApiName": "shop"}, statistic="Sum")
    aws = cloudwatch({})
    ask = an_ask(aws, cpu_incident(resources=()), cpu_alert(metric=api), service=None)
    assert wanted(ask, aws) == {("Latency", "shop"), ("IntegrationLatency", "shop"), ("4XXError", "shop"), ("Count", "shop")}


def test_counts_that_are_silent_when_there_is_nothing_are_judged_as_zeros() -> None:
    table = Service(name="checkout", resources=(f"arn:aws:dynamodb:{ACCOUNT}:table/carts",))
    lines = found(neighbours.collect(asking(cloudwatch({("ReadThrottleEvents", "carts"): [120.0, 340.0]}), table)))
    what = "AWS/DynamoDB ReadThrottleEvents (TableName=carts)"
    assert lines[1:3] == [
        f"neighbour: {what}, Sum: latest 340, min 0, max 340",
        f"neighbour change at 2026-11-20T02:59:00Z: {what} up from about 0 to 120",
    ]


def test_zeros_fill_the_grid_of_the_points_and_no_more() -> None:
    filled = with_zeros([(NIGHT, 5.0)], NIGHT - 150 * timedelta(seconds=1), NIGHT + MINUTE, 60)
    assert filled == [(NIGHT - 2 * MINUTE, 0.0), (NIGHT - MINUTE, 0.0), (NIGHT, 5.0), (NIGHT + MINUTE, 0.0)]
    assert with_zeros([], NIGHT - MINUTE, NIGHT, 60) == []


def test_series_are_bounded_and_the_rest_is_counted() -> None:
    many = tuple(f"arn:aws:lambda:{ACCOUNT}:function:f{n}" for n in range(30))
    aws = cloudwatch({("Errors", "f0"): [0.0] * 40})
    lines = found(neighbours.collect(asking(aws, Service(name="checkout", resources=many))))
    assert len(aws.asked("get_metric_data")[0]["MetricDataQueries"]) == neighbours.MOST_SERIES
    assert lines[-1].endswith("more series were not read")


def test_unchanged_series_are_bounded_and_the_rest_is_counted() -> None:
    many = tuple(f"arn:aws:lambda:{ACCOUNT}:function:f{n}" for n in range(6))
    names = [one.name for one in families("lambda:function")[0].metrics]
    aws = cloudwatch({(name, f"f{n}"): USUAL for name in names for n in range(6)})
    lines = found(neighbours.collect(asking(aws, Service(name="checkout", resources=many))))
    assert len([line for line in lines if line.startswith("neighbour: ")]) == neighbours.MOST_UNCHANGED
    assert lines[-1] == f"{30 - neighbours.MOST_UNCHANGED} more are unchanged"


@pytest.mark.parametrize(("period", "read_at"), [(10, 60), (60, 60), (300, 300), (86_400, 300)])
def test_periods_are_of_one_to_five_minutes(period: int, read_at: int) -> None:
    aws = cloudwatch({})
    neighbours.collect(an_ask(aws, None, cpu_alert(metric=CPU.but(period_seconds=period)), service=CHECKOUT))
    assert {query["MetricStat"]["Period"] for query in aws.asked("get_metric_data")[0]["MetricDataQueries"]} == {read_at}


def test_each_region_is_asked_once() -> None:
    far = Service(name="orders", resources=(ORDERS_DB.replace("eu-west-1", "us-east-1"),))
    aws = cloudwatch({})
    neighbours.collect(asking(aws, CHECKOUT, far))
    assert len(aws.asked("get_metric_data")) == 2


def test_nothing_known_and_nothing_measured_are_nothing() -> None:
    none = an_ask(cloudwatch({}), cpu_incident(resources=()), cpu_alert(metric=None), service=Service(name="checkout"))
    assert not neighbours.COLLECTOR.applies(none)
    assert isinstance(neighbours.collect(none), Nothing)
    assert isinstance(neighbours.collect(asking(cloudwatch({}))), Nothing)


def test_more_series_than_a_request_holds_take_two_and_pages_are_followed() -> None:
    pages: list[Callable[..., dict[str, Any]]] = [
        lambda MetricDataQueries, **_: {"MetricDataResults": [one(query, 1.0) for query in MetricDataQueries], "NextToken": "more"},  # noqa: N803 - boto3's names
        lambda MetricDataQueries, **_: {"MetricDataResults": [one(query, 2.0) for query in MetricDataQueries]},  # noqa: N803 - boto3's names
    ]

    def one(query: dict[str, Any], value: float) -> dict[str, Any]:
        return {"Id": query["Id"], "Timestamps": [NIGHT + value * MINUTE], "Values": [value]}

    aws = FakeAws({"get_metric_data": lambda **asked: pages["NextToken" in asked](**asked)})
    series = read(an_ask(aws), "eu-west-1", {f"m{n}": CPU for n in range(MOST_QUERIES + 1)}, NIGHT, NIGHT)
    assert [len(call["MetricDataQueries"]) for call in aws.asked("get_metric_data")] == [500, 500, 1, 1]
    assert {tuple(value for _, value in points) for points in series.values()} == {(1.0, 2.0)}


def test_neighbours_on_cloudwatch() -> None:
    with mock_aws():
        at = now().replace(microsecond=0, second=0)
        client = boto3.client("cloudwatch", region_name="eu-west-1", aws_access_key_id="test", aws_secret_access_key="test")
        for namespace, name in (("AWS/EC2", "NetworkIn"), ("CWAgent", "mem_used_percent")):
            points = [
                {"MetricName": name, "Dimensions": pairs({"InstanceId": INSTANCE.id}), "Value": value, "Timestamp": at - back * MINUTE}
                for back, value in ((3, 12.0), (2, 97.0))
            ]
            client.put_metric_data(Namespace=namespace, MetricData=points)
        ask = an_ask(lambda *_: client, cpu_incident(fired_at=at), cpu_alert(occurred_at=at, region="eu-west-1"), now=at)  # type: ignore[arg-type]  # any client will do
        lines = found(neighbours.collect(ask))
    assert {line.split()[2] for line in lines if line.startswith("neighbour: ")} == {"NetworkIn", "mem_used_percent"}


def test_every_family_names_a_statistic_that_cloudwatch_knows() -> None:
    known = {"Average", "Sum", "Minimum", "Maximum", "SampleCount", "p95"}
    assert {one.statistic for kind in FAMILIES for family in families(kind) for one in family.metrics} <= known
    assert families("nothing:known") == ()
