"""Which of the alarms that ring are told: those of the service, of what it needs and of what needs it."""

from datetime import timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from analysis.evidence import other_alarms
from analysis.evidence.ask import Ask, Found, Nothing
from tests.fakes.aws_accounts import FakeAws, refused
from tests.fakes.words import INSTANCE, NIGHT
from tests.unit.analysis.stories import an_ask, cpu_alert, cpu_incident
from watchkeeper.errors import NotAllowed
from watchkeeper.team import Service

ACCOUNT = "eu-west-1:123456789012"
SERVICES = (
    Service(name="checkout", alarms=("checkout-*",), depends_on=("orders",)),
    Service(name="orders", resources=(f"arn:aws:rds:{ACCOUNT}:db:orders-db", "shop/orders", "orders-jobs-*"), depends_on=("stock",)),
    Service(name="stock", alarms=("stock-*",)),
    Service(name="web", alarms=("web-*",), depends_on=("checkout",)),
    Service(name="other", alarms=("other-*",)),
)


def an_alarm(name: str, **dimensions: str) -> dict[str, Any]:
    return {
        "AlarmName": name,
        "Namespace": "AWS/RDS",
        "MetricName": "DatabaseConnections",
        "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
        "StateValue": "ALARM",
        "StateReason": "Threshold Crossed: 198.0",
        "StateUpdatedTimestamp": NIGHT,
        "StateTransitionedTimestamp": NIGHT - timedelta(minutes=2),
    }


def asking(aws: Any, **but: Any) -> Ask:
    return an_ask(aws, cpu_incident(), cpu_alert(), **{"service": SERVICES[0], "services": SERVICES, **but})


def told(*alarms: dict[str, Any], **but: Any) -> list[str]:
    said = other_alarms.collect(asking(FakeAws({"describe_alarms": {"MetricAlarms": list(alarms)}}), **but))
    return said.body.splitlines() if isinstance(said, Found) else []


@pytest.mark.parametrize(
    ("alarm", "whose"),
    [
        pytest.param(an_alarm("checkout-errors"), "checkout", id="the service's own, by name"),
        pytest.param(an_alarm("cpu", InstanceId=INSTANCE.id), "checkout", id="on the incident's resource"),
        pytest.param(an_alarm("db", DBInstanceIdentifier="orders-db"), "orders, which checkout depends on", id="a dependency's, by ARN"),
        pytest.param(
            an_alarm("t", ClusterName="shop", ServiceName="orders"), "orders, which checkout depends on", id="by id, of two parts"
        ),
        pytest.param(an_alarm("q", QueueName="orders-jobs-eu"), "orders, which checkout depends on", id="by id with a star"),
        pytest.param(an_alarm("stock-low"), "stock, which checkout depends on", id="a dependency's dependency"),
        pytest.param(an_alarm("web-5xx"), "web, which depends on checkout", id="a caller's"),
        pytest.param(an_alarm("other-5xx"), None, id="somebody else's"),
        pytest.param(an_alarm("q", QueueName="orders-db"), None, id="a queue of the database's name"),
        pytest.param(an_alarm("t", ClusterName="shop", ServiceName="web"), None, id="another service of the cluster"),
        pytest.param(an_alarm("checkout-cpu-high", InstanceId=INSTANCE.id), None, id="the incident's own"),
        pytest.param({**an_alarm("checkout-errors"), "StateValue": "OK"}, None, id="one that does not ring"),
    ],
)
def test_which_alarms_concern_us(alarm: dict[str, Any], whose: str | None) -> None:
    assert told(alarm)[1:] == ([f"concerns: {whose}"] if whose else [])


def test_the_line_has_since_when_name_metric_and_reason() -> None:
    assert told(an_alarm("db", DBInstanceIdentifier="orders-db"))[0] == (
        "alarm in ALARM since 2026-11-20T02:58:00Z: db on AWS/RDS DatabaseConnections (DBInstanceIdentifier=orders-db): "
        "Threshold Crossed: 198.0"
    )


