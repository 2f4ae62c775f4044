"""Which calls were begun and how they ended: TOOL#token in the incidents table. A token begins one call and never another."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from botocore.exceptions import ClientError

from watchkeeper.ids import Clock
from watchkeeper.storage import layout
from watchkeeper.storage.aws import code_of, in_our_words, number, text

KEEP = timedelta(days=35)


@dataclass(frozen=True)
class Entry:
    """A call that was begun: what it was, and the answer as JSON once there is one."""

    digest: str
    answer: str = ""


class Journal(Protocol):
    """One entry for a token."""

    def begin(self, token: str, digest: str) -> Entry | None:
        """None where this token begins now; else what it began before. Of two at once, one gets none."""

    def end(self, token: str, answer: str) -> None:
        """How the call ended."""


class DynamoJournal:
    """The Journal port, by conditional writes."""

    def __init__(self, client: Any, table: str, clock: Clock) -> None:
        self._client, self._table, self._clock = client, table, clock

    def begin(self, token: str, digest: str) -> Entry | None:
        expires = int((self._clock() + KEEP).timestamp())
        item = _key(token) | {"digest": text(digest), "answer": text(""), "expires": number(expires)}
        with in_our_words("dynamodb:PutItem", self._table):
            try:
                self._client.put_item(TableName=self._table, Item=item, ConditionExpression="attribute_not_exists(pk)")
            except ClientError as error:
                if code_of(error) != "ConditionalCheckFailedException":
                    raise
                return self._entry(token)
        return None

    def end(self, token: str, answer: str) -> None:
        with in_our_words("dynamodb:UpdateItem", self._table):
            self._client.update_item(
                TableName=self._table,
                Key=_key(token),
                UpdateExpression="SET answer = :answer",
                ConditionExpression="attribute_exists(pk)",
                ExpressionAttributeValues={":answer": text(answer)},
            )

    def _entry(self, token: str) -> Entry:
        with in_our_words("dynamodb:GetItem", self._table):
            item = self._client.get_item(TableName=self._table, Key=_key(token), ConsistentRead=True)["Item"]
        return Entry(item["digest"]["S"], item["answer"]["S"])


def _key(token: str) -> dict[str, Any]:
    return layout.key(f"TOOL#{token}", "CALL")
