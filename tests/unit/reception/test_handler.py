"""The entry: three shapes of event, records that fail alone, and the real wiring over AWS's own API."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext
from moto import mock_aws

from reception.handler import dispatch, lambda_handler
from reception.wiring import team_services, trace_id, wiring
from tests.fakes.memory import MemoryBlobs
from tests.fakes.tables import create_tables
from tests.unit.reception.world import ROOT, STACK, World, alarm, sample
from watchkeeper.errors import Throttled
from watchkeeper.models import StoredPayload
from watchkeeper.team import services


@dataclass
class Context:
    """What a Lambda is told of its invocation."""

    function_name: str = "reception"
    memory_limit_in_mb: int = 256
    invoked_function_arn: str = "arn:aws:lambda:eu-west-1:123456789012:function:reception"
    aws_request_id: str = "request-1"


CONTEXT: LambdaContext = Context()  # type: ignore[assignment]  # all that is asked of it


def batch(*bodies: str) -> dict[str, Any]:
    record = sample("cloudwatch-alarm-raw.json")["Records"][0]
    return {"Records": [{**record, "messageId": f"m{n}", "receiptHandle": f"r{n}", "body": body} for n, body in enumerate(bodies)]}


def failed(reply: dict[str, Any]) -> list[str]:
    return [item["itemIdentifier"] for item in reply["batchItemFailures"]]


def test_a_record_that_fails_fails_alone() -> None:
    world = World()
    newer = json.dumps({"kind": "alerts_received", "schema_version": 2, "alerts": []})
    reply = dispatch(batch(json.dumps(alarm()), newer, "a plain text"), CONTEXT, world.wiring)
    assert failed(reply) == ["m1"]
    assert len(world.incidents.meta) == 2


def test_a_batch_of_failures_is_answered_one_by_one() -> None:
    newer = json.dumps({"kind": "alerts_received", "schema_version": 2, "alerts": []})
    assert failed(dispatch(batch(newer, newer), CONTEXT, World().wiring)) == ["m0", "m1"]


def test_a_record_that_has_to_wait_says_how_long() -> None:
    world = World()
    body = json.loads(sample("ssm-automation-status.json")["Records"][0]["body"]) | {"time": world.clock().isoformat()}
    assert failed(dispatch(batch(json.dumps(body)), CONTEXT, world.wiring)) == ["m0"]
    assert world.inbox.calls == [("r0", 2)]


def test_requests_and_subscriptions_find_their_way() -> None:
    world = World()
    assert dispatch(sample("webhook-generic.json"), CONTEXT, world.wiring)["statusCode"] == 202
    assert dispatch(sample("logs-subscription.json"), CONTEXT, world.wiring)["accepted"] == 1
    assert dispatch({"Records": [{"EventSource": "aws:sns"}]}, CONTEXT, world.wiring)["accepted"] == 1


def test_a_text_without_a_time_is_the_same_alert_at_every_delivery() -> None:
    world = World()
    for _ in range(3):
        dispatch(batch("backup failed"), CONTEXT, world.wiring)
        world.clock.tick(60)
    assert world.incident().alert_count == 1


class NoBlobs(MemoryBlobs):
    """The bucket does not answer."""

    def put(self, key: str, body: bytes) -> StoredPayload:
        raise Throttled("s3:PutObject")


def test_an_outage_of_the_bucket_keeps_no_alert_up() -> None:
    world = World(blobs=NoBlobs())
    assert failed(dispatch(batch("backup failed"), CONTEXT, world.wiring)) == []
    assert world.incident().source == "unrecognised"


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """Tables, queues and a bucket in moto, and the environment that names them."""
    with mock_aws():
        for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
            monkeypatch.setenv(name, "eu-west-1")
        create_tables(boto3.client("dynamodb"))
        boto3.client("s3").create_bucket(
            Bucket="bucket", ObjectLockEnabledForBucket=True, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )
        sqs = boto3.client("sqs")
        fifo = {"FifoQueue": "true"}
        urls = {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("intake", "analysis")}
        urls |= {name: sqs.create_queue(QueueName=f"{name}.fifo", Attributes=fifo)["QueueUrl"] for name in ("remediation", "distribution")}
        boto3.client("secretsmanager").create_secret(Name="hooks", SecretString=json.dumps({"generic": "s"}))
        environment = {"INCIDENTS_TABLE": "incidents", "AUDIT_TABLE": "audit", "BUCKET": "bucket", "WEBHOOK_SECRET_ID": "hooks",
                       "STACK_ID": STACK, "WATCHKEEPER_CONFIG": str(ROOT / "config")}  # fmt: skip
        for name, value in (environment | {f"{name.upper()}_QUEUE_URL": url for name, url in urls.items()}).items():
            monkeypatch.setenv(name, value)
        wiring.cache_clear()
        services.cache_clear()
        yield urls
        wiring.cache_clear()
        services.cache_clear()


def test_the_real_wiring_opens_an_incident(stack: dict[str, str]) -> None:
    for _ in range(2):
        assert failed(lambda_handler(sample("cloudwatch-alarm-sns.json"), CONTEXT)) == []
    (incident,) = wiring().incidents.recent(10)
    assert (incident.service, incident.alert_count) == ("checkout", 1)
    sqs = boto3.client("sqs")
    (asked,) = sqs.receive_message(QueueUrl=stack["analysis"], MaxNumberOfMessages=10)["Messages"]
    assert json.loads(asked["Body"])["incident_id"] == incident.id
    (told,) = sqs.receive_message(QueueUrl=stack["distribution"], MaxNumberOfMessages=10)["Messages"]
    assert json.loads(told["Body"])["kind"] == "incident_changed"
    heads = boto3.client("s3").list_objects_v2(Bucket="bucket", Prefix=f"heads/{incident.id}/")
    assert heads["KeyCount"] == 1


def test_the_real_door_answers(stack: dict[str, str]) -> None:
    assert lambda_handler(sample("webhook-generic.json"), CONTEXT)["statusCode"] == 401
    assert lambda_handler({"httpMethod": "GET", "path": "/health"}, CONTEXT)["statusCode"] == 200


def test_a_mistake_in_services_yaml_costs_the_name_and_not_the_watch(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    (tmp_path / "standing-orders.yaml").write_text("orders: []")
    (tmp_path / "services.yaml").write_text("services: [{nam: x}]")
    monkeypatch.setenv("WATCHKEEPER_CONFIG", str(tmp_path))
    services.cache_clear()
    assert team_services().services == ()
    services.cache_clear()


def test_the_trace_is_x_rays_or_of_the_same_form(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1")
    assert trace_id() == "1-5759e988-bd862e3fe1be46a994272793"
    monkeypatch.delenv("_X_AMZN_TRACE_ID")
    assert [len(part) for part in trace_id().split("-")] == [1, 8, 24]
