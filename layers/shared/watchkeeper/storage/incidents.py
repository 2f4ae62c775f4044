"""Incidents and their audit chains in DynamoDB. What changes together is one TransactWriteItems, guarded by what it was decided on."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from watchkeeper.change import Change, Owed
from watchkeeper.episodes import Episode
from watchkeeper.errors import AlreadyWritten, Permanent, Stale, Throttled
from watchkeeper.models import AuditRecord, Delivery, Revised
from watchkeeper.storage import layout
from watchkeeper.storage.aws import code_of, in_our_words, number
from watchkeeper.storage.reading import DynamoReader

if TYPE_CHECKING:
    from watchkeeper.aside import Aside

Item = dict[str, Any]
Operations = list[tuple[str, Item]]
MOST_OPERATIONS = 100
FRESH = {"ConditionExpression": "attribute_not_exists(pk)"}

_SLOW = {"ThrottlingError", "ProvisionedThroughputExceeded"}


class DynamoIncidents(DynamoReader):
    """The Incidents port over two tables."""

    def settle(self, owed: Owed) -> None:
        with in_our_words("dynamodb:DeleteItem", self._table):
            self._client.delete_item(TableName=self._table, Key=layout.key(owed.incident_id, f"OWED#{owed.id}"))

    def put_delivery(self, delivery: Delivery) -> None:
        item = layout.row_item(delivery.incident_id, delivery) | {"revision": number(delivery.revision)}
        self._put_revision(item, delivery.revision, f"{delivery.channel} of {delivery.incident_id}")

    def append(self, record: AuditRecord) -> None:
        try:
            with in_our_words("dynamodb:PutItem", self._audit):
                self._client.put_item(TableName=self._audit, Item=layout.audit_item(record), **FRESH)
        except Permanent as error:
            if _overtaken(error):
                raise Stale(f"record {record.seq} of {record.incident_id} was written by another worker") from error
            raise

    def put_episode(self, episode: Episode, aside: "Sequence[Aside]" = ()) -> None:
        if not aside:
            return self._put_revision(layout.episode_item(episode), episode.revision, f"the episode of {episode.fingerprint}")
        rows = [("new", self._put(layout.aside_item(row), **FRESH)) for row in aside]
        return self._transact([self._episode(episode), *rows], f"the episode of {episode.fingerprint}")

    def put_revised(self, document: Revised) -> None:
        self._put_revision(layout.revised_item(document), document.revision, document.name)

    def tally(self, incident_id: str, fingerprint: str, duplicates: int) -> None:
        with in_our_words("dynamodb:UpdateItem", self._table):
            self._client.update_item(
                TableName=self._table,
                Key=layout.key(incident_id, f"TALLY#{fingerprint}"),
                UpdateExpression="ADD duplicates :more",
                ExpressionAttributeValues={":more": number(duplicates)},
            )

    def write(self, *changes: Change) -> None:
        operations = [operation for change in changes for operation in self._operations(change)]
        self._transact(operations, ", ".join(f"{c.incident.id} since version {c.incident.version - 1}" for c in changes))

    def _put_revision(self, item: Item, revision: int, what: str) -> None:
        try:
            with in_our_words("dynamodb:PutItem", self._table):
                self._client.put_item(TableName=self._table, Item=item, **_unless_newer("revision", revision - 1))
        except Permanent as error:
            if _overtaken(error):
                raise Stale(f"{what} was changed by another worker") from error
            raise

    def _transact(self, operations: Operations, what: str) -> None:
        """All of it or none; which condition failed says whether somebody was first or it was done before."""
        if len(operations) > MOST_OPERATIONS:
            raise Permanent(f"{what}: {len(operations)} writes do not fit into one transaction; they have to be several changes")
        try:
            with in_our_words("dynamodb:TransactWriteItems", self._table):
                self._client.transact_write_items(TransactItems=[operation for _, operation in operations])
        except Permanent as error:
            cause = error.__cause__
            if not isinstance(cause, ClientError) or code_of(cause) != "TransactionCanceledException":
                raise
            reasons = [reason.get("Code") or "None" for reason in cause.response.get("CancellationReasons", [])]
            failed = {(meaning, code) for (meaning, _), code in zip(operations, reasons, strict=False) if code != "None"}
            raise (_meant(failed, what) or error) from cause

    def _operations(self, change: Change) -> Operations:
        """Each write with what its refusal would mean: `guarded` somebody was first, `new` it was done before."""
        incident, at = change.incident, change.incident.updated_at
        operations = [("guarded", self._put(layout.incident_item(incident), **_unless_newer("version", incident.version - 1)))]
        operations += [self._episode(episode) for episode in change.episodes]
        operations += [self._revised(document) for document in change.revised]
        if change.cooldown:
            guard = {
                "ConditionExpression": "attribute_not_exists(pk) OR #until <= :at",
                "ExpressionAttributeNames": {"#until": "until"},
                "ExpressionAttributeValues": {":at": number(int(change.cooldown.taken_at.timestamp()))},
            }
            operations.append(("new", self._put(layout.cooldown_item(change.cooldown), **guard)))
        operations += [("new", self._put(layout.row_item(incident.id, row), **FRESH)) for row in change.new]
        operations += [("plain", self._put(layout.row_item(incident.id, row))) for row in change.rows]
        operations += [("plain", {"Delete": {"TableName": self._table, "Key": layout.key(*place)}}) for place in change.gone]
        operations += [("plain", self._put(layout.link_item(link, change))) for link in change.links]
        operations += [("plain", self._put(layout.owed_item(debt, at))) for debt in change.debts]
        if incident.version == 1:
            operations += [("plain", self._put(layout.resource_item(incident, resource))) for resource in incident.resources]
        operations += [("guarded", {"Put": {"TableName": self._audit, "Item": layout.audit_item(r), **FRESH}}) for r in change.records]
        return operations

    def _episode(self, episode: Episode) -> tuple[str, Item]:
        return "guarded", self._put(layout.episode_item(episode), **_unless_newer("revision", episode.revision - 1))

    def _revised(self, document: Revised) -> tuple[str, Item]:
        return "guarded", self._put(layout.revised_item(document), **_unless_newer("revision", document.revision - 1))

    def _put(self, item: Item, **condition: Any) -> Item:
        return {"Put": {"TableName": self._table, "Item": item, **condition}}


def _overtaken(error: Permanent) -> bool:
    """Did the condition of a single write fail?"""
    return isinstance(error.__cause__, ClientError) and code_of(error.__cause__) == "ConditionalCheckFailedException"


def _unless_newer(attribute: str, read: int) -> Item:
    """The condition that nobody wrote since we read this number; 0 means that there was nothing."""
    if read == 0:
        return {"ConditionExpression": "attribute_not_exists(pk)"}
    return {
        "ConditionExpression": "#guard = :read",
        "ExpressionAttributeNames": {"#guard": attribute},
        "ExpressionAttributeValues": {":read": number(read)},
    }


def _meant(failed: set[tuple[str, str]], what: str) -> Exception | None:
    """What the refusal of a transaction means; none where trying again cannot help, as with an item that is too large."""
    codes = {code for _, code in failed}
    if codes - {"ConditionalCheckFailed", "TransactionConflict"} - _SLOW:
        return None
    if codes & {"ConditionalCheckFailed", "TransactionConflict"}:
        first = {meaning for meaning, code in failed if code == "ConditionalCheckFailed"}
        if "new" in first and "guarded" not in first:
            return AlreadyWritten(f"{what}: this was written before")
        return Stale(f"{what} was changed by another worker")
    return Throttled(f"{what}: DynamoDB asks us to slow down")
