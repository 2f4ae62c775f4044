"""The state of databases, queues and tables, line by line."""

import json
import threading
from datetime import timedelta
from typing import Any

import pytest

from analysis.evidence import connection_limit, dynamodb, rds, sqs
from analysis.evidence.ask import Ask, Collector, Found, Nothing
from analysis.evidence.gather import gather
from tests.fakes.aws_accounts import refused
from tests.fakes.strict_aws import StrictAws
from tests.fakes.words import NIGHT
from tests.unit.analysis.stories import an_ask, cpu_incident
from watchkeeper.errors import NotAllowed
from watchkeeper.models import Answer, Resource
from watchkeeper.team import Service

MINUTE = timedelta(minutes=1)
DATABASE = Resource(type="rds:db", id="orders-db", region="eu-west-1", trusted=True)
QUEUE = Resource(type="sqs:queue", id="orders", region="eu-west-1", trusted=True)
TABLE = Resource(type="dynamodb:table", id="orders", region="eu-west-1", trusted=True)


def asking(aws: StrictAws, *resources: Resource, **but: Any) -> Ask:
    return an_ask(aws, cpu_incident(resources=resources), **{"service": None, **but})  # type: ignore[arg-type]  # any client will do


def lines(collector: Collector, ask: Ask) -> list[str]:
    said = collector.collect(ask)
    assert isinstance(said, Found)
    assert said.summary == said.body.splitlines()[0]
    return said.body.splitlines()


# ---------------------------------------------------------------- RDS


def databases(**but: Any) -> StrictAws:
    database = {
        "DBInstanceIdentifier": "orders-db", "DBInstanceStatus": "available", "DBInstanceClass": "db.t3.medium", "Engine": "postgres",
        "EngineVersion": "16.3", "AllocatedStorage": 100, "MultiAZ": False, "DBParameterGroups": [{"DBParameterGroupName": "orders-pg"}],
    }  # fmt: skip
    events = [
        {"Date": NIGHT - 5 * MINUTE, "Message": "too many connections\nstatus: forged"},
        {"Date": NIGHT - 19 * MINUTE, "Message": "The free storage capacity for DB instance orders-db is low"},
    ]
    answers = {rds.INSTANCES: {"DBInstances": [database]}, rds.PARAMETERS: {"Parameters": []}, rds.EVENTS: {"Events": events}}
    return StrictAws({**answers, **but})


STATE = "rds:db orders-db: status available, class db.t3.medium, engine postgres 16.3, storage 100 GiB, multi-AZ no"


def test_a_database_is_told() -> None:
    aws = databases()
    assert lines(rds.COLLECTOR, asking(aws, DATABASE)) == [
        STATE,
        "max connections: about 450 (db.t3.medium, default formula)",
        "event 2026-11-20T02:41:00Z: The free storage capacity for DB instance orders-db is low",
        "event 2026-11-20T02:55:00Z: too many connections",
        "      status: forged",
    ]
    assert aws.used == set(rds.COLLECTOR.permissions)
    assert aws.asked(rds.EVENTS)[0]["StartTime"] == NIGHT - rds.BEFORE


def test_what_somebody_set_in_the_parameter_group_counts_on_whichever_page_it_stands() -> None:
    def parameters(Marker: str = "", **_: Any) -> dict[str, Any]:  # noqa: N803 - boto3's name
        second = {"Parameters": [{"ParameterName": "max_connections", "ParameterValue": "200"}]}
        return second if Marker else {"Parameters": [{"ParameterName": "work_mem", "ParameterValue": "1"}], "Marker": "next"}

    aws = databases(**{rds.PARAMETERS: parameters})
    assert lines(rds.COLLECTOR, asking(aws, DATABASE))[1] == "max connections: 200 (parameter group)"
    assert aws.asked(rds.PARAMETERS)[0] == {"DBParameterGroupName": "orders-pg", "Source": "user"}


def test_parameters_without_end_are_read_up_to_a_bound() -> None:
    aws = databases(**{rds.PARAMETERS: {"Parameters": [], "Marker": "more"}})
    lines(rds.COLLECTOR, asking(aws, DATABASE))
    assert len(aws.asked(rds.PARAMETERS)) == rds.MOST_PAGES


def test_what_may_not_be_asked_of_a_database_is_said_beside_what_was_found() -> None:
    aws = databases(**{rds.PARAMETERS: refused("AccessDenied"), rds.EVENTS: refused("AccessDenied")})
    assert lines(rds.COLLECTOR, asking(aws, DATABASE)) == [
        STATE,
        "not allowed: rds:DescribeDBParameters",
        "not allowed: rds:DescribeEvents",
    ]


