"""What is asked of the incidents table and of the audit table: single rows, many at once, the indexes. Nothing changes here."""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from watchkeeper.audit import Anchor
from watchkeeper.change import Owed
from watchkeeper.episodes import Episode
from watchkeeper.errors import Throttled
from watchkeeper.messages import read_message
from watchkeeper.models import AuditRecord, Due, Incident, Revised, Row
from watchkeeper.ports import Found
from watchkeeper.storage import layout
from watchkeeper.storage.aws import in_our_words, text

if TYPE_CHECKING:
    from watchkeeper.aside import Aside

R = TypeVar("R", bound=Row)
D = TypeVar("D", bound=Revised)
Item = dict[str, Any]
MONTHS_BACK = 13
MOST_KEYS = 100
ROUNDS = 5


class DynamoReader:
    """The half of the Incidents port that reads."""

    def __init__(self, client: Any, incidents_table: str, audit_table: str) -> None:
        self._client, self._table, self._audit = client, incidents_table, audit_table

    def load(self, incident_id: str) -> Incident | None:
        item = self._get(incident_id, "META")
        return Incident.model_validate_json(item["doc"]["S"]) if item else None

    def row(self, incident_id: str, kind: type[R], key: str) -> R | None:
        item = self._get(incident_id, f"{kind.prefix}#{key}")
        return kind.model_validate_json(item["doc"]["S"]) if item else None

    def rows(self, incident_id: str, kind: type[R]) -> list[R]:
        items = self._partition(incident_id, f"{kind.prefix}#")
        return [kind.model_validate_json(item["doc"]["S"]) for item in items]

    def episode(self, fingerprint: str) -> Episode:
        item = self._get(f"FP#{fingerprint}", "EPISODE")
        return Episode.model_validate_json(item["doc"]["S"]) if item else Episode(fingerprint=fingerprint)

    def episodes(self, fingerprints: Collection[str]) -> dict[str, Episode]:
        items = self._many([(f"FP#{fingerprint}", "EPISODE") for fingerprint in fingerprints])
        known = [Episode.model_validate_json(item["doc"]["S"]) for item in items]
        return {fingerprint: Episode(fingerprint=fingerprint) for fingerprint in fingerprints} | {e.fingerprint: e for e in known}

    def look_up(self, incidents: Collection[str], rows: Collection[tuple[str, str]]) -> Found:
        items = self._many([*((incident_id, "META") for incident_id in incidents), *rows])
        loaded, lying = {}, set()
        for item in items:
            place = item["pk"]["S"], item["sk"]["S"]
            if place[1] == "META":
                loaded[place[0]] = Incident.model_validate_json(item["doc"]["S"])
            else:
                lying.add(place)
        return Found(loaded, frozenset(lying))

    def aside(self, fingerprint: str, limit: int) -> "list[Aside]":
        from watchkeeper.aside import Aside, partition_of  # of no use to those who set nothing aside

        items = self._partition(partition_of(fingerprint), f"{Aside.prefix}#", most=limit, ScanIndexForward=False)
        return [Aside.model_validate_json(item["doc"]["S"]) for item in items]

    def on_resource(self, resource: str, since: datetime, limit: int) -> list[Incident]:
        found = self._newest("by_resource", "resource", resource, since, limit)
        loaded = self.look_up({item["pk"]["S"] for item in found}, ()).incidents
        return [loaded[item["pk"]["S"]] for item in found if item["pk"]["S"] in loaded]

    def of_service(self, service: str, since: datetime, limit: int) -> list[Incident]:
        found = self._newest("by_service", "service", service, since, limit)
        return [Incident.model_validate_json(item["doc"]["S"]) for item in found]

    def tallied(self, incident_id: str) -> dict[str, int]:
        items = self._partition(incident_id, "TALLY#")
        return {item["sk"]["S"].removeprefix("TALLY#"): int(item["duplicates"]["N"]) for item in items}

    def linked(self, link: str) -> str | None:
        item = self._get(f"LINK#{link}", "LINK")
        return item["incident_id"]["S"] if item else None

    def cooling(self, action: str, target: str, at: datetime) -> datetime | None:
        item = self._get(f"COOL#{action}#{target}", "COOL")
        until = datetime.fromtimestamp(int(item["until"]["N"]), UTC) if item else None
        return until if until and until > at else None

    def revised(self, kind: type[D], name: str) -> D:
        item = self._get(*kind.at(name))
        return kind.model_validate_json(item["doc"]["S"]) if item else kind(name=name)

    def owed(self, incident_id: str) -> list[Owed]:
        return [_owed(item) for item in self._partition(incident_id, "OWED#")]

    def owed_before(self, at: datetime, limit: int) -> list[Owed]:
        return [_owed(item) for item in self._due("owed", at, limit)]

    def due_before(self, at: datetime, limit: int) -> list[tuple[str, Due]]:
        incidents = [Incident.model_validate_json(item["doc"]["S"]) for item in self._due("incident", at, limit)]
        return [(incident.id, incident.due) for incident in incidents if incident.due]

    def waking_before(self, at: datetime, limit: int) -> list[Episode]:
        return [Episode.model_validate_json(item["doc"]["S"]) for item in self._due("episode", at, limit)]

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

    def _get(self, pk: str, sk: str) -> Item | None:
        with in_our_words("dynamodb:GetItem", self._table):
            found: Item | None = self._client.get_item(TableName=self._table, Key=layout.key(pk, sk), ConsistentRead=True).get("Item")
        return found

    def _many(self, places: Collection[tuple[str, str]]) -> Iterator[Item]:
        """The items that lie there, a hundred keys a request; what DynamoDB leaves over is asked for again, a few times."""
        left = [layout.key(pk, sk) for pk, sk in dict.fromkeys(places)]
        rounds = -(-len(left) // MOST_KEYS) + ROUNDS
        while left:
            if not rounds:
                raise Throttled(f"dynamodb:BatchGetItem on {self._table} leaves keys unread")
            rounds -= 1
            asked = {self._table: {"Keys": left[:MOST_KEYS], "ConsistentRead": True}}
            with in_our_words("dynamodb:BatchGetItem", self._table):
                answer = self._client.batch_get_item(RequestItems=asked)
            yield from answer["Responses"].get(self._table, [])
            left = answer.get("UnprocessedKeys", {}).get(self._table, {}).get("Keys", []) + left[MOST_KEYS:]

    def _partition(self, pk: str, prefix: str, **options: Any) -> list[Item]:
        return self._query(self._table, "pk = :pk AND begins_with(sk, :sk)", {":pk": text(pk), ":sk": text(prefix)}, **options)

    def _newest(self, index: str, name: str, value: str, since: datetime, limit: int) -> list[Item]:
        return self._query(
            self._table, "#name = :value AND opened_at >= :since", {":value": text(value), ":since": text(layout.stamp(since))},
            IndexName=index, ScanIndexForward=False, ExpressionAttributeNames={"#name": name}, most=limit,
        )  # fmt: skip

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


def _owed(item: Item) -> Owed:
    incident_id, owed_id = item["pk"]["S"], item["sk"]["S"].removeprefix("OWED#")
    if "message" in item:
        return Owed(incident_id, owed_id, message=read_message(item["message"]["S"]))
    return Owed(incident_id, owed_id, anchor=Anchor.model_validate_json(item["anchor"]["S"]))
