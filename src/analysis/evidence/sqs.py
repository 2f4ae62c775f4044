"""The state of the queues near the incident: what waits in them, and what their dead-letter queues hold.

sqs:queue orders: visible 1200, in flight 20, delayed 0, visibility timeout 30 s
dead letters orders-dead: visible 45, after 5 receives
dead letters: none
"""

import json
from collections.abc import Iterator
from typing import Any

from analysis.evidence.ask import Ask, Collector, Found, Nothing
from analysis.evidence.each_resource import also, answer, each, names
from watchkeeper.arns import from_arn
from watchkeeper.models import Resource

URL, ATTRIBUTES = "sqs:GetQueueUrl", "sqs:GetQueueAttributes"
KIND = "sqs:queue"
ABSENT = ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist")
ASKED = (
    "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed",
    "VisibilityTimeout", "RedrivePolicy",
)  # fmt: skip


def collect(ask: Ask) -> Found | Nothing:
    """GetQueueUrl and GetQueueAttributes for each queue, and for the one that its dead letters go to."""
    return each(ask, ask.near(KIND), _queue, f"Not there: {names(ask.near(KIND))}.")


def _queue(ask: Ask, resource: Resource) -> Iterator[str]:
    client = ask.client("sqs", ask.region_of(resource))
    said = _attributes(client, resource.id)
    if said is None:
        return
    figures = (
        f"visible {said.get(ASKED[0], '0')}, in flight {said.get(ASKED[1], '0')}, delayed {said.get(ASKED[2], '0')}, "
        f"visibility timeout {said.get(ASKED[3], '0')} s"
    )
    yield f"sqs:queue {resource.id}: {figures}"
    yield from also(ask, lambda: _dead_letters(client, said.get("RedrivePolicy", "")))


def _dead_letters(client: Any, policy: str) -> list[str]:
    """How many messages were given up, by the queue that the redrive policy names."""
    redrive: dict[str, Any] = json.loads(policy or "{}")
    dead = from_arn(str(redrive.get("deadLetterTargetArn", "")), trusted=True)
    if dead is None:
        return ["dead letters: none"]
    said = _attributes(client, dead.id)
    held = "not there" if said is None else f"visible {said.get(ASKED[0], '0')}"
    return [f"dead letters {dead.id}: {held}, after {redrive.get('maxReceiveCount', 'unknown')} receives"]


def _attributes(client: Any, name: str) -> dict[str, str] | None:
    where = answer(URL, name, ABSENT, client.get_queue_url, QueueName=name)
    if where is None:
        return None
    said = answer(ATTRIBUTES, name, ABSENT, client.get_queue_attributes, QueueUrl=where["QueueUrl"], AttributeNames=list(ASKED))
    return None if said is None else said.get("Attributes", {})


COLLECTOR = Collector(
    name="sqs",
    order=58,
    provenance="the SQS API, measured",
    applies=lambda ask: bool(ask.near(KIND)),
    asked=lambda ask: f"What waits in {names(ask.near(KIND))}, and what was given up?",
    collect=collect,
    permissions=(URL, ATTRIBUTES),
)
