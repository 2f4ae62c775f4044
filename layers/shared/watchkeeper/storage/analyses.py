"""Analyses by signature, and the purses that model calls are paid from, in one table."""

import random
import time
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from watchkeeper.errors import Permanent, Throttled
from watchkeeper.ids import Clock
from watchkeeper.models import Analysis
from watchkeeper.storage.aws import code_of, in_our_words, number, text

A_DAYS_PURSE, A_PURSE = timedelta(days=3), timedelta(days=62)
MOST_TRIES, FIRST_PAUSE, LONGEST_PAUSE = 8, 0.02, 0.5
AGAIN = {"None", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}


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

    def forget(self, signature: str) -> None:
        with in_our_words("dynamodb:DeleteItem", self._table):
            self._client.delete_item(TableName=self._table, Key={"pk": text(f"SIG#{signature}")})


class DynamoBudget:
    """The Budget port. Micro-dollars in a counter for each purse, which a condition keeps under its cap.

    All purses of a reservation change in one transaction, so that none is charged for what another had no room for. Who dies
    between reserve and settle leaves the money reserved, and who settles twice gives it back twice: the caller settles once.
    """

    def __init__(
        self,
        client: Any,
        table: str,
        clock: Clock,
        pause: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._client, self._table, self._clock, self._pause, self._chance = client, table, clock, pause, chance

    def reserve(self, purses: Mapping[str, float], usd: float) -> str:
        rooms = {purse: _micros(cap) - _micros(usd) for purse, cap in purses.items()}
        full = self._changed([self._addition(purse, _micros(usd), room) for purse, room in rooms.items()])
        return next((purse for purse, is_full in zip(rooms, full, strict=False) if is_full), "")

    def settle(self, purses: Collection[str], reserved_usd: float, spent_usd: float) -> None:
        back = _micros(spent_usd) - _micros(reserved_usd)
        if back and purses:
            self._changed([self._addition(purse, back) for purse in purses])

    def _changed(self, additions: list[dict[str, Any]]) -> list[bool]:
        """For each purse, was it the one without room? None was where all of it is written. Workers who want the same purse at
        the same moment are refused by DynamoDB, all but one, and come back; Throttled when that goes on for too long."""
        for number_of_waits in range(MOST_TRIES):
            reasons = self._written(additions)
            if "ConditionalCheckFailed" in reasons or not reasons:
                return [reason == "ConditionalCheckFailed" for reason in reasons]
            if number_of_waits < MOST_TRIES - 1:
                self._pause(self._chance() * min(LONGEST_PAUSE, FIRST_PAUSE * 2**number_of_waits))
        raise Throttled(f"dynamodb:UpdateItem on {self._table}: too many workers want the same purse")

    def _written(self, additions: list[dict[str, Any]]) -> list[str]:
        """Nothing when it is written, else DynamoDB's reason for each. The SDK's own repetitions carry one token and change nothing."""
        try:
            with in_our_words("dynamodb:UpdateItem", self._table):
                self._client.transact_write_items(TransactItems=additions)
        except Permanent as error:
            reasons = _reasons(error)
            if not reasons or set(reasons) - AGAIN - {"ConditionalCheckFailed"}:
                raise
            return reasons
        return []

    def _addition(self, purse: str, micros: int, room: int | None = None) -> dict[str, Any]:
        """A purse that is not there yet is empty, and has room for no more than its cap."""
        expires = _epoch(self._clock() + (A_DAYS_PURSE if purse.startswith("day") else A_PURSE))
        update: dict[str, Any] = {
            "TableName": self._table,
            "Key": {"pk": text(f"PURSE#{purse}")},
            "UpdateExpression": "SET expires = :expires ADD spent :add",
            "ExpressionAttributeValues": {":add": number(micros), ":expires": number(expires)},
        }
        if room is not None:
            update["ConditionExpression"] = "attribute_not_exists(spent) OR spent <= :room" if room >= 0 else "spent <= :room"
            update["ExpressionAttributeValues"][":room"] = number(room)
        return {"Update": update}


def _reasons(error: Permanent) -> list[str]:
    """Why a transaction was cancelled, a word for each of its writes; empty where that is not what happened."""
    cause = error.__cause__
    if not isinstance(cause, ClientError) or code_of(cause) != "TransactionCanceledException":
        return []
    return [reason.get("Code") or "None" for reason in cause.response.get("CancellationReasons", [])]


def _epoch(at: datetime) -> int:
    return int(at.timestamp())


def _micros(usd: float) -> int:
    return round(usd * 1_000_000)


def _refused(error: Permanent) -> bool:
    return isinstance(error.__cause__, ClientError) and code_of(error.__cause__) == "ConditionalCheckFailedException"
