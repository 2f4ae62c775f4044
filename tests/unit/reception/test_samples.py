"""Every sample under events/, read: what came in and what it means to us."""

import json
from typing import Any

import pytest

from cli.knocking import body_of
from reception.envelopes import of_event, opened
from reception.sources.registry import sources
from tests.unit.reception.world import ROOT, SAMPLE_TIME, SAMPLES, World, alarm, packed, read, sample
from watchkeeper.models import Alert, AlertKind, Severity


def inside(name: str) -> str:
    """The body that matters, whichever way this sample comes in."""
    event = sample(name)
    return str(event["Records"][0]["body"]) if "Records" in event else json.dumps(event)


EC2 = ("ec2:instance", "i-0123456789abcdef0", "arn:aws:ec2:eu-west-1:123456789012:instance/i-0123456789abcdef0")
ECS = ("ecs:service", "shop/storefront", "arn:aws:ecs:eu-west-1:123456789012:service/shop/storefront")
LOCAL = ("ec2:instance", "i-0123456789abcdef0", "arn:aws:ec2:us-east-1:000000000000:instance/i-0123456789abcdef0")
GROUP = ("logs:log-group", "/checkout/app", "arn:aws:logs:eu-west-1:123456789012:log-group:/checkout/app")
UNKNOWN = "Replication of db-1 lags 412 s behind"
COOL = "CPUUtilization of i-0123456789abcdef0 is no longer above 80"
HOT = "CPUUtilization of i-0123456789abcdef0 is above 80 (97.3)"


@pytest.mark.parametrize(
    ("name", "kind", "title", "severity", "service", "resources"),
    [
        ("cloudwatch-alarm-sns.json", "firing", HOT, "sev2", "checkout", [EC2]),
        ("cloudwatch-alarm-sns-ok.json", "resolved", COOL, "sev2", "checkout", [EC2]),
        ("cloudwatch-alarm-raw.json", "firing", HOT, "sev2", "checkout", [EC2]),
        ("cloudwatch-alarm-emulator.json", "firing", HOT, "sev3", "checkout", [LOCAL]),
        (
            "cloudwatch-alarm-metric-math.json", "firing",
            "100*HTTPCode_Target_5XX_Count/RequestCount of shop/storefront is above 5 (11.8)", "sev3", "storefront", [ECS],
        ),
        ("cloudwatch-alarm-composite.json", "firing", "Alarm checkout-critical fires: checkout-latency-high", "sev1", "checkout", []),
        (
            "logs-subscription.json", "firing",
            "3 errors in /checkout/app: PaymentGateway: connection to payments.internal:8443 timed out after 3000 ms (order 88121)",
            "sev3", "checkout", [GROUP],
        ),
        ("unrecognised.json", "firing", UNKNOWN, "sev2", "db-1.internal", []),
        ("not-json.json", "firing", "Backup failed", "sev3", "unknown", []),
    ],
)  # fmt: skip
def test_a_sample_is_read(name: str, kind: str, title: str, severity: str, service: str, resources: list[Any]) -> None:
    (alert,) = read(inside(name))
    assert (alert.kind, alert.title, alert.severity, alert.service) == (kind, title, severity, service)
    assert [(r.type, r.id, r.arn) for r in alert.resources] == resources
    assert all(resource.trusted for resource in alert.resources)


def test_every_sample_belongs_to_a_source_and_every_source_has_its_samples() -> None:
    named = {sample for source in sources().values() for sample in source.samples}
    assert named == {f"events/{name}" for name in SAMPLES}
    assert all(source.samples for source in sources().values())
    assert all((ROOT / name).is_file() for name in named)


