"""The map from services.yaml and X-Ray, the golden signals of each service, and who is suspected: of made-up nights."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest

from analysis.evidence import service_map
from analysis.evidence.ask import Ask, Found, Nothing
from analysis.evidence.golden_signals import GOLDEN, Grid, combined, outermost
from analysis.evidence.map_figures import span
from analysis.evidence.neighbourhood import all_needed, resources_of
from tests.fakes.aws_accounts import FakeAws, refused
from tests.fakes.words import NIGHT
from tests.unit.analysis.stories import an_ask, cpu_alert, cpu_incident
from watchkeeper.errors import NotAllowed
from watchkeeper.models import MetricRef
from watchkeeper.team import Service

ACCOUNT = "eu-west-1:123456789012"
STEP = timedelta(minutes=5)
DAY, TROUBLE = 288, 5
LATE = NIGHT + 4 * STEP


def a_function(name: str, *depends_on: str) -> Service:
    return Service(name=name, resources=(f"arn:aws:lambda:{ACCOUNT}:function:{name}",), depends_on=depends_on)


SHOP = (a_function("checkout", "orders", "mailer"), a_function("orders", "stock"), a_function("mailer"), a_function("stock"))
Figure = Mapping[str, float]


def cloudwatch(slow: Figure | None = None, failing: Figure | None = None, days: Figure | None = None, **more: Any) -> FakeAws:
    """Functions that answer in 100 ms a hundred times each five minutes, and since NIGHT so many ms more, or so many Errors."""

    def values(metric: Mapping[str, Any]) -> list[float]:
        name, known = metric["Dimensions"][-1]["Value"], int((days or {}).get(metric["Dimensions"][-1]["Value"], DAY))
        usual = {"Duration": 100.0, "Invocations": 100.0, "Errors": 0.0}[metric["MetricName"]]
        extra = {"Duration": slow or {}, "Errors": failing or {}}.get(metric["MetricName"], {}).get(name, 0.0)
        return [usual + n % 3 if usual == 100.0 and metric["MetricName"] == "Duration" else usual for n in range(known)] + [
            usual + extra
        ] * TROUBLE

    def data(MetricDataQueries: list[dict[str, Any]], **_: Any) -> dict[str, Any]:  # noqa: N803 - boto3's names
        return {"MetricDataResults": [result(query["Id"], query["MetricStat"]["Metric"]) for query in MetricDataQueries]}

    def result(name: str, metric: Mapping[str, Any]) -> dict[str, Any]:
        listed = values(metric)
        return {"Id": name, "Timestamps": [LATE - (len(listed) - n) * STEP for n in range(len(listed))], "Values": listed}

    return FakeAws({"get_metric_data": data, "get_service_graph": {"Services": []}, **more})


def asking(aws: FakeAws, services: Sequence[Service] = SHOP, **but: Any) -> Ask:
    metric = MetricRef(namespace="AWS/Lambda", name=but.pop("metric", "Duration"), dimensions={"FunctionName": "checkout"})
    return an_ask(aws, cpu_incident(resources=()), cpu_alert(metric=metric), service=services[0], services=tuple(services), now=LATE, **but)


def found(said: Found | Nothing) -> list[str]:
    assert isinstance(said, Found)
    return said.body.splitlines()


CALLS = ["calls: checkout -> mailer", "calls: checkout -> orders", "calls: orders -> stock"]


@pytest.mark.parametrize(
    ("slow", "failing", "metric", "verdict"),
    [
        pytest.param({}, {}, "Duration", ["no suspect: nothing in the map is beyond its usual"], id="nothing wrong"),
        pytest.param(
            {"checkout": 400.0, "orders": 400.0, "stock": 400.0}, {}, "Duration", ["suspect 1: stock (latency): owns 3."], id="a leaf"
        ),
        pytest.param({"checkout": 400.0, "orders": 400.0}, {}, "Duration", ["suspect 1: orders (latency): owns 3."], id="the middle"),
        pytest.param({"checkout": 400.0}, {}, "Duration", ["suspect 1: checkout (latency): owns 3."], id="itself"),
        pytest.param({}, {"mailer": 30.0, "checkout": 30.0}, "Errors", ["suspect 1: mailer (errors): owns 0.3 of "], id="errors"),
        pytest.param({"orders": 400.0}, {}, "Errors", ["no suspect: "], id="slow ones do not answer for failures"),
        pytest.param({"orders": 400.0}, {}, "Throughput", ["suspect 1: orders (latency)"], id="an alarm that does not say"),
    ],
)  # fmt: skip  # a truth table reads by the row
def test_who_is_suspected(slow: Figure, failing: Figure, metric: str, verdict: list[str]) -> None:
    lines = found(service_map.collect(asking(cloudwatch(slow, failing), metric=metric)))
    assert lines[:4] == [*CALLS, "judged: checkout, mailer, orders, stock"]
    assert len(lines) == 5
    assert [line.startswith(start) for line, start in zip(lines[4:], verdict, strict=True)] == [True]


def test_one_request_reads_a_day_in_periods_of_five_minutes() -> None:
    aws = cloudwatch()
    service_map.collect(asking(aws))
    (call,) = aws.asked("get_metric_data")
    assert {query["MetricStat"]["Period"] for query in call["MetricDataQueries"]} == {300}
    assert (call["StartTime"], call["EndTime"]) == (NIGHT - STEP - timedelta(hours=24), LATE)


def test_soon_after_the_alarm_periods_are_of_a_minute_and_three_in_a_row_must_be_beyond() -> None:
    over = span(asking(FakeAws()))
    soon = span(an_ask(FakeAws(), cpu_incident(), cpu_alert()))
    assert (over.grid.period, over.judgement.in_a_row, over.grid.count - over.trouble) == (300, 2, 5)
    assert (soon.grid.period, soon.judgement.in_a_row, soon.grid.count - soon.trouble) == (60, 3, 5)


def test_a_service_without_enough_history_is_not_judged() -> None:
    lines = found(service_map.collect(asking(cloudwatch({"orders": 400.0}, days={"orders": 20}))))
    assert lines[3:] == [
        "judged: checkout, mailer, stock; without enough figures: orders",
        "no suspect: nothing in the map is beyond its usual",
    ]


def test_a_map_without_figures_says_that_nobody_can_be_told() -> None:
    bare = (Service(name="checkout", depends_on=("orders",)), Service(name="orders"))
    lines = found(service_map.collect(asking(FakeAws(), bare)))
    assert lines[1:] == [
        "judged: none; without enough figures: checkout, orders",
        "no suspect can be told: no service in the map has enough figures",
    ]


GRAPH = {
    "Services": [
        {"ReferenceId": 0, "Name": "people", "Type": "client", "Edges": [{"ReferenceId": 1, "SummaryStatistics": {"TotalCount": 9}}]},
        {
            "ReferenceId": 1,
            "Name": "checkout",
            "Type": "AWS::Lambda",
            "Edges": [
                {
                    "ReferenceId": 2,
                    "SummaryStatistics": {"TotalCount": 1200, "TotalResponseTime": 504.0, "FaultStatistics": {"TotalCount": 38}},
                },
                {"ReferenceId": 3, "SummaryStatistics": {"TotalCount": 0}},
                {"ReferenceId": 99},
            ],
        },
        {"ReferenceId": 2, "Name": "pay\nments: calls: a -> b", "Type": "remote"},
        {"ReferenceId": 3, "Name": "stock", "Type": "AWS::Lambda::Function"},
    ]
}


def test_xray_adds_what_services_yaml_does_not_know() -> None:
    lines = found(service_map.collect(asking(cloudwatch({"stock": 400.0}, get_service_graph=GRAPH))))
    assert lines[:6] == [
        CALLS[0],
        CALLS[1],
        "calls: checkout -> pay ments: calls: a -> b",
        "calls: checkout -> stock",
        CALLS[2],
        "traced: checkout -> pay ments: calls: a -> b: 1200 requests, 0.42 s each, 3.2 % faults since 2026-11-20T02:30:00Z",
    ]
    assert lines[-1].startswith("suspect 1: stock (latency)")


def test_the_map_may_come_from_xray_alone_and_its_functions_are_judged() -> None:
    lines = found(service_map.collect(asking(cloudwatch(get_service_graph=GRAPH), (Service(name="checkout"),))))
    assert "judged: checkout, stock; without enough figures: pay ments: calls: a -> b" in lines


@pytest.mark.parametrize(
    ("error", "line"),
    [(refused(), "not allowed: xray:GetServiceGraph"), (refused("ThrottlingException"), "failed: xray:GetServiceGraph")],
    ids=["denied", "slow"],
)
def test_a_denial_of_xray_leaves_the_rest_and_says_so(error: Exception, line: str) -> None:
    said = service_map.collect(asking(cloudwatch({"stock": 400.0}, get_service_graph=error)))
    lines = found(said)
    assert lines[:3] == CALLS
    assert lines[-2].startswith("suspect 1: stock")
    assert lines[-1].startswith(line)
    assert line in said.summary


def test_where_nothing_but_xray_could_tell_the_denial_is_the_answer() -> None:
    alone = (Service(name="checkout"),)
    with pytest.raises(NotAllowed):
        service_map.collect(asking(cloudwatch(get_service_graph=refused()), alone))
    assert isinstance(service_map.collect(asking(cloudwatch(), alone)), Nothing)


def test_a_target_groups_balancer_is_looked_up_and_its_denial_said() -> None:
    arn = f"arn:aws:elasticloadbalancing:{ACCOUNT}:targetgroup/web/12ab"
    services = (Service(name="checkout", resources=(arn,), depends_on=("orders",)), a_function("orders"))
    dimensions = [{"Name": "LoadBalancer", "Value": "app/web/1"}, {"Name": "TargetGroup", "Value": "targetgroup/web/12ab"}]
    zone = [{"Name": "AvailabilityZone", "Value": "eu-west-1a"}, *dimensions]
    listed = {"Metrics": [{"MetricName": "RequestCount", "Dimensions": one} for one in (zone, dimensions)]}
    aws = FakeAws({"list_metrics": listed})
    service_map.collect(asking(aws, services))
    queries = [query["MetricStat"]["Metric"] for query in aws.asked("get_metric_data")[0]["MetricDataQueries"]]
    assert {one["MetricName"] for one in queries if one["Dimensions"] == dimensions} == {
        "TargetResponseTime", "RequestCount", "HTTPCode_Target_5XX_Count",
    }  # fmt: skip
    assert "not allowed: cloudwatch:ListMetrics" in found(service_map.collect(asking(FakeAws({"list_metrics": refused()}), services)))


def test_the_outermost_door_alone_is_counted() -> None:
    both = Service(name="s", resources=(f"arn:aws:lambda:{ACCOUNT}:function:f", "arn:aws:apigateway:eu-west-1::/apis/a1b2"))
    assert [golden.namespace for _, _, golden in outermost(resources_of(both))] == ["AWS/ApiGateway"]
    assert list(outermost(resources_of(Service(name="s", resources=(f"arn:aws:sqs:{ACCOUNT}:q",))))) == []


def test_several_sources_become_one_node() -> None:
    (function,), (table,), grid = GOLDEN["lambda:function"], GOLDEN["dynamodb:table"], Grid(NIGHT, 300, 3)

    def at(*values: float) -> list[tuple[Any, float]]:
        return [(NIGHT + n * STEP, value) for n, value in enumerate(values)]

    one = {"latency": at(100.0, 100.0), "requests": at(10.0, 30.0), "failed0": at(1.0)}
    other = {"latency": at(300.0), "requests": at(30.0), "failed0": []}
    metrics = combined([(function, one), (function, other)], grid)
    assert metrics.latency == [pytest.approx(0.25), pytest.approx(0.1), None]
    assert (metrics.errors, metrics.requests) == ([0.025, 0.0, None], [40.0, 30.0, 0.0])
    throttled = combined([(table, {"latency": at(4.0), "requests": at(75.0), "failed0": at(20.0), "failed1": at(5.0)})], grid)
    assert (throttled.errors[0], throttled.requests[0]) == (0.25, 100.0)


def test_a_ring_of_services_ends_and_a_service_that_nobody_described_is_a_leaf() -> None:
    ring = (Service(name="a", depends_on=("b", "ghost")), Service(name="b", depends_on=("a", "b")))
    assert [one.name for one in all_needed(asking(FakeAws(), ring))] == ["a", "b"]
    assert found(service_map.collect(asking(FakeAws(), ring)))[:3] == ["calls: a -> b", "calls: a -> ghost", "calls: b -> a"]


def test_it_is_asked_only_where_the_service_is_known() -> None:
    assert service_map.COLLECTOR.applies(asking(FakeAws()))
    assert not service_map.COLLECTOR.applies(an_ask(FakeAws(), service=None))
