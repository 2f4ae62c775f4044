"""The Lambda as it is deployed: from the environment and a queue record to tables, bucket and queues, on moto."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from moto import mock_aws

from analysis.handler import lambda_handler
from analysis.wiring import wiring
from tests.fakes.tables import create_tables
from tests.fakes.template import ROOT
from tests.fakes.words import INSTANCE
from tests.unit.analysis.stories import cpu_alert, cpu_incident
from watchkeeper.change import change
from watchkeeper.ids import now
from watchkeeper.messages import AnalysisAsked, IncidentChanged, read_message
from watchkeeper.models import Analysis, Evidence, Status
from watchkeeper.storage.incidents import DynamoIncidents

REGION = "eu-west-1"
QUEUES = {"ANALYSIS_QUEUE_URL": "analysis", "REMEDIATION_QUEUE_URL": "remediation.fifo", "DISTRIBUTION_QUEUE_URL": "distribution.fifo"}


@dataclass
class Context:
    function_name: str = "analysis"
    memory_limit_in_mb: int = 1024
    invoked_function_arn: str = "arn:aws:lambda:eu-west-1:123456789012:function:analysis"
    aws_request_id: str = "1"

    def get_remaining_time_in_millis(self) -> int:
        return 120_000


@pytest.fixture
def urls(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    for name, value in {"AWS_DEFAULT_REGION": REGION, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        create_tables(boto3.client("dynamodb"))
        boto3.client("s3").create_bucket(
            Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": REGION}, ObjectLockEnabledForBucket=True
        )
        made = {variable: _queue(name) for variable, name in QUEUES.items()}
        names = {
            "INCIDENTS_TABLE": "incidents",
            "AUDIT_TABLE": "audit",
            "ANALYSES_TABLE": "analyses",
            "BUCKET": "bucket",
            "AWS_REGION": REGION,
        }
        for name, value in (made | names).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("WATCHKEEPER_CONFIG", str(ROOT / "config"))
        wiring.cache_clear()
        yield made
        wiring.cache_clear()


def _queue(name: str) -> str:
    fifo = {"FifoQueue": "true"} if name.endswith(".fifo") else {}
    url: str = boto3.client("sqs").create_queue(QueueName=name, Attributes=fifo)["QueueUrl"]
    return url


def a_record(body: str, number: int = 1) -> dict[str, Any]:
    return {
        "messageId": f"m{number}", "receiptHandle": "r", "body": body, "attributes": {}, "messageAttributes": {}, "md5OfBody": "",
        "eventSource": "aws:sqs", "eventSourceARN": f"arn:aws:sqs:{REGION}:123456789012:analysis", "awsRegion": REGION,
    }  # fmt: skip


def deliver(*bodies: str) -> dict[str, Any]:
    records = [a_record(body, number) for number, body in enumerate(bodies, start=1)]
    return lambda_handler({"Records": records}, Context())  # type: ignore[arg-type]  # what powertools reads of a context


def test_a_record_becomes_an_analysis_and_two_messages(urls: dict[str, str]) -> None:
    incidents = DynamoIncidents(boto3.client("dynamodb"), "incidents", "audit")
    incident = cpu_incident(version=0, fired_at=now(), resources=(INSTANCE,))
    incidents.write(change(incident, [], now(), new=[cpu_alert(occurred_at=now())], quiet=True))
    asked = AnalysisAsked(incident_id=incident.id, version=1)
    assert deliver(asked.model_dump_json()) == {"batchItemFailures": []}
    assert deliver(asked.model_dump_json()) == {"batchItemFailures": []}
    after = incidents.load(incident.id)
    assert after is not None
    assert (after.status, after.due) == (Status.INVESTIGATING, None)
    assert [analysis.id for analysis in incidents.rows(incident.id, Analysis)] == [after.analysis_id]
    assert {evidence.collector for evidence in incidents.rows(incident.id, Evidence)} >= {
        "alert",
        "metric",
        "ec2",
        "changes",
        "logs",
        "onset",
    }
    assert incidents.owed(incident.id) == []
    told = [read_message(body) for body in _bodies(urls["REMEDIATION_QUEUE_URL"])]
    assert [(message.kind, message.id) for message in told] == [("analysis_completed", told[0].id)]
    assert all(isinstance(read_message(body), IncidentChanged) for body in _bodies(urls["DISTRIBUTION_QUEUE_URL"]))
    heads = boto3.client("s3").list_objects_v2(Bucket="bucket", Prefix=f"heads/{incident.id}/")["Contents"]
    assert len(heads) == 2


def _bodies(url: str) -> list[str]:
    return [message["Body"] for message in boto3.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])]


@pytest.mark.parametrize(
    "body",
    ["not json", json.dumps({"kind": "unheard_of"}), IncidentChanged(incident_id="INC-1", version=1).model_dump_json()],
    ids=["not JSON", "an unknown kind", "another stage's message"],
)
def test_what_is_not_ours_goes_back_to_the_queue_and_takes_nobody_with_it(urls: dict[str, str], body: str) -> None:
    incidents = DynamoIncidents(boto3.client("dynamodb"), "incidents", "audit")
    resolved = cpu_incident(version=0, status=Status.RESOLVED)
    incidents.write(change(resolved, [], now(), quiet=True))
    good = AnalysisAsked(incident_id=resolved.id, version=1).model_dump_json()
    assert deliver(body, good) == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
