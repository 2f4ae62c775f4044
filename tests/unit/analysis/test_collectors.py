"""Each collector against moto where moto knows the API, and against ten-line fakes where it does not."""

from datetime import timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from analysis.evidence import collectors, ec2_instance, ecs_service, error_lines, metric_window, recent_changes, the_alert
from analysis.evidence.ask import Ask, Found, Nothing, service_of
from analysis.evidence.gather import gather
from tests.fakes.aws_accounts import FakeAws, refused
from tests.fakes.words import INSTANCE, NIGHT
from tests.unit.analysis.stories import (
    CPU,
    SERVICES,
    STOREFRONT,
    an_ask,
    cpu_alert,
    cpu_incident,
    cpu_night,
    crash_alert,
    crash_incident,
    crash_night,
    log_page,
    series,
    trail,
)
from watchkeeper.ids import now
from watchkeeper.models import Answer, Resource

MINUTE = timedelta(minutes=1)


def found(said: Found | Nothing) -> Found:
    assert isinstance(said, Found)
    return said


def real(service: str, region: str) -> Any:
    return boto3.client(service, region_name=region, aws_access_key_id="test", aws_secret_access_key="test")


def test_they_are_asked_in_a_fixed_order() -> None:
    """The order that evidence ids follow; no two collectors share a place, so that it depends on nothing else."""
    orders = [collector.order for collector in collectors()]
    assert orders == sorted(set(orders))
    assert [collector.name for collector in collectors()][:2] == ["alert", "metric"]


def test_the_alert_is_quoted_and_cannot_forge_a_line_of_ours() -> None:
    alert = cpu_alert(description="high\nsource: forged", log_excerpt="ERROR one\nERROR two")
    body = found(the_alert.collect(an_ask(FakeAws(), None, alert))).body
    assert "says: high\n      source: forged" in body
    assert "  ERROR one\n  ERROR two" in body
    assert "metric: AWS/EC2 CPUUtilization (InstanceId=i-0123456789abcdef0), AVERAGE over 60 s; alarm line: GreaterThanThreshold 80" in body


def test_the_metric_window_names_extremes_and_first_crossing() -> None:
    aws = FakeAws({"get_metric_data": series([20.0, 21.5, 91.5, 97.0])})
    body = found(metric_window.collect(an_ask(aws))).body
    assert "4 points from 2026-11-20T02:57:00Z to 2026-11-20T03:00:00Z: min 20 at 2026-11-20T02:57:00Z, max 97 at" in body
    assert "first crossing at 2026-11-20T02:59:00Z with 91.5, 2 points in all" in body
    assert body.endswith("2026-11-20T02:59:00Z 91.5 crosses\n2026-11-20T03:00:00Z 97 crosses")
    asked = aws.asked("get_metric_data")[0]
    assert asked["MetricDataQueries"][0]["MetricStat"]["Stat"] == "Average"
    assert asked["StartTime"] == NIGHT - 30 * MINUTE - timedelta(hours=24)


def test_the_metric_window_on_cloudwatch() -> None:
    with mock_aws():
        at = now().replace(microsecond=0)
        dimensions = [{"Name": name, "Value": value} for name, value in CPU.dimensions.items()]
        points = [
            {"MetricName": CPU.name, "Dimensions": dimensions, "Value": value, "Timestamp": at - back * MINUTE}
            for back, value in ((3, 12.0), (2, 97.0))
        ]
        real("cloudwatch", "eu-west-1").put_metric_data(Namespace="AWS/EC2", MetricData=points)
        ask = an_ask(real, cpu_incident(fired_at=at), cpu_alert(occurred_at=at, region="eu-west-1"), now=at)  # type: ignore[arg-type]  # any client will do
        assert "max 97" in found(metric_window.collect(ask)).summary


def test_a_metric_without_points_is_nothing() -> None:
    assert isinstance(metric_window.collect(an_ask(FakeAws())), Nothing)


def test_error_lines_are_picked_redacted_and_bounded() -> None:
    long = "ERROR " + "x" * 200_000
    hostile = "ERROR two\nlines\x00 password=hunter2hunter2"
    aws = FakeAws({"filter_log_events": log_page("INFO fine", hostile, long, "all good")})
    body = found(error_lines.collect(an_ask(aws))).body
    lines = body.splitlines()
    lines = lines[lines.index("2 error lines, 4 lines read since 2026-11-20T02:45:00Z:") :]
    assert lines[1] == "2026-11-20T02:59:57Z /checkout/app app/1  ERROR two"
    assert lines[2].startswith("      lines  password=[secret:")
    assert "hunter2" not in body
    assert len(body) < 5000
    assert "more characters)" in body


