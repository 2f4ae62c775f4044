"""Reception's entry: records of the intake queue, requests from API Gateway, and log subscriptions.

Safe to run twice and to die anywhere: an alert is written by condition on its own id together with the messages that it
owes, a delivery that finds it written sends what is still owed, and a request is accepted only once it is queued.
"""

from watchkeeper import coldstart  # before anything else

# isort: split

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from reception.door import answer
from reception.service import Delivery, receive, take_in
from reception.wiring import Wiring, wiring
from watchkeeper.inbox import patiently
from watchkeeper.telemetry import logger

# A batch in which all failed is answered record by record too: an exception would count as a crash and hide the others.
processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


def answering(outcomes: Mapping[str, Exception | None], to: Wiring) -> Callable[[SQSRecord], None]:
    """Says of each record what became of it."""

    def answer_record(record: SQSRecord) -> None:
        error = outcomes[record.message_id]
        if error:
            raise error

    return patiently(answer_record, to.inbox)


def dispatch(event: dict[str, Any], context: LambdaContext, to: Wiring) -> dict[str, Any]:
    """By the three shapes in which events come: a batch, a request, anything else as it is."""
    records = event.get("Records")
    if isinstance(records, list) and records and records[0].get("eventSource") == "aws:sqs":
        outcomes = receive([_delivery(SQSRecord(record), to) for record in records], to)
        answers = dict(zip((record["messageId"] for record in records), outcomes, strict=True))
        return dict(process_partial_response(event, answering(answers, to), processor, context))
    return answer(event, to) if "httpMethod" in event else take_in(event, to)


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return dispatch(event, context, wiring())


def _delivery(record: SQSRecord, to: Wiring) -> Delivery:
    sent, times = str(record.attributes.sent_timestamp or ""), str(record.attributes.approximate_receive_count or "")
    return Delivery(record.body, datetime.fromtimestamp(int(sent) / 1000, UTC) if sent.isdigit() else to.clock(), times not in {"", "1"})


coldstart.over()
