"""Analyses by signature, and the purses that model calls are paid from, in one table."""

from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from watchkeeper.errors import Permanent
from watchkeeper.ids import Clock
from watchkeeper.models import Analysis
from watchkeeper.storage.aws import code_of, in_our_words, number, text


class DynamoAnalyses:
    """The AnalysisCache port. A cached analysis is gone when its time is over, even before DynamoDB deletes it."""

    def __init__(self, client: Any, table: str, clock: Clock, ttl: timedelta) -> None:
        self._client, self._table, self._clock, self._ttl = client, table, clock, ttl

    def find(self, signature: str) -> Analysis | None:
        try:
            with in_our_words("dynamodb:UpdateItem", self._table):
                item = self._client.update_item(
                    TableName=self._table,
                    Key={"pk": text(f"SIG#{signature}")},
                    UpdateExpression="ADD hits :one",
                    ConditionExpression="expires > :now",
                    ExpressionAttributeValues={":one": number(1), ":now": number(_epoch(self._clock()))},
                    ReturnValues="ALL_NEW",
                )["Attributes"]
        except Permanent as error:
            if _refused(error):
                return None
            raise
        return Analysis.model_validate_json(item["doc"]["S"])

    def keep(self, analysis: Analysis) -> None:
        item = {
            "pk": text(f"SIG#{analysis.signature}"),
            "doc": text(analysis.model_dump_json()),
            "hits": number(0),
            "expires": number(_epoch(self._clock() + self._ttl)),
        }
        with in_our_words("dynamodb:PutItem", self._table):
            self._client.put_item(TableName=self._table, Item=item)


class DynamoBudget:
    """The Budget port. Micro-dollars in a counter that a condition keeps under its cap."""

    def __init__(self, client: Any, table: str, clock: Clock) -> None:
        self._client, self._table, self._clock = client, table, clock

    def reserve(self, purse: str, usd: float, cap_usd: float) -> bool:
        if usd > cap_usd:
            return False
        try:
            self._add(purse, usd, "attribute_not_exists(spent) OR spent <= :room", {":room": number(_micros(cap_usd) - _micros(usd))})
        except Permanent as error:
            if _refused(error):
                return False
            raise
        return True

    def settle(self, purse: str, reserved_usd: float, spent_usd: float) -> None:
        self._add(purse, spent_usd - reserved_usd, None, {})

    def _add(self, purse: str, usd: float, condition: str | None, values: dict[str, Any]) -> None:
        values = values | {":add": number(_micros(usd)), ":expires": number(_epoch(self._clock() + timedelta(days=62)))}
        guard = {"ConditionExpression": condition} if condition else {}
        with in_our_words("dynamodb:UpdateItem", self._table):
            self._client.update_item(
                TableName=self._table,
                Key={"pk": text(f"PURSE#{purse}")},
                UpdateExpression="SET expires = :expires ADD spent :add",
                ExpressionAttributeValues=values,
                **guard,
            )


def _epoch(at: datetime) -> int:
    return int(at.timestamp())


def _micros(usd: float) -> int:
    return round(usd * 1_000_000)


def _refused(error: Permanent) -> bool:
    return isinstance(error.__cause__, ClientError) and code_of(error.__cause__) == "ConditionalCheckFailedException"