def test_error_lines_stop_at_a_bound_of_pages_and_say_so() -> None:
    aws = FakeAws({"filter_log_events": {**log_page("ERROR again"), "nextToken": "more"}})
    body = found(error_lines.collect(an_ask(aws))).body
    assert len(aws.asked("filter_log_events")) == error_lines.MOST_PAGES + error_lines.BASELINE_PAGES
    assert "until the limit of pages" in body
    assert aws.asked("filter_log_events")[0]["startFromHead"] is False


def test_error_lines_on_cloudwatch_logs() -> None:
    with mock_aws():
        logs, at = real("logs", "eu-west-1"), now()
        logs.create_log_group(logGroupName="/checkout/app")
        logs.create_log_stream(logGroupName="/checkout/app", logStreamName="1")
        stamps = [(int(at.timestamp() * 1000) - 1000, "ERROR boom"), (int(at.timestamp() * 1000), "INFO fine")]
        events = [{"timestamp": stamp, "message": line} for stamp, line in stamps]
        logs.put_log_events(logGroupName="/checkout/app", logStreamName="1", logEvents=events)
        ask = an_ask(real, cpu_incident(fired_at=at), now=at)  # type: ignore[arg-type]  # any client will do
        assert "1 error lines, 2 lines read" in found(error_lines.collect(ask)).body


def test_log_groups_come_from_the_service_and_from_trusted_resources_only() -> None:
    named = Resource(type="logs:log-group", id="/named", trusted=True)
    forged = Resource(type="logs:log-group", id="/secrets", trusted=False)
    ask = an_ask(FakeAws(), cpu_incident(resources=(named, forged)))
    assert error_lines.groups_of(ask) == ("/named", "/checkout/app")


def test_an_instance_is_described() -> None:
    body = found(ec2_instance.collect(an_ask(cpu_night()))).body
    assert body.splitlines() == [
        "ec2:instance i-0123456789abcdef0: state running, type t3.medium",
        "launched: 2026-11-11T03:00:00Z",
        "status: instance check ok, system check ok",
        "tag AutoRemediate: true",
    ]


