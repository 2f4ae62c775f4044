"""One suite for the smaller ports: the fakes and the AWS adapters keep the same promises."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from tests.fakes.aws_accounts import refused
from tests.fakes.memory import MemoryAnalyses, MemoryAnchors, MemoryBlobs, MemoryBudget, TickingClock
from tests.fakes.remediation import an_analysis
from tests.fakes.tables import create_tables
from watchkeeper.audit import Anchor
from watchkeeper.errors import NotAllowed, Permanent, Transient
from watchkeeper.ids import now
from watchkeeper.ports import AnalysisCache, Anchors, Blobs, Budget
from watchkeeper.storage.analyses import DynamoAnalyses, DynamoBudget
from watchkeeper.storage.blobs import S3Anchors, S3Blobs
from watchkeeper.storage.switch import DynamoKillSwitch

REGION = "eu-west-1"


@dataclass(frozen=True)
class Stores:
    """One side of the contract."""

    cache: AnalysisCache
    budget: Budget
    blobs: Blobs
    anchors: Anchors


class Conflicting:
    """moto's DynamoDB with the one thing that it lacks: of transactions at the same moment, all but one are refused. (moto lets
    them run into each other, and its way back from a refused one takes with it what another wrote.)"""

    def __init__(self, client: Any) -> None:
        self._client, self._busy = client, threading.Lock()
        self.conflicts = 0

    def transact_write_items(self, **request: Any) -> Any:
        if not self._busy.acquire(blocking=False):
            self.conflicts += 1
            raise cancelled(*["TransactionConflict"] * len(request["TransactItems"]))
        try:
            return self._client.transact_write_items(**request)
        finally:
            self._busy.release()


def cancelled(*reasons: str) -> ClientError:
    """What boto3 raises for a transaction that DynamoDB cancelled."""
    told = {"Error": {"Code": "TransactionCanceledException", "Message": "cancelled"}, "ResponseMetadata": {"HTTPStatusCode": 400}}
    return ClientError(told | {"CancellationReasons": [{"Code": reason} for reason in reasons]}, "TransactWriteItems")


@pytest.fixture(params=["memory", "aws"])
def stores(request: pytest.FixtureRequest) -> Iterator[Stores]:
    if request.param == "memory":
        yield Stores(MemoryAnalyses(), MemoryBudget(), MemoryBlobs(), MemoryAnchors())
        return
    with mock_aws():
        dynamodb, s3 = boto3.client("dynamodb", region_name=REGION), boto3.client("s3", region_name=REGION)
        create_tables(dynamodb)
        place = {"LocationConstraint": REGION}
        s3.create_bucket(Bucket="kept", CreateBucketConfiguration=place, ObjectLockEnabledForBucket=True)
        yield Stores(
            DynamoAnalyses(dynamodb, "analyses", now, timedelta(hours=1)),
            DynamoBudget(Conflicting(dynamodb), "analyses", now, pause=lambda seconds: time.sleep(seconds / 10)),
            S3Blobs(s3, "kept"),
            S3Anchors(s3, "kept", now, days=1),
        )


def test_an_analysis_is_found_by_its_signature_and_no_other(stores: Stores) -> None:
    kept = an_analysis(signature="cpu-and-calm-logs")
    stores.cache.keep(kept)
    assert stores.cache.find("cpu-and-calm-logs") == kept
    assert stores.cache.find("something-else") is None


def test_a_forgotten_analysis_is_not_found_and_forgetting_it_twice_is_no_fault(stores: Stores) -> None:
    for signature in ("stays", "goes"):
        stores.cache.keep(an_analysis(signature=signature))
    stores.cache.forget("goes")
    stores.cache.forget("goes")
    assert stores.cache.find("goes") is None
    assert stores.cache.find("stays") is not None


def test_money_is_set_aside_up_to_the_cap_and_what_was_not_spent_comes_back(stores: Stores) -> None:
    one, two = {"incident:1": 0.10}, {"incident:2": 0.10}
    assert stores.budget.reserve(one, 0.06) == ""
    assert stores.budget.reserve(one, 0.05) == "incident:1"
    assert stores.budget.reserve(two, 0.05) == ""
    stores.budget.settle(one, reserved_usd=0.06, spent_usd=0.01)
    assert stores.budget.reserve(one, 0.09) == ""
    assert stores.budget.reserve(one, 0.01) == "incident:1"
    assert stores.budget.reserve({"incident:3": 0.10}, 0.11) == "incident:3"


def test_it_is_set_aside_in_every_purse_or_in_none(stores: Stores) -> None:
    purses = {"incident:1": 0.10, "day:2026-11-20": 0.05, "month:2026-11": 0.03}
    assert stores.budget.reserve(purses, 0.02) == ""
    assert stores.budget.reserve(purses, 0.02) == "month:2026-11"
    assert stores.budget.reserve(purses, 0.04) == "day:2026-11-20", "the first of those without room"
    assert stores.budget.reserve({"incident:1": 0.10}, 0.08) == "", "the refused ones left nothing in it"
    stores.budget.settle(purses, reserved_usd=0.02, spent_usd=0.0)
    assert stores.budget.reserve({"month:2026-11": 0.03, "day:2026-11-20": 0.05}, 0.03) == "", "and all came back"


def test_sixteen_racing_workers_never_pass_a_cap_and_at_the_cap_nobody_gets_any_more(stores: Stores) -> None:
    purses = {"incident:1": 9.0, "day:2026-11-20": 0.10, "month:2026-11": 9.0}

    def work(_: int) -> list[bool]:
        return [_granted(stores.budget, purses) for _ in range(3)]

    with ThreadPoolExecutor(16) as threads:
        granted = sum(sum(answers) for answers in threads.map(work, range(16)))
    assert granted <= 3
    granted += sum(_granted(stores.budget, purses) for _ in range(3))
    assert granted == 3, "0.03 fits into 0.10 three times, however they raced"
    stores.budget.settle(purses, reserved_usd=0.09, spent_usd=0.0)
    assert [stores.budget.reserve(purses, 0.10), stores.budget.reserve(purses, 0.000001)] == ["", "day:2026-11-20"], "to the micro-dollar"
    assert stores.budget.reserve({"incident:1": 9.0, "month:2026-11": 9.0}, 8.9) == "", "what was refused is in no other purse"


def _granted(budget: Budget, purses: dict[str, float]) -> bool:
    """Was it set aside? Who is refused because the others were quicker, again and again, does not ask Claude either."""
    try:
        return budget.reserve(purses, 0.03) == ""
    except Transient:
        return False


def test_bytes_come_back_as_they_were_or_not_at_all(stores: Stores) -> None:
    stored = stores.blobs.put("evidence/one", "ängstlich".encode())
    assert stores.blobs.get(stored) == "ängstlich".encode()
    stores.blobs.put("evidence/one", b"changed since")
    with pytest.raises(Permanent, match="not what was stored"):
        stores.blobs.get(stored)


def test_heads_are_kept_once_and_by_incident(stores: Stores) -> None:
    heads = [Anchor(incident_id="INC-1", seq=n, hash=f"{n}" * 64) for n in (1, 2)]
    for head in (*heads, heads[0], Anchor(incident_id="INC-10", seq=1, hash="f" * 64)):
        stores.anchors.keep(head)
    assert sorted(stores.anchors.of("INC-1"), key=lambda head: head.seq) == heads
    assert stores.anchors.of("INC-2") == []


class Refusing:
    """A DynamoDB that answers what it is told, one after the other."""

    def __init__(self, *answers: ClientError | None) -> None:
        self.answers = list(answers)
        self.requests: list[dict[str, Any]] = []

    def transact_write_items(self, **request: Any) -> None:
        self.requests.append(request)
        answer = self.answers.pop(0)
        if answer:
            raise answer


def test_a_conflict_is_waited_for_with_full_jitter_and_not_for_ever() -> None:
    slept: list[float] = []
    client = Refusing(*[cancelled("None", "TransactionConflict")] * 3, None)
    assert DynamoBudget(client, "analyses", now, slept.append, lambda: 0.5).reserve({"incident:1": 1, "day:1": 1}, 0.1) == ""
    assert slept == [0.01, 0.02, 0.04]
    client = Refusing(*[cancelled("TransactionConflict")] * 99)
    with pytest.raises(Transient):
        DynamoBudget(client, "analyses", now, slept.append, lambda: 1.0).reserve({"day:1": 1}, 0.1)
    assert len(client.requests) == 8
    assert sum(slept[3:]) < 2.5


def test_no_room_is_said_at_once_even_beside_a_conflict() -> None:
    client = Refusing(cancelled("TransactionConflict", "ConditionalCheckFailed"))
    assert DynamoBudget(client, "analyses", now, lambda _: None).reserve({"incident:1": 1, "day:1": 1}, 0.1) == "day:1"


def test_another_refusal_is_nobodys_empty_purse() -> None:
    with pytest.raises(Permanent):
        DynamoBudget(Refusing(cancelled("ValidationError")), "analyses", now).reserve({"day:1": 1}, 0.1)
    with pytest.raises(NotAllowed, match="dynamodb:UpdateItem"):
        DynamoBudget(Refusing(refused()), "analyses", now).reserve({"day:1": 1}, 0.1)


def test_a_days_purse_goes_after_days_and_the_others_after_two_months() -> None:
    clock, client = TickingClock(), Refusing(None)
    DynamoBudget(client, "analyses", clock).reserve(dict.fromkeys(("incident:1", "day:2026-11-20", "month:2026-11"), 1.0), 0.1)
    updates = [item["Update"] for item in client.requests[0]["TransactItems"]]
    days = [(int(update["ExpressionAttributeValues"][":expires"]["N"]) - clock().timestamp()) / 86400 for update in updates]
    assert days == [62, 3, 62]


@mock_aws
def test_a_cached_analysis_ends_with_its_time_even_before_dynamodb_deletes_it() -> None:
    clock, client = TickingClock(), boto3.client("dynamodb", region_name=REGION)
    create_tables(client)
    cache = DynamoAnalyses(client, "analyses", clock, timedelta(hours=1))
    cache.keep(an_analysis(signature="s"))
    clock.tick(3599)
    assert cache.find("s") is not None
    clock.tick(2)
    assert cache.find("s") is None


@mock_aws
def test_the_kill_switch_says_who_and_why_and_counts_as_thrown_where_it_cannot_be_read() -> None:
    client = boto3.client("dynamodb", region_name=REGION)
    create_tables(client)
    switch = DynamoKillSwitch(client, "incidents")
    assert switch.thrown() == ""
    switch.throw("ada", "the night of the move")
    assert switch.thrown() == "thrown by ada: the night of the move"
    switch.release()
    switch.release()
    assert switch.thrown() == ""
    assert "cannot be read" in DynamoKillSwitch(client, "no-such-table").thrown()


@mock_aws
def test_a_head_cannot_be_deleted_before_its_time() -> None:
    s3 = boto3.client("s3", region_name=REGION)
    s3.create_bucket(Bucket="kept", CreateBucketConfiguration={"LocationConstraint": REGION}, ObjectLockEnabledForBucket=True)
    S3Anchors(s3, "kept", now, days=1).keep(Anchor(incident_id="INC-1", seq=1, hash="a" * 64))
    (entry,) = s3.list_object_versions(Bucket="kept")["Versions"]
    lock = s3.head_object(Bucket="kept", Key=entry["Key"])
    assert lock["ObjectLockMode"] == "COMPLIANCE"
    assert lock["ObjectLockRetainUntilDate"] > now() + timedelta(hours=23)