def test_what_was_found_before_the_deadline_is_the_answer() -> None:
    released = threading.Event()

    def late(**_: Any) -> Any:
        released.wait(5)
        return {"Events": []}

    (answered,) = gather([rds.COLLECTOR], asking(databases(**{rds.EVENTS: late}), DATABASE), 0.4)
    released.set()
    assert answered.answer is Answer.FOUND
    assert answered.body.splitlines() == [STATE, "max connections: about 450 (db.t3.medium, default formula)"]


@pytest.mark.parametrize("said", [refused("DBInstanceNotFound", 404), {"DBInstances": []}], ids=["error", "empty"])
def test_a_database_that_is_not_there_is_nothing(said: Any) -> None:
    assert rds.collect(asking(StrictAws({rds.INSTANCES: said}), DATABASE)) == Nothing("Not there: orders-db.")


@pytest.mark.parametrize(
    ("instance_class", "engine", "parameter", "line"),
    [
        ("db.t3.micro", "postgres", "", "max connections: about 112 (db.t3.micro, default formula)"),
        ("db.r6g.large", "mysql", "", "max connections: about 1365 (db.r6g.large, default formula)"),
        ("db.m5.24xlarge", "postgres", "", "max connections: about 5000 (db.m5.24xlarge, default formula)"),
        ("db.t3.medium", "postgres", "77", "max connections: 77 (parameter group)"),
        (
            "db.t3.medium",
            "postgres",
            "LEAST({DBInstanceClassMemory/9531392}, 100)",
            "max connections: about 100 (db.t3.medium, parameter group formula)",
        ),
        (
            "db.t4g.small",
            "mysql",
            "{DBInstanceClassMemory/25165760}",
            "max connections: about 85 (db.t4g.small, parameter group formula)",
        ),
        ("db.t3.medium", "postgres", "GREATEST(something, else)", ""),
        ("db.serverless", "aurora-postgresql", "", ""),
        ("db.t3.medium", "sqlserver-ex", "", ""),
        ("db.z1d.large", "postgres", "", ""),
        ("db.t3.9xlarge", "postgres", "", ""),
    ],
)
def test_the_limit_of_connections(instance_class: str, engine: str, parameter: str, line: str) -> None:
    assert connection_limit.told(instance_class, engine, parameter) == line


# ---------------------------------------------------------------- SQS

DEAD = "arn:aws:sqs:eu-west-1:123456789012:orders-dead"


def queues(**but: Any) -> StrictAws:
    def url(QueueName: str) -> dict[str, Any]:  # noqa: N803 - boto3's name
        return {"QueueUrl": f"https://sqs/{QueueName}"}

    def attributes(QueueUrl: str, **_: Any) -> dict[str, Any]:  # noqa: N803 - boto3's name
        if QueueUrl.endswith("-dead"):
            return {"Attributes": {"ApproximateNumberOfMessages": "45"}}
        counts = {"ApproximateNumberOfMessages": "1200", "ApproximateNumberOfMessagesNotVisible": "20"}
        redrive = json.dumps({"deadLetterTargetArn": DEAD, "maxReceiveCount": 5})
        delayed = {"ApproximateNumberOfMessagesDelayed": "0", "VisibilityTimeout": "30"}
        return {"Attributes": {**counts, **delayed, "RedrivePolicy": redrive}}

    return StrictAws({sqs.URL: url, sqs.ATTRIBUTES: attributes} | but)


WAITING = "sqs:queue orders: visible 1200, in flight 20, delayed 0, visibility timeout 30 s"


def test_a_queue_is_told_with_its_dead_letters() -> None:
    aws = queues()
    assert lines(sqs.COLLECTOR, asking(aws, QUEUE)) == [WAITING, "dead letters orders-dead: visible 45, after 5 receives"]
    assert aws.used == set(sqs.COLLECTOR.permissions)


def test_a_queue_without_a_redrive_policy_has_no_dead_letters() -> None:
    aws = queues(**{sqs.ATTRIBUTES: {"Attributes": {}}})
    assert lines(sqs.COLLECTOR, asking(aws, QUEUE)) == [
        "sqs:queue orders: visible 0, in flight 0, delayed 0, visibility timeout 0 s",
        "dead letters: none",
    ]


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("AccessDenied", "not allowed: sqs:GetQueueUrl"),
        ("AWS.SimpleQueueService.NonExistentQueue", "dead letters orders-dead: not there, after 5 receives"),
    ],
)
def test_dead_letters_that_cannot_be_seen_are_said(code: str, line: str) -> None:
    def url(QueueName: str) -> Any:  # noqa: N803 - boto3's name
        return refused(code) if QueueName == "orders-dead" else {"QueueUrl": "https://sqs/orders"}

    assert lines(sqs.COLLECTOR, asking(queues(**{sqs.URL: url}), QUEUE)) == [WAITING, line]


@pytest.mark.parametrize("code", sqs.ABSENT)
def test_a_queue_that_is_not_there_is_nothing(code: str) -> None:
    assert sqs.collect(asking(StrictAws({sqs.URL: refused(code)}), QUEUE)) == Nothing("Not there: orders.")