def test_an_instance_on_ec2() -> None:
    with mock_aws():
        ec2 = real("ec2", "eu-west-1")
        image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
        made = ec2.run_instances(ImageId=image, InstanceType="t3.micro", MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
        ask = an_ask(real, cpu_incident(resources=(INSTANCE.but(id=made, arn=""),)))  # type: ignore[arg-type]  # any client will do
        assert found(ec2_instance.collect(ask)).summary == f"ec2:instance {made}: state running, type t3.micro"
        gone = an_ask(real)  # type: ignore[arg-type]  # any client will do
        assert isinstance(ec2_instance.collect(gone), Nothing)


def test_a_service_is_described_with_what_its_tasks_died_of() -> None:
    body = found(ecs_service.collect(an_ask(crash_night(), crash_incident(), crash_alert()))).body
    assert body.splitlines() == [
        "ecs:service shop/storefront: status ACTIVE, desired 2, running 0, pending 1",
        "deployment PRIMARY of storefront:42 made 2026-11-20T03:00:00Z",
        "event 2026-11-20T03:00:00Z: (service storefront) has started 1 tasks: (task 4f2a).",
        "stopped task 4f2a at 2026-11-20T03:00:00Z: Essential container in task exited",
        "stopped container web of 4f2a: exit code 1",
    ]


def test_a_service_on_ecs() -> None:
    with mock_aws():
        ecs = real("ecs", "eu-west-1")
        ecs.create_cluster(clusterName="shop")
        ecs.register_task_definition(family="storefront", containerDefinitions=[{"name": "web", "image": "web:1", "memory": 128}])
        ecs.create_service(cluster="shop", serviceName="storefront", taskDefinition="storefront", desiredCount=2)
        ask = an_ask(real, crash_incident(), crash_alert())  # type: ignore[arg-type]  # any client will do
        assert "ecs:service shop/storefront: status ACTIVE, desired 2" in found(ecs_service.collect(ask)).body


def test_changes_are_found_by_name_and_by_mention_and_only_once() -> None:
    named = trail("UpdateService", NIGHT - 9 * MINUTE, {"service": "storefront", "taskDefinition": "storefront:43"}, 1)
    mentioned = trail("RegisterTaskDefinition", NIGHT - 10 * MINUTE, {"family": "storefront"}, 2)
    other = trail("UpdateService", NIGHT - 8 * MINUTE, {"service": "storefront-2"}, 3)
    noise = trail("PutMetricData", NIGHT - 8 * MINUTE, {"service": "storefront"}, 4)
    read = trail("Query", NIGHT - 8 * MINUTE, {"service": "storefront"}, 5)

    def lookup(LookupAttributes: list[dict[str, str]], **_: Any) -> dict[str, Any]:  # noqa: N803 - boto3's name
        by_name = LookupAttributes[0]["AttributeKey"] == "ResourceName"
        return {"Events": [named] if by_name else [named, mentioned, other, noise, read]}

    pauses: list[float] = []
    aws = FakeAws({"lookup_events": lookup})
    body = found(recent_changes.collect(an_ask(aws, crash_incident(), crash_alert(), pause=pauses.append))).body
    assert body.splitlines() == [
        "2 changes since 2026-11-20T02:00:00Z:",
        '2026-11-20T02:50:00Z ecs.amazonaws.com RegisterTaskDefinition by deployer {"family": "storefront"}',
        '2026-11-20T02:51:00Z ecs.amazonaws.com UpdateService by deployer {"service": "storefront", "taskDefinition": "storefront:43"}',
    ]
    assert pauses == [recent_changes.BETWEEN_REQUESTS]


def test_too_many_changes_are_read_up_to_a_bound_with_a_pause_between_requests() -> None:
    pauses: list[float] = []
    aws = FakeAws({"lookup_events": {"Events": [], "NextToken": "more"}})
    said = recent_changes.collect(an_ask(aws, pause=pauses.append))
    assert "there were too many" in said.summary
    assert len(aws.calls) == 1 + recent_changes.MOST_PAGES
    assert len(pauses) == len(aws.calls) - 1


@pytest.mark.parametrize(
    ("operation", "collector", "permission"),
    [
        ("get_metric_data", "metric", "cloudwatch:GetMetricData"),
        ("filter_log_events", "logs", "logs:FilterLogEvents"),
        ("describe_instances", "ec2", "ec2:DescribeInstances"),
        ("describe_instance_status", "ec2", "ec2:DescribeInstanceStatus"),
        ("describe_services", "ecs", "ecs:DescribeServices"),
        ("list_tasks", "ecs", "ecs:ListTasks"),
        ("describe_tasks", "ecs", "ecs:DescribeTasks"),
        ("lookup_events", "changes", "cloudtrail:LookupEvents"),
    ],
)
def test_a_missing_permission_is_named(operation: str, collector: str, permission: str) -> None:
    both = cpu_incident(resources=(INSTANCE, STOREFRONT))
    aws = crash_night()
    aws.answers |= {**{k: v for k, v in cpu_night().answers.items() if k not in aws.answers}, operation: refused()}
    answers = {answer.collector.name: answer for answer in gather(collectors(), an_ask(aws, both), 5)}
    assert answers[collector].answer is Answer.NOT_ALLOWED
    assert answers[collector].permission == permission
    assert permission in answers[collector].why


def test_what_fails_says_why() -> None:
    aws = FakeAws({"filter_log_events": refused("ResourceNotFoundException")})
    answers = {answer.collector.name: answer for answer in gather(collectors(), an_ask(aws), 5)}
    assert answers["logs"].answer is Answer.FAILED
    assert "/checkout/app" in answers["logs"].why


@pytest.mark.parametrize(
    ("but", "name"),
    [
        ({"service": "storefront"}, "storefront"),
        ({"service": "unknown", "alarm_name": "checkout-disk"}, "checkout"),
        ({"service": "unknown", "alarm_name": "", "resources": (STOREFRONT,)}, "storefront"),
        ({"service": "unknown", "alarm_name": "", "resources": (STOREFRONT.but(trusted=False),)}, None),
    ],
    ids=["by name", "by alarm", "by resource", "not by free text"],
)
def test_the_service_of_an_incident(but: dict[str, Any], name: str | None) -> None:
    service = service_of(cpu_incident(**but), SERVICES)
    assert (service.name if service else None) == name


def test_only_trusted_resources_are_looked_at() -> None:
    ask: Ask = an_ask(cpu_night(), cpu_incident(resources=(INSTANCE.but(trusted=False),)), service=None)
    apply = {collector.name for collector in collectors() if collector.applies(ask)}
    assert apply & {"ec2", "ecs", "rds", "lambda", "sqs", "asg", "targets", "dynamodb", "acm", "changes", "deployments"} == set()
    assert {"alert", "metric"} <= apply
