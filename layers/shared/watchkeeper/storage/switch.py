"""The kill switch: one item, read strongly consistent right before anything is done."""

from typing import Any

from botocore.exceptions import ClientError

from watchkeeper.errors import Permanent, WatchkeeperError
from watchkeeper.storage import layout
from watchkeeper.storage.aws import code_of, in_our_words, text


class DynamoKillSwitch:
    """The KillSwitch port. No item means that actions may run."""

    def __init__(self, client: Any, table: str) -> None:
        self._client, self._table = client, table

    def thrown(self) -> str:
        try:
            with in_our_words("dynamodb:GetItem", self._table):
                item = self._client.get_item(TableName=self._table, Key=layout.key("SWITCH", "ACTIONS"), ConsistentRead=True).get("Item")
        except WatchkeeperError as error:
            return f"the kill switch cannot be read, which counts as thrown: {error}"
        return f"thrown by {item['who']['S']}: {item['why']['S']}" if item else ""

    def throw(self, who: str, why: str) -> None:
        with in_our_words("dynamodb:PutItem", self._table):
            self._client.put_item(TableName=self._table, Item=layout.key("SWITCH", "ACTIONS") | {"who": text(who), "why": text(why)})

    def release(self, why: str | None = None) -> bool:
        """Release it; with `why` only the stop that was thrown for exactly that. False when another one stands, which stays."""
        only = {} if why is None else {
            "ConditionExpression": "attribute_not_exists(pk) OR #why = :why",
            "ExpressionAttributeNames": {"#why": "why"},
            "ExpressionAttributeValues": {":why": text(why)},
        }  # fmt: skip
        try:
            with in_our_words("dynamodb:DeleteItem", self._table):
                self._client.delete_item(TableName=self._table, Key=layout.key("SWITCH", "ACTIONS"), **only)
        except Permanent as error:
            if isinstance(error.__cause__, ClientError) and code_of(error.__cause__) == "ConditionalCheckFailedException":
                return False
            raise
        return True