@pytest.mark.parametrize("name", SAMPLES)
def test_no_two_sources_claim_the_same_body(name: str) -> None:
    """On the intake queue a body has to say itself whose it is; also one of a webhook, which may be sent there through SNS."""
    event = sample(name)
    if "httpMethod" in event:
        body = json.loads(body_of(event))
        claiming = [s.name for s in sources().values() if s.recognises and isinstance(body, dict) and s.recognises(body)]
        assert claiming in ([], [s.name for s in sources().values() if f"events/{name}" in s.samples])
        return
    body = (opened(event["Records"][0]["body"]) if "body" in event.get("Records", [{}])[0] else of_event(event)).body
    claiming = [s.name for s in sources().values() if s.recognises and s.recognises(body)]
    expected = [s.name for s in sources().values() if f"events/{name}" in s.samples and s.recognises]
    assert claiming == expected


def test_one_alarm_has_one_fingerprint_in_every_wrapping_and_state() -> None:
    names = ("cloudwatch-alarm-sns.json", "cloudwatch-alarm-sns-ok.json", "cloudwatch-alarm-raw.json")
    assert len({alert.fingerprint for name in names for alert in read(inside(name))}) == 1
    assert read(inside(names[0]))[0].key == read(inside(names[2]))[0].key
    local = read(inside("cloudwatch-alarm-emulator.json"))[0]
    again = read(
        json.dumps(
            {**json.loads(inside("cloudwatch-alarm-emulator.json")), "NewStateReason": "x", "StateChangeTime": "2026-12-01T00:00:00Z"}
        )
    )[0]
    assert again.fingerprint == local.fingerprint


@pytest.mark.parametrize("field", ["AlarmArn", "AWSAccountId", "AlarmName"])
def test_another_alarm_has_another_fingerprint(field: str) -> None:
    other = {
        "AlarmArn": {"AlarmArn": "arn:aws:cloudwatch:us-east-1:123456789012:alarm:checkout-cpu-high"},
        "AWSAccountId": {"AWSAccountId": "210987654321"},
        "AlarmName": {"AlarmName": "checkout-cpu-very-high"},
    }[field]
    assert read(json.dumps(alarm(**other)))[0].fingerprint != read(json.dumps(alarm()))[0].fingerprint


def test_what_verification_and_evidence_need_is_there() -> None:
    (alert,) = read(inside("cloudwatch-alarm-sns.json"))
    assert alert.alarm_name == "checkout-cpu-high"
    assert (alert.account, alert.region, alert.environment) == ("123456789012", "eu-west-1", "production")
    assert alert.metric is not None
    assert alert.metric.model_dump() == {
        "namespace": "AWS/EC2", "name": "CPUUtilization", "dimensions": {"InstanceId": "i-0123456789abcdef0"}, "statistic": "Average",
        "period_seconds": 60, "evaluation_periods": 3, "comparison": "GreaterThanThreshold", "threshold": 80.0,
    }  # fmt: skip
    assert alert.links["alarm"].endswith("region=eu-west-1#alarmsV2:alarm/checkout-cpu-high")
    assert alert.occurred_at.isoformat() == "2026-11-20T03:00:04.113000+00:00"


def test_a_raw_text_is_kept_only_where_the_alert_lacks_something() -> None:
    assert read(inside("cloudwatch-alarm-sns.json"))[0].raw is None
    world = World()
    (alert,) = read(inside("unrecognised.json"), world)
    assert alert.raw is not None
    assert b"Replication lag" in world.blobs.get(alert.raw)
    assert b"hunter2" not in world.blobs.get(alert.raw)


def test_what_is_unrecognised_says_so_and_is_not_trusted() -> None:
    event = {
        "detail-type": "Somebody's Own State-change Notification", "source": "acme.ec2", "account": "123456789012", "region": "eu-west-1",
        "time": "2026-11-20T02:59:00Z", "resources": [EC2[2]], "detail": {"instance-id": EC2[1], "state": "stopped"},
    }  # fmt: skip
    (alert,) = read(json.dumps(event))
    assert alert.labels["unrecognised"] == "yes"
    assert alert.title == "Somebody's Own State-change Notification"
    assert [(r.type, r.id, r.trusted) for r in alert.resources] == [("ec2:instance", EC2[1], False)]


