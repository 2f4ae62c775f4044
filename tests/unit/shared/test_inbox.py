"""A record comes back when the other side said, and the batch is told either way."""

from dataclasses import dataclass, field

import pytest
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from watchkeeper.errors import Throttled, WatchkeeperError
from watchkeeper.inbox import LONGEST_WAIT, patiently

RECORD = SQSRecord({"receiptHandle": "receipt", "body": "{}", "messageId": "m"})


@dataclass
class Waits:
    """The Inbox port: how long each record was put off."""

    seconds: list[tuple[str, int]] = field(default_factory=list)

    def postpone(self, receipt_handle: str, seconds: int) -> None:
        self.seconds.append((receipt_handle, seconds))


@pytest.mark.parametrize(("said", "waited"), [(30, 30), (0.2, 1), (29.6, 30), (3600, 3600), (10**6, LONGEST_WAIT), (-5, 1)])
def test_a_named_time_is_waited_for(said: float, waited: int) -> None:
    inbox = Waits()

    def handle(_: SQSRecord) -> None:
        raise Throttled("slow down", retry_after=said)

    with pytest.raises(Throttled):
        patiently(handle, inbox)(RECORD)
    assert inbox.seconds == [("receipt", waited)]


@pytest.mark.parametrize("error", [Throttled("slow down"), WatchkeeperError("other")])
def test_without_a_time_the_queue_decides(error: WatchkeeperError) -> None:
    inbox = Waits()

    def handle(_: SQSRecord) -> None:
        raise error

    with pytest.raises(WatchkeeperError):
        patiently(handle, inbox)(RECORD)
    assert inbox.seconds == []


def test_a_record_that_went_well_is_left_alone() -> None:
    inbox = Waits()
    patiently(lambda _: None, inbox)(RECORD)
    assert inbox.seconds == []


@pytest.mark.parametrize(("error", "level"), [(Throttled("slow down"), "WARNING"), (WatchkeeperError("broken"), "ERROR")])
def test_what_did_not_go_well_is_in_the_log(error: WatchkeeperError, level: str, caplog: pytest.LogCaptureFixture) -> None:
    """The batch processor keeps a failure to itself, so nobody else would say it."""

    def handle(_: SQSRecord) -> None:
        raise error

    with pytest.raises(WatchkeeperError):
        patiently(handle, Waits())(RECORD)
    assert [record.levelname for record in caplog.records] == [level]
