"""Queues of the emulated account, with their dead letters; and a theatre whose SQS can move them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from local.sqs.server import serving
from tests.actions.theatre import Theatre

OURS = {"AutoRemediate": "true"}


@contextmanager
def moving(theatre: Theatre) -> Iterator[Theatre]:
    """A theatre of the same account, whose SQS is behind the door of local/sqs."""
    with serving(theatre.account) as (_, url):
        made = Theatre(replace(theatre.account, doors=(("sqs", url),)))
        yield made
        made.simulator.stop_all()


def a_pair(
    theatre: Theatre, name: str, letters: int = 3, tags: dict[str, str] | None = None, source_tags: dict[str, str] | None = None
) -> str:
    """A queue of this name with so many dead letters in another, whose name it gives back."""
    sqs = theatre.client("sqs")
    dead = sqs.create_queue(QueueName=f"{name}-dlq", tags=OURS if tags is None else tags)["QueueUrl"]
    policy = {"deadLetterTargetArn": arn(sqs, dead), "maxReceiveCount": 3}
    more = {"RedrivePolicy": json.dumps(policy)}
    sqs.create_queue(QueueName=name, Attributes=more, tags=OURS if source_tags is None else source_tags)
    for number in range(letters):
        sqs.send_message(QueueUrl=dead, MessageBody=f"order {number}")
    return f"{name}-dlq"


def arn(sqs: Any, url: str) -> str:
    found: str = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    return found


def lying_in(theatre: Theatre, name: str) -> int:
    """How many messages a queue holds."""
    sqs = theatre.client("sqs")
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    return int(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]["ApproximateNumberOfMessages"])
