"""SQS queues that others' dead letters lie in.

Alerts name a queue, which may be the dead letter queue itself or the one whose messages died: both lead here. How many messages
wait changes by itself, so it is health; whose they are is state.
"""

import json
from typing import Any

from remediation.ports import Sighting
from watchkeeper.errors import Permanent
from watchkeeper.models import Resource
from watchkeeper.storage.aws import code_of, in_our_words

TYPE = "sqs:dead-letter-queue"
MOST_PAGES = 10
_ABSENT = {"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"}


def see(clients: Any, target: Resource) -> Sighting:
    """The queue with its tags, and the name of the queue whose messages it holds: `none` for no dead letter queue."""
    client = clients("sqs")
    url = url_of(client, target.id)
    if not url:
        return Sighting()
    attributes = attributes_of(client, url, target.id)
    with in_our_words("sqs:ListQueueTags", target.id):
        tags = client.list_queue_tags(QueueUrl=url).get("Tags", {})
    return Sighting(
        exists=True,
        account=attributes["QueueArn"].split(":")[4],
        region=client.meta.region_name,
        name=target.id,
        tags=tags,
        state={"source": ", ".join(sources_of(client, url, target.id)) or "none"},
        health={"messages": "waiting" if int(attributes["ApproximateNumberOfMessages"]) else "none"},
    )


def reach(clients: Any, start: Resource) -> list[Resource]:
    """The queue where this one's messages die; where none is named, this one, if others' messages die in it."""
    if start.type != "sqs:queue":
        return []
    client = clients("sqs")
    url = url_of(client, start.id)
    if not url:
        return []
    attributes = attributes_of(client, url, start.id)
    named = dead_letters_of(attributes)
    if named:
        return [_queue(named)]
    return [_queue(attributes["QueueArn"])] if sources_of(client, url, start.id) else []


def dead_letters_of(attributes: dict[str, str]) -> str:
    """The ARN of the queue that a redrive policy names; empty where there is none."""
    named: str = json.loads(attributes.get("RedrivePolicy") or "{}").get("deadLetterTargetArn", "")
    return named


def _queue(arn: str) -> Resource:
    _, _, _, region, account, name = arn.split(":")
    return Resource(type=TYPE, id=name, arn=arn, account=account, region=region, trusted=True)


def url_of(client: Any, name: str) -> str:
    """The address of the queue of this name; empty where there is none."""
    try:
        with in_our_words("sqs:GetQueueUrl", name):
            url: str = client.get_queue_url(QueueName=name)["QueueUrl"]
    except Permanent as error:
        if code_of(error.__cause__) in _ABSENT:
            return ""
        raise
    return url


def attributes_of(client: Any, url: str, name: str) -> dict[str, str]:
    """Its ARN, where its messages die, and how many it holds."""
    with in_our_words("sqs:GetQueueAttributes", name):
        wanted = ["QueueArn", "RedrivePolicy", "ApproximateNumberOfMessages"]
        found: dict[str, str] = client.get_queue_attributes(QueueUrl=url, AttributeNames=wanted)["Attributes"]
    return found


def sources_of(client: Any, url: str, name: str) -> list[str]:
    """The names of the queues whose messages die in it, sorted."""
    found: list[str] = []
    more: dict[str, str] = {}
    for _ in range(MOST_PAGES):
        with in_our_words("sqs:ListDeadLetterSourceQueues", name):
            page = client.list_dead_letter_source_queues(QueueUrl=url, **more)
        found += [one.rsplit("/", 1)[-1] for one in page.get("queueUrls", [])]
        if not page.get("NextToken"):
            break
        more = {"NextToken": page["NextToken"]}
    return sorted(found)