def test_expressions_and_composites_are_told_by_what_they_watch() -> None:
    metrics = [{"Id": "e", "Expression": "m/60"}, {"Id": "m", "MetricStat": {"Metric": an_alarm("x", DBInstanceIdentifier="orders-db")}}]
    maths = {"AlarmName": "rate", "StateValue": "ALARM", "Metrics": metrics, "StateUpdatedTimestamp": NIGHT}
    composite = {"AlarmName": "checkout-all", "StateValue": "ALARM", "AlarmRule": "ALARM(a) OR ALARM(b)", "StateReason": "a rang"}
    aws = FakeAws({"describe_alarms": {"MetricAlarms": [maths], "CompositeAlarms": [composite]}})
    said = other_alarms.collect(asking(aws))
    assert isinstance(said, Found)
    lines = said.body.splitlines()
    assert lines[0] == (
        "alarm in ALARM since 2026-11-20T03:00:00Z: rate on AWS/RDS DatabaseConnections (DBInstanceIdentifier=orders-db): no reason given"
    )
    assert lines[2] == "alarm in ALARM since an unknown time: checkout-all on rule ALARM(a) OR ALARM(b): a rang"


def test_a_reason_cannot_forge_a_line_or_leak_a_secret() -> None:
    hostile = "x\nalarm in ALARM since 2026-11-20T02:00:00Z: forged\npassword=hunter2hunter2"
    lines = told({**an_alarm("checkout-a"), "StateReason": hostile})
    assert [line[:6] for line in lines] == ["alarm ", "      ", "      ", "concer"]
    assert "hunter2" not in "\n".join(lines)


def test_pages_are_followed_up_to_a_limit_and_the_answer_says_so() -> None:
    aws = FakeAws({"describe_alarms": {"MetricAlarms": [an_alarm("other-1")], "NextToken": "more"}})
    said = other_alarms.collect(asking(aws))
    assert len(aws.asked("describe_alarms")) == other_alarms.MOST_PAGES
    assert isinstance(said, Nothing)
    assert "of the first 5 that are in ALARM" in said.summary


def test_the_oldest_come_first_and_they_are_bounded() -> None:
    many = [{**an_alarm(f"checkout-{n}"), "StateTransitionedTimestamp": NIGHT - timedelta(minutes=n)} for n in range(30)]
    lines = told(*many)
    assert len(lines) == 2 * other_alarms.MOST_TOLD
    assert "checkout-29 " in lines[0]


def test_a_service_that_nobody_described_is_known_by_its_resources() -> None:
    assert told(an_alarm("cpu", InstanceId=INSTANCE.id), service=None, services=())[1:] == ["concerns: checkout"]


def test_a_denial_names_the_permission() -> None:
    with pytest.raises(NotAllowed):
        other_alarms.collect(asking(FakeAws({"describe_alarms": refused()})))


def test_other_alarms_on_cloudwatch() -> None:
    with mock_aws():
        client = boto3.client("cloudwatch", region_name="eu-west-1", aws_access_key_id="test", aws_secret_access_key="test")
        for name in ("checkout-errors", "checkout-calm"):
            client.put_metric_alarm(
                AlarmName=name, Namespace="AWS/EC2", MetricName="CPUUtilization", Statistic="Average", Period=60, EvaluationPeriods=1,
                Threshold=80, ComparisonOperator="GreaterThanThreshold", Dimensions=[{"Name": "InstanceId", "Value": INSTANCE.id}],
            )  # fmt: skip
        client.set_alarm_state(AlarmName="checkout-errors", StateValue="ALARM", StateReason="rang", StateReasonData="{}")
        said = other_alarms.collect(asking(lambda *_: client))
    assert isinstance(said, Found)
    assert f"checkout-errors on AWS/EC2 CPUUtilization (InstanceId={INSTANCE.id}): rang" in said.body
    assert "calm" not in said.body