def test_a_redrive_policy_that_is_no_json_costs_its_own_line_alone() -> None:
    aws = queues(**{sqs.ATTRIBUTES: {"Attributes": {"RedrivePolicy": "{"}}})
    told = lines(sqs.COLLECTOR, asking(aws, QUEUE))
    assert told[0].startswith("sqs:queue orders: ")
    assert told[1].startswith("not read: an answer is not as expected: JSONDecodeError")


# ---------------------------------------------------------------- DynamoDB


def tables(**but: Any) -> StrictAws:
    given = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
    index = {"IndexName": "by_customer", "IndexStatus": "ACTIVE", "ProvisionedThroughput": given}
    table = {"TableName": "orders", "TableStatus": "ACTIVE", "ProvisionedThroughput": given, "GlobalSecondaryIndexes": [index]}
    figures = [("m0_0", [100.0, 20.0]), ("m0_1", []), ("m1_0", [120.0]), ("m1_1", [])]
    series = {"MetricDataResults": [{"Id": name, "Values": values} for name, values in figures]}
    return StrictAws({dynamodb.TABLE: {"Table": table}, dynamodb.METRICS: series} | but)


def test_a_table_is_told_with_what_it_refused() -> None:
    aws = tables()
    assert lines(dynamodb.COLLECTOR, asking(aws, TABLE.but(id="orders/index/by_customer"))) == [
        "dynamodb:table orders: status ACTIVE, billing PROVISIONED, read 5, write 5",
        "index by_customer: status ACTIVE, read 5, write 5",
        "throttled: ReadThrottleEvents 120, WriteThrottleEvents 0 in the window",
        "throttled index by_customer: ReadThrottleEvents 120, WriteThrottleEvents 0 in the window",
    ]
    assert aws.used == set(dynamodb.COLLECTOR.permissions)
    (asked,) = aws.asked(dynamodb.METRICS)
    assert asked["StartTime"] == NIGHT - dynamodb.BEFORE
    assert [query["MetricStat"]["Stat"] for query in asked["MetricDataQueries"]] == ["Sum"] * 4


def test_a_table_on_demand_without_throttles_and_without_the_permission_to_see_any() -> None:
    table = {"TableStatus": "UPDATING", "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"}}
    head = "dynamodb:table orders: status UPDATING, billing PAY_PER_REQUEST, read 0, write 0"
    calm = tables(**{dynamodb.TABLE: {"Table": table}, dynamodb.METRICS: {"MetricDataResults": []}})
    quiet = "throttled: ReadThrottleEvents 0, WriteThrottleEvents 0 in the window"
    assert lines(dynamodb.COLLECTOR, asking(calm, TABLE)) == [head, quiet]
    blind = tables(**{dynamodb.TABLE: {"Table": table}, dynamodb.METRICS: refused("AccessDenied")})
    assert lines(dynamodb.COLLECTOR, asking(blind, TABLE)) == [head, "not allowed: cloudwatch:GetMetricData"]


def test_a_table_that_is_not_there_is_nothing() -> None:
    aws = StrictAws({dynamodb.TABLE: refused("ResourceNotFoundException")})
    assert dynamodb.collect(asking(aws, TABLE)) == Nothing("Not there: orders.")


# ---------------------------------------------------------------- what they have in common


@pytest.mark.parametrize(
    ("collector", "resource", "arn", "permission"),
    [
        (rds.COLLECTOR, DATABASE, "arn:aws:rds:eu-west-1:123456789012:db:orders-db", rds.INSTANCES),
        (sqs.COLLECTOR, QUEUE, "arn:aws:sqs:eu-west-1:123456789012:orders", sqs.URL),
        (dynamodb.COLLECTOR, TABLE, "arn:aws:dynamodb:eu-west-1:123456789012:table/orders", dynamodb.TABLE),
    ],
    ids=["rds", "sqs", "dynamodb"],
)
class TestEach:
    def test_the_missing_permission_is_named(self, collector: Collector, resource: Resource, arn: str, permission: str) -> None:
        with pytest.raises(NotAllowed, match=permission):
            collector.collect(asking(StrictAws(anything=lambda _: refused("AccessDenied")), resource))

    def test_a_strange_answer_fails_aloud(self, collector: Collector, resource: Resource, arn: str, permission: str) -> None:
        (answered,) = gather([collector], asking(StrictAws(anything=lambda _: {}), resource), 5)
        assert answered.answer is Answer.FAILED

    def test_only_what_is_trusted_or_the_teams_own_is_looked_at(
        self, collector: Collector, resource: Resource, arn: str, permission: str
    ) -> None:
        assert not collector.applies(asking(StrictAws(), resource.but(trusted=False)))
        assert collector.applies(asking(StrictAws(), resource))
        assert collector.applies(asking(StrictAws(), service=Service(name="shop", resources=(arn,))))
