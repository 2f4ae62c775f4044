"""A CloudWatch alarm in all its kinds, and by all its ways: through SNS, EventBridge, and straight to the function."""

import json
from typing import Any

import pytest

from reception.envelopes import of_event
from reception.handler import dispatch
from reception.sources.cloudwatch_event import as_published
from tests.unit.reception.test_handler import CONTEXT
from tests.unit.reception.world import World, alarm, read, sample
from watchkeeper.messages import AlertsReceived
from watchkeeper.models import Alert, AlertKind


def told(name: str) -> Alert:
    event = sample(name)
    records = event.get("Records", [{}])
    (alert,) = read(records[0]["body"] if "body" in records[0] else json.dumps(event))
    return alert


def of_one(path: str, value: Any) -> Alert:
    """The direct event with this one place changed."""
    event = sample("cloudwatch-alarm-direct.json")
    place = event
    for key in path.split(".")[:-1]:
        place = place[key]
    place[path.split(".")[-1]] = value
    (alert,) = read(json.dumps(event))
    return alert


WAYS = ("cloudwatch-alarm-sns.json", "cloudwatch-alarm-raw.json", "cloudwatch-alarm-eventbridge.json", "cloudwatch-alarm-direct.json")


@pytest.mark.parametrize("name", WAYS)
def test_whichever_way_it_comes_it_is_the_same_alert(name: str) -> None:
    by_sns, found = told(WAYS[0]), told(name)
    assert (found.key, found.title, found.severity, found.service) == (by_sns.key, by_sns.title, by_sns.severity, by_sns.service)
    assert found.resources == by_sns.resources
    assert found.metric == by_sns.metric
    assert found.links == by_sns.links


def test_the_end_of_an_alarm_pairs_with_its_beginning_on_every_way() -> None:
    ends = [told("cloudwatch-alarm-sns-ok.json"), told("cloudwatch-alarm-direct-ok.json")]
    assert {one.fingerprint for one in ends} == {told(WAYS[0]).fingerprint}
    assert ends[0].key == ends[1].key
    assert [one.title for one in ends] == ["CPUUtilization of i-0123456789abcdef0 is no longer above 80"] * 2


def test_sns_to_the_function_is_unwrapped_too() -> None:
    assert told("cloudwatch-alarm-sns-to-lambda.json").key == told("cloudwatch-alarm-metric-math.json").key


def test_a_direct_action_is_queued() -> None:
    world = World()
    assert dispatch(sample("cloudwatch-alarm-direct.json"), CONTEXT, world.wiring)["accepted"] == 1
    (message,) = world.outbox.take(AlertsReceived)
    assert message.alerts[0].alarm_name == "checkout-cpu-high"


def test_an_anomaly_band() -> None:
    found = told("cloudwatch-alarm-anomaly-band.json")
    assert found.title == "TargetResponseTime of app/checkout/0123456789abcdef is above its expected band (1.94)"
    assert (found.kind, found.service) == (AlertKind.FIRING, "checkout")
    assert [r.type for r in found.resources] == ["elasticloadbalancing:loadbalancer"]
    assert found.metric
    assert (found.metric.statistic, found.metric.threshold, found.metric.evaluation_periods) == ("p99", None, 2)


def test_a_lack_of_data_informs() -> None:
    found = told("cloudwatch-alarm-no-data.json")
    assert (found.kind, found.title) == (AlertKind.INFO, "OrdersPlaced of orders sends no data to judge by")


def test_a_composite_alarm_names_its_children_and_who_holds_it_back() -> None:
    fires, held = told("cloudwatch-alarm-composite.json"), told("cloudwatch-alarm-eventbridge-composite.json")
    assert (fires.kind, fires.title) == (AlertKind.FIRING, "Alarm checkout-critical fires: checkout-latency-high")
    assert fires.labels["children"] == "checkout-latency-high"
    assert (held.kind, held.title) == (AlertKind.INFO, "Alarm checkout-critical fires, its actions are suppressed")
    assert (held.labels["suppressed_by"], held.labels["suppressor"]) == ("Alarm", "checkout-deployment-running")
    assert fires.fingerprint == held.fingerprint


@pytest.mark.parametrize(
    ("reason", "line"),
    [
        ("was greater than or equal to the threshold (80.0)", "at or above 80"),
        ("was less than the threshold (80.0)", "below 80"),
        ("were less than or equal to the threshold (80.0)", "at or below 80"),
        ("was greater than the upper thresholds [3.1]", "above its expected band"),
        ("was less than the lower thresholds [0.5] or greater than the upper thresholds [3.1]", "outside its expected band"),
        ("set by hand", "over its line (80)"),
    ],
)
def test_the_line_is_read_from_the_reason(reason: str, line: str) -> None:
    found = of_one("alarmData.state.reason", f"Threshold Crossed: 1 out of the last 1 datapoints [97.3 (x)] {reason}")
    assert found.title == f"CPUUtilization of i-0123456789abcdef0 is {line} (97.3)"


def test_metric_math_of_another_account_names_that_accounts_things() -> None:
    stat = {"metric": {"dimensions": {"FunctionName": "pay"}, "name": "Errors", "namespace": "AWS/Lambda"}, "period": 60, "stat": "Sum"}
    found = of_one(
        "alarmData.configuration.metrics",
        [
            {"id": "e1", "expression": "m1/60", "label": "Expression1", "returnData": True},
            {"id": "m1", "accountId": "210987654321", "metricStat": stat, "returnData": False},
        ],
    )
    assert found.title.startswith("Errors/60 of pay is above 80")
    assert [r.arn for r in found.resources] == ["arn:aws:lambda:eu-west-1:210987654321:function:pay"]
    assert found.account == "123456789012"


@pytest.mark.parametrize("junk", ["not json", "[" * 5_000, "[1]", 7, None])
def test_reason_data_that_is_none_says_nothing(junk: Any) -> None:
    assert of_one("alarmData.state.reasonData", junk).title == "CPUUtilization of i-0123456789abcdef0 is above its threshold (97.3)"


def test_what_sns_published_is_left_as_it_is() -> None:
    assert as_published(alarm()) == alarm()
    assert of_event({"Records": [{"EventSource": "aws:sns"}]}).body == {"Records": [{"EventSource": "aws:sns"}]}