def test_the_lines_of_a_delivery_are_one_alert_and_carry_no_secret() -> None:
    (alert,) = read(inside("logs-subscription.json"))
    assert alert.log_excerpt.count("\n") == 2
    assert "OutOfMemoryError" in alert.log_excerpt
    assert "retrying" not in alert.log_excerpt
    assert "sk_live" not in alert.model_dump_json()
    assert alert.occurred_at.isoformat() == "2026-11-20T03:00:03.905000+00:00"


def test_lines_without_an_error_only_inform_and_control_messages_say_nothing() -> None:
    assert read(inside("logs-control-message.json")) == []
    calm = {"messageType": "DATA_MESSAGE", "owner": "123456789012", "logGroup": "/aws/lambda/orders", "logEvents": [{"message": "paid"}]}
    (alert,) = read(json.dumps(packed(calm)))
    assert alert.kind is AlertKind.INFO
    assert [r.type for r in alert.resources] == ["lambda:function", "logs:log-group"]


@pytest.mark.parametrize(
    ("but", "title"),
    [
        ({"NewStateValue": "INSUFFICIENT_DATA"}, "CPUUtilization of i-0123456789abcdef0 sends no data to judge by"),
        ({"NewStateReason": "no datapoints were received for 3 periods"}, "CPUUtilization of i-0123456789abcdef0 sends no data"),
        ({"NewStateReason": "set by hand"}, "CPUUtilization of i-0123456789abcdef0 is above 80"),
        ({"NewStateReason": "datapoint [--.. (x)]"}, "CPUUtilization of i-0123456789abcdef0 is above 80"),
        ({"Trigger": None}, "Alarm checkout-cpu-high fires"),
        ({"Trigger": None, "NewStateValue": "OK"}, "Alarm checkout-cpu-high is OK again"),
        ({"Trigger": {"MetricName": "Depth", "Threshold": 4}}, "Depth is over its line (4) (97.3)"),
    ],
)
def test_titles(but: dict[str, Any], title: str) -> None:
    assert read(json.dumps(alarm(**but)))[0].title == title


def test_an_anomaly_band_is_not_taken_for_the_metric() -> None:
    trigger = {
        "Period": 60, "EvaluationPeriods": 2, "ComparisonOperator": "GreaterThanUpperThreshold", "ThresholdMetricId": "ad1",
        "Metrics": [
            {"Id": "ad1", "Expression": "ANOMALY_DETECTION_BAND(m1, 2)", "ReturnData": True},
            {"Id": "m1", "ReturnData": True, "MetricStat": {"Stat": "p99", "Period": 60, "Metric": {
                "Namespace": "AWS/Lambda", "MetricName": "Duration", "Dimensions": [{"name": "FunctionName", "value": "pay"}]}}},
        ],
    }  # fmt: skip
    (alert,) = read(json.dumps(alarm(Trigger=trigger, NewStateReason="")))
    assert alert.title == "Duration of pay is above its expected band"
    assert alert.metric
    assert (alert.metric.statistic, alert.metric.threshold) == ("p99", None)
    assert [r.arn for r in alert.resources] == ["arn:aws:lambda:eu-west-1:123456789012:function:pay"]


@pytest.mark.parametrize(
    ("name", "about", "severity"),
    [
        ("disk-critical", "", Severity.SEV1),
        ("cpu-high", "", Severity.SEV3),
        ("cpu-high", "Severity: P2", Severity.SEV2),
        ("disk-critical", "severity=sev4", Severity.SEV4),
        ("latency", "severity: whatever", Severity.SEV3),
    ],
)
def test_severity_is_said_in_words(name: str, about: str, severity: Severity) -> None:
    found: Alert = read(json.dumps(alarm(AlarmName=name, AlarmDescription=about)))[0]
    assert found.severity is severity


def test_a_clock_that_runs_ahead_does_not_write_the_future() -> None:
    (alert,) = read(json.dumps(alarm(StateChangeTime="2031-01-01T00:00:00.000+0000")))
    assert alert.occurred_at == SAMPLE_TIME
