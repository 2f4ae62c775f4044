"""From queue records to partial failures: a group stops at its first failure, the others go on."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from aws_lambda_powertools.utilities.batch import SqsFifoPartialProcessor, process_partial_response
from aws_lambda_powertools.utilities.typing import LambdaContext
from moto import mock_aws

from distribution.handler import lambda_handler, processor
from distribution.service import handle
from distribution.wiring import wiring
from tests.fakes.tables import create_tables
from tests.unit.distribution.places import JIRA, SLACK, House, NoInbox, house
from tests.unit.distribution.stories import ID, Night
from watchkeeper.inbox import patiently
from watchkeeper.messages import DeliveryDue, IncidentChanged, Message, read_message
from watchkeeper.models import Delivery, DeliveryStatus
from watchkeeper.storage.queues import receive_message


def record(message: Message, number: int) -> dict[str, Any]:
    return {
        "messageId": f"m{number}", "receiptHandle": f"r{number}", "body": message.model_dump_json(), "eventSource": "aws:sqs",
        "attributes": {"MessageGroupId": message.group},
    }  # fmt: skip


def processed(home: House, messages: list[Message]) -> dict[str, Any]:
    """What the handler does with a batch, with the house in place of the wiring."""
    event = {"Records": [record(message, number) for number, message in enumerate(messages)]}
    work = patiently(lambda r: handle(receive_message(r.body, home.wiring.blobs), home.wiring), home.wiring.inbox)
    return dict(process_partial_response(event, work, processor))


def test_a_throttled_channel_is_put_off_and_holds_its_own_group_only() -> None:
    with house(SLACK, JIRA) as home:
        home.night.opened()
        handle(home.changed(), home.wiring)
        home.slack.throttled = 1
        answer = processed(home, [home.due(SLACK), home.due(JIRA), home.due(SLACK)])
        assert answer == {"batchItemFailures": [{"itemIdentifier": "m0"}, {"itemIdentifier": "m2"}]}
        assert isinstance(home.wiring.inbox, NoInbox)
        assert home.wiring.inbox.postponed == [7]
        assert len(home.jira.issues) == 1


def test_a_batch_that_failed_whole_is_an_answer_not_an_error() -> None:
    assert isinstance(processor, SqsFifoPartialProcessor)
    with house(SLACK) as home:
        home.night.opened()
        handle(home.changed(), home.wiring)
        home.slack.down = 1
        answer = processed(home, [home.due(SLACK)])
        assert json.loads(json.dumps(answer)) == {"batchItemFailures": [{"itemIdentifier": "m0"}]}


class Context(LambdaContext):
    """What Lambda tells a handler of itself, as far as the logger asks."""

    _function_name = "distribution"
    _memory_limit_in_mb = 256
    _invoked_function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:distribution"
    _aws_request_id = "request-1"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The account as the stack finds it right after its deployment: the channels' secret is empty. Gives the queue's address."""
    with mock_aws():
        monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        create_tables(boto3.client("dynamodb"))
        queue = boto3.client("sqs").create_queue(QueueName="distribution.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
        boto3.client("secretsmanager").create_secret(Name="channels", SecretString="{}")
        known = {
            "INCIDENTS_TABLE": "incidents", "AUDIT_TABLE": "audit", "BUCKET": "bucket", "DISTRIBUTION_QUEUE_URL": queue,
            "CHANNELS_SECRET_ID": "channels", "WATCHKEEPER_CONFIG": str(Path(__file__).parents[3] / "config"), "AWS_REGION": "eu-west-1",
        }  # fmt: skip
        for name, value in known.items():
            monkeypatch.setenv(name, value)
        wiring.cache_clear()
        yield queue
        wiring.cache_clear()


def test_a_fresh_stack_routes_and_says_what_is_not_set_up(aws: str) -> None:
    """The wiring as it is deployed, over the adapters: routed into one message for each channel, none of which can be paid yet."""
    incident = Night(wiring().incidents).opened().story.incident
    changed = IncidentChanged(incident_id=incident.id, version=incident.version)
    assert lambda_handler({"Records": [record(changed, 0)]}, Context()) == {"batchItemFailures": []}
    received = boto3.client("sqs").receive_message(QueueUrl=aws, MaxNumberOfMessages=10)["Messages"]
    due = [read_message(message["Body"]) for message in received]
    assert all(isinstance(message, DeliveryDue) for message in due)
    assert lambda_handler({"Records": [record(message, n) for n, message in enumerate(due)]}, Context()) == {"batchItemFailures": []}
    deliveries = wiring().incidents.rows(ID, Delivery)
    assert {delivery.status for delivery in deliveries} == {DeliveryStatus.REFUSED}
    assert all(delivery.failure.startswith("not set up: ") for delivery in deliveries)
