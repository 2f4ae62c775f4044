"""SQS in, an analysis out. Safe to run twice, and to die anywhere: analyse() takes a lease that ends by itself, and writes
everything in one change that the message's own id names, so that a second delivery finds it and only pays what is owed."""

from watchkeeper import coldstart  # before anything else

# isort: split

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from analysis.service import analyse
from analysis.wiring import wiring
from watchkeeper.errors import BadPayload
from watchkeeper.inbox import patiently
from watchkeeper.messages import AnalysisAsked
from watchkeeper.storage.queues import receive_message
from watchkeeper.telemetry import logger

processor = BatchProcessor(event_type=EventType.SQS)


def handle_record(record: SQSRecord) -> None:
    """One message. Its SQS id names the claim, so a redelivery of the same message goes on where it died."""
    message = receive_message(record.body, wiring().blobs)
    if not isinstance(message, AnalysisAsked):
        raise BadPayload(f"analysis was sent a {message.kind}", field="kind")
    analyse(message, record.message_id, wiring())


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    handle = patiently(handle_record, wiring().inbox)
    return dict(process_partial_response(event, handle, processor, context))


coldstart.over()
