"""Queue records, one at a time. Where the other side said how long to wait, the record comes back then and not sooner."""

from collections.abc import Callable
from typing import Any, Protocol

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from watchkeeper.errors import Transient, WatchkeeperError
from watchkeeper.storage.aws import in_our_words
from watchkeeper.telemetry import logger

LONGEST_WAIT = 12 * 3600 - 60


class Inbox(Protocol):
    """The queue that a record came from."""

    def postpone(self, receipt_handle: str, seconds: int) -> None:
        """Do not deliver this record again before that many seconds."""


class SqsInbox:
    """One queue's Inbox."""

    def __init__(self, client: Any, url: str) -> None:
        self._client, self._url = client, url

    def postpone(self, receipt_handle: str, seconds: int) -> None:
        with in_our_words("sqs:ChangeMessageVisibility", self._url):
            self._client.change_message_visibility(QueueUrl=self._url, ReceiptHandle=receipt_handle, VisibilityTimeout=seconds)


def patiently(handle: Callable[[SQSRecord], None], inbox: Inbox) -> Callable[[SQSRecord], None]:
    """`handle`, and after a Transient that names a time the record is put off by it.

    Always raises on, because the batch must know; and says so in the log, because the batch processor keeps it to itself.
    """

    def handle_one(record: SQSRecord) -> None:
        try:
            handle(record)
        except Transient as later:
            logger.warning("a record has to wait", extra={"why": str(later), "kind": type(later).__name__, "message_id": record.message_id})
            if later.retry_after is not None:
                _put_off(record, inbox, later.retry_after)
            raise
        except Exception:
            logger.exception("a record failed", extra={"message_id": record.message_id})
            raise

    return handle_one


def _put_off(record: SQSRecord, inbox: Inbox, seconds: float) -> None:
    """Where that is not possible, the record comes back in the queue's own time, and the log says why."""
    try:
        inbox.postpone(record.receipt_handle, max(1, min(round(seconds), LONGEST_WAIT)))
    except WatchkeeperError:
        logger.exception("a record cannot be put off", extra={"message_id": record.message_id})
        raise
