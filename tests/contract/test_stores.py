"""One suite for the smaller ports: the fakes and the AWS adapters keep the same promises."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

import boto3
import pytest
from moto import mock_aws

from tests.fakes.memory import MemoryAnalyses, MemoryAnchors, MemoryBlobs, MemoryBudget, TickingClock
from tests.fakes.remediation import an_analysis
from tests.fakes.tables import create_tables
from watchkeeper.audit import Anchor
from watchkeeper.errors import Permanent
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
            DynamoBudget(dynamodb, "analyses", now),
            S3Blobs(s3, "kept"),
            S3Anchors(s3, "kept", now, days=1),
        )


def test_an_analysis_is_found_by_its_signature_and_no_other(stores: Stores) -> None:
    kept = an_analysis(signature="cpu-and-calm-logs")
    stores.cache.keep(kept)
    assert stores.cache.find("cpu-and-calm-logs") == kept
    assert stores.cache.find("something-else") is None


def test_money_is_set_aside_up_to_the_cap_and_what_was_not_spent_comes_back(stores: Stores) -> None:
    assert stores.budget.reserve("incident:1", 0.06, 0.10)
    assert not stores.budget.reserve("incident:1", 0.05, 0.10)
    assert stores.budget.reserve("incident:2", 0.05, 0.10)
    stores.budget.settle("incident:1", reserved_usd=0.06, spent_usd=0.01)
    assert stores.budget.reserve("incident:1", 0.09, 0.10)
    assert not stores.budget.reserve("incident:1", 0.01, 0.10)
    assert not stores.budget.reserve("incident:3", 0.11, 0.10)


def test_racing_workers_never_pass_the_cap(stores: Stores) -> None:
    with ThreadPoolExecutor(8) as threads:
        granted = list(threads.map(lambda _: stores.budget.reserve("day", 0.03, 0.10), range(16)))
    assert sum(granted) == 3


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
