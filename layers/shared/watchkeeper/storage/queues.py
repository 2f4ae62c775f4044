"""The queues. A message too long for them lies in the bucket, and what crosses the queue is its claim check."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import ValidationError

from watchkeeper.messages import AnyMessage, Message, Queue, read_message
from watchkeeper.models import StoredPayload, Word
from watchkeeper.ports import Blobs
from watchkeeper.storage.aws import in_our_words

LONGEST = 200_000
LONGEST_GROUP = 128


class ClaimCheck(Word):
    """Where the real message lies."""

    kind: Literal["claim_check"] = "claim_check"
    stored: StoredPayload


class SqsOutbox:
    """The Outbox port. `urls` has the queues that this Lambda may send to."""

    def __init__(self, client: Any, urls: Mapping[Queue, str], blobs: Blobs) -> None:
        self._client, self._urls, self._blobs = client, urls, blobs

    def send(self, messages: Sequence[Message]) -> None:
        for message in messages:
            url = self._urls[message.queue]
            fifo = {"MessageGroupId": _group(message.group), "MessageDeduplicationId": message.id} if message.group else {}
            with in_our_words("sqs:SendMessage", url):
                self._client.send_message(QueueUrl=url, MessageBody=self._body(message), **fifo)

    def _body(self, message: Message) -> str:
        body = message.model_dump_json()
        if len(body.encode()) <= LONGEST:
            return body
        return ClaimCheck(stored=self._blobs.put(f"messages/{message.id}.json", body.encode())).model_dump_json()


def _group(name: str) -> str:
    """SQS takes 128 characters for a group; a longer ARN goes by its digest."""
    return name if len(name) <= LONGEST_GROUP else hashlib.sha256(name.encode()).hexdigest()


def redeem(body: str, blobs: Blobs) -> str:
    """The real body of a record that holds a claim check; any other as it is."""
    if '"claim_check"' not in body[:60]:
        return body
    try:
        check = ClaimCheck.model_validate_json(body)
    except ValidationError:
        return body
    return blobs.get(check.stored).decode()


def receive_message(body: str, blobs: Blobs) -> AnyMessage:
    """The message of a queue record, fetched from the bucket where it was too long."""
    return read_message(redeem(body, blobs))
