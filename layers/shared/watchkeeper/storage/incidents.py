"""Incidents and their audit chains in DynamoDB. One change is one TransactWriteItems, guarded by what it was decided on."""

from datetime import UTC, datetime
from typing import Any, TypeVar

from botocore.exceptions import ClientError

from watchkeeper.audit import Anchor
from watchkeeper.change import Change, Owed
from watchkeeper.episodes import Episode
from watchkeeper.errors import AlreadyWritten, Stale
from watchkeeper.messages import read_message
from watchkeeper.models import AuditRecord, Delivery, Due, Incident, Row
from watchkeeper.storage import layout
from watchkeeper.storage.aws import code_of, in_our_words, number, text

R = TypeVar("R", bound=Row)
Item = dict[str, Any]
MONTHS_BACK = 13


class DynamoIncidents:
    """The Incidents port over two tables."""

    def __init__(self, client: Any, incidents_table: str, audit_table: str) -> None:
        self._client, self._table, self._audit = client, incidents_table, audit_table

    def load(self, incident_id: str) -> Incident | None:
        item = self._get(incident_id, "META")
        return Incident.model_validate_json(item["doc"]["S"]) if item else None

    def row(self, incident_id: str, kind: type[R], key: str) -> R | None:
        item = self._get(incident_id, f"{kind.prefix}#{key}")
        return kind.model_validate_json(item["doc"]["S"]) if item else None

    def rows(self, incident_id: str, kind: type[R]) -> list[R]:
        items = self._query(self._table, "pk = :pk AND begins_with(sk, :sk)", {":pk": text(incident_id), ":sk": text(f"{kind.prefix}#")})
        return [kind.model_validate_json(item["doc"]["S"]) for item in items]

    def episode(self, fingerprint: str) -> Episode:
        item = self._get(f"FP#{fingerprint}", "EPISODE")
        return Episode.model_validate_json(item["doc"]["S"]) if item else Episode(fingerprint=fingerprint)

    def linked(self, link: str) -> str | None:
        item = self._get(f"LINK#{link}", "LINK")
        return item["incident_id"]["S"] if item else None

    def cooling(self, action: str, target: str, at: datetime) -> datetime | None:
        item = self._get(f"COOL#{action}#{target}", "COOL")
        until = datetime.fromtimestamp(int(item["until"]["N"]), UTC) if item else None
        return until if until and until > at else None

    def owed(self, incident_id: str) -> list[Owed]:
        items = self._query(self._table, "pk = :pk AND begins_with(sk, :sk)", {":pk": text(incident_id), ":sk": text("OWED#")})
        return [_owed(item) for item in items]

    def owed_before(self, at: datetime, limit: int) -> list[Owed]:
        return [_owed(item) for item in self._due("owed", at, limit)]

    def due_before(self, at: datetime, limit: int) -> list[tuple[str, Due]]:
        incidents = [Incident.model_validate_json(item["doc"]["S"]) for item in self._due("incident", at, limit)]
        return [(incident.id, incident.due) for incident in incidents if incident.due]

    def settle(self, owed: Owed) -> None:
        with in_our_words("dynamodb:DeleteItem", self._table):
            self._client.delete_item(TableName=self._table, Key=layout.key(owed.incident_id, f"OWED#{owed.id}"))

    def history(self, incident_id: str) -> list[AuditRecord]:
        items = self._query(self._audit, "pk = :pk", {":pk": text(incident_id)})
        return [AuditRecord.model_validate_json(item["doc"]["S"]) for item in items]

    def recent(self, limit: int) -> list[Incident]:
        found: list[Incident] = []
        year, month = divmod(datetime.now(UTC).year * 12 + datetime.now(UTC).month - 1, 12)
        for back in range(MONTHS_BACK):
            y, m = divmod(year * 12 + month - back, 12)
            items = self._query(
                self._table, "#month = :month", {":month": text(f"{y:04d}-{m + 1:02d}")},
                IndexName="by_time", ScanIndexForward=False, ExpressionAttributeNames={"#month": "month"}, most=limit - len(found),
            )  # fmt: skip
            found += [Incident.model_validate_json(item["doc"]["S"]) for item in items]
            if len(found) >= limit:
                break
        return found[:limit]

    def put_delivery(self, delivery: Delivery) -> None:
        item = layout.row_item(delivery.incident_id, delivery) | {"revision": number(delivery.revision)}
        self._put_revision(item, delivery.revision, f"{delivery.channel} of {delivery.incident_id}")

    def put_episode(self, episode: Episode) -> None:
        self._put_revision(layout.episode_item(episode), episode.revision, f"the episode of {episode.fingerprint}")

    def _put_revision(self, item: Item, revision: int, what: str) -> None:
        try:
            with in_our_words("dynamodb:PutItem", self._table):
                self._client.put_item(TableName=self._table, Item=item, **_unless_newer("revision", revision - 1))
        except Exception as error:
            if isinstance(error.__cause__, ClientError) and code_of(error.__cause__) == "ConditionalCheckFailedException":
                raise Stale(f"{what} was changed by another worker") from error
            raise

    def write(self, change: Change) -> None:
        operations = self._operations(change)
        try:
            with in_our_words("dynamodb:TransactWriteItems", self._table):
                self._client.transact_write_items(TransactItems=[operation for _, operation in operations])
        except Exception as error:
            cause = error.__cause__
            if not isinstance(cause, ClientError) or code_of(cause) != "TransactionCanceledException":
                raise
            failed = {
                meaning
                for (meaning, _), reason in zip(operations, cause.response.get("CancellationReasons", []), strict=False)
                if reason.get("Code") not in {None, "None"}
            }
            if "new" in failed and "guarded" not in failed:
                raise AlreadyWritten(f"{change.incident.id}: this was written before") from error
            raise Stale(f"{change.incident.id} was changed by another worker since version {change.incident.version - 1}") from error

    def _operations(self, change: Change) -> list[tuple[str, Item]]:
        """Each write with what its refusal would mean: `guarded` somebody was first, `new` it was done before."""
        incident, at = change.incident, change.incident.updated_at
        operations = [("guarded", self._put(layout.incident_item(incident), **_unless_newer("version", incident.version - 1)))]
        if change.episode:
            guard = _unless_newer("revision", change.episode.revision - 1)
            operations.append(("guarded", self._put(layout.episode_item(change.episode), **guard)))
        if change.cooldown:
            guard = {
                "ConditionExpression": "attribute_not_exists(pk) OR #until <= :at",
                "ExpressionAttributeNames": {"#until": "until"},
                "ExpressionAttributeValues": {":at": number(int(change.cooldown.taken_at.timestamp()))},
            }
            operations.append(("new", self._put(layout.cooldown_item(change.cooldown), **guard)))
        fresh = {"ConditionExpression": "attribute_not_exists(pk)"}
        operations += [("new", self._put(layout.row_item(incident.id, row), **fresh)) for row in change.new]
        operations += [("plain", self._put(layout.row_item(incident.id, row))) for row in change.rows]
        operations += [("plain", self._put(layout.link_item(link, change))) for link in change.links]
        operations += [("plain", self._put(layout.owed_item(debt, at))) for debt in change.debts]
        if incident.version == 1:
            operations += [("plain", self._put(layout.resource_item(incident, resource))) for resource in incident.resources]
        operations += [("guarded", {"Put": {"TableName": self._audit, "Item": layout.audit_item(r), **fresh}}) for r in change.records]
        return operations

    def _put(self, item: Item, **condition: Any) -> Item:
        return {"Put": {"TableName": self._table, "Item": item, **condition}}

    def _get(self, pk: str, sk: str) -> Item | None:
        with in_our_words("dynamodb:GetItem", self._table):
            found: Item | None = self._client.get_item(TableName=self._table, Key=layout.key(pk, sk), ConsistentRead=True).get("Item")
        return found

    def _due(self, what: str, at: datetime, limit: int) -> list[Item]:
        return self._query(
            self._table, "#due = :due AND due_at <= :at", {":due": text(what), ":at": text(layout.stamp(at))},
            IndexName="due", ExpressionAttributeNames={"#due": "due"}, most=limit,
        )  # fmt: skip

    def _query(self, table: str, condition: str, values: Item, most: int = 2000, **options: Any) -> list[Item]:
        """All items, page after page, up to `most`; strongly consistent on the table itself."""
        consistent = {} if "IndexName" in options else {"ConsistentRead": True}
        items: list[Item] = []
        start: Item = {}
        while len(items) < most:
            with in_our_words("dynamodb:Query", table):
                page = self._client.query(
                    TableName=table, KeyConditionExpression=condition, ExpressionAttributeValues=values,
                    Limit=most - len(items), **consistent, **options, **start,
                )  # fmt: skip
            items += page["Items"]
            if "LastEvaluatedKey" not in page:
                break
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
        return items


def _unless_newer(attribute: str, read: int) -> Item:
    """The condition that nobody wrote since we read this number; 0 means that there was nothing."""
    if read == 0:
        return {"ConditionExpression": "attribute_not_exists(pk)"}
    return {
        "ConditionExpression": "#guard = :read",
        "ExpressionAttributeNames": {"#guard": attribute},
        "ExpressionAttributeValues": {":read": number(read)},
    }


def _owed(item: Item) -> Owed:
    incident_id, owed_id = item["pk"]["S"], item["sk"]["S"].removeprefix("OWED#")
    if "message" in item:
        return Owed(incident_id, owed_id, message=read_message(item["message"]["S"]))
    return Owed(incident_id, owed_id, anchor=Anchor.model_validate_json(item["anchor"]["S"]))
