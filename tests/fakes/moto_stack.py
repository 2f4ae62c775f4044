"""The stack's tables, bucket and queues in moto, with the environment that its functions read; and a Lambda context."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tests.fakes.tables import create_tables
from tests.fakes.template import ROOT

REGION = "eu-west-1"
FIFO = {"remediation", "distribution"}


class Context:
    """As much of a Lambda context as is read."""

    function_name, memory_limit_in_mb, aws_request_id = "watchkeeper", 256, "request"
    invoked_function_arn = f"arn:aws:lambda:{REGION}:123456789012:function:watchkeeper"


@contextmanager
def moto_stack(monkeypatch: pytest.MonkeyPatch, *caches: Any) -> Iterator[None]:
    """Within it, AWS is moto. `caches` are cleared before and after, because a wiring is kept for a process."""
    environment = {
        "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION,
        "WATCHKEEPER_CONFIG": str(ROOT / "config"), "INCIDENTS_TABLE": "incidents", "AUDIT_TABLE": "audit", "BUCKET": "bucket",
        "RUNBOOK_PREFIX": "watchkeeper", "RUNBOOK_ROLE_PREFIX": "arn:aws:iam::123456789012:role/watchkeeper-runbook",
    }  # fmt: skip
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    for cached in caches:
        cached.cache_clear()
    with mock_aws():
        create_tables(boto3.client("dynamodb"))
        place = {"LocationConstraint": REGION}
        boto3.client("s3").create_bucket(Bucket="bucket", CreateBucketConfiguration=place, ObjectLockEnabledForBucket=True)
        for name in ("intake", "analysis", "remediation", "distribution"):
            monkeypatch.setenv(f"{name.upper()}_QUEUE_URL", _queue(name))
        yield
    for cached in caches:
        cached.cache_clear()


def _queue(name: str) -> str:
    fifo = {"QueueName": f"{name}.fifo", "Attributes": {"FifoQueue": "true"}} if name in FIFO else {"QueueName": name}
    url: str = boto3.client("sqs").create_queue(**fifo)["QueueUrl"]
    return url


def lying_in(url: str) -> list[str]:
    """The bodies of the messages in a queue."""
    answer = boto3.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)
    return [message["Body"] for message in answer.get("Messages", [])]
