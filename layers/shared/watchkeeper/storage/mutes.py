"""What people have muted: an item each in one partition of the incidents table, gone by itself when its time is over."""

from datetime import datetime
from typing import Any

from pydantic import ValidationError

from watchkeeper.quiet import Mute
from watchkeeper.storage import layout
from watchkeeper.storage.aws import in_our_words, number, text
from watchkeeper.telemetry import logger

MOST = 200


class DynamoMutes:
    """The Mutes port."""

    def __init__(self, client: Any, table: str) -> None:
        self._client, self._table = client, table

    def all(self, at: datetime) -> list[Mute]:
        with in_our_words("dynamodb:Query", self._table):
            found = self._client.query(
                TableName=self._table,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": text("MUTES")},
                Limit=MOST,
            )
        mutes = [mute for item in found["Items"] if (mute := _read(item["doc"]["S"]))]
        return [mute for mute in mutes if mute.until > at]

    def put(self, mute: Mute) -> None:
        place, expires = layout.key("MUTES", f"MUTE#{mute.id}"), number(int(mute.until.timestamp()))
        with in_our_words("dynamodb:PutItem", self._table):
            self._client.put_item(TableName=self._table, Item=place | {"doc": text(mute.model_dump_json()), "expires": expires})

    def remove(self, mute_id: str) -> None:
        with in_our_words("dynamodb:DeleteItem", self._table):
            self._client.delete_item(TableName=self._table, Key=layout.key("MUTES", f"MUTE#{mute_id}"))


def _read(doc: str) -> Mute | None:
    """None for one that a newer command line wrote and this version cannot read: better a page too many than no reception."""
    try:
        return Mute.model_validate_json(doc)
    except ValidationError:
        logger.exception("a mute cannot be read and keeps nothing quiet")
        return None
