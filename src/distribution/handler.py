"""Distribution queue in, messages to people out.

Safe to run twice and to die between any two lines: what a channel is owed and has been told stands in its Delivery row,
each write of which says what it replaces; a message is marked as attempted before it is sent and looked for before it is
sent again; the newest story is always told, so a message that comes late or twice has nothing left to say.
"""

from watchkeeper import coldstart  # before anything else

# isort: split

from typing import Any

from aws_lambda_powertools.utilities.batch import SqsFifoPartialProcessor, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from distribution.service import handle
from distribution.wiring import wiring
from watchkeeper.inbox import patiently
from watchkeeper.storage.queues import receive_message
from watchkeeper.telemetry import logger

processor = SqsFifoPartialProcessor(skip_group_on_error=True)
processor.raise_on_entire_batch_failure = False  # a channel that asks for patience is no failure of this function; the DLQ alarms


def handle_record(record: SQSRecord) -> None:
    handle(receive_message(record.body, wiring().blobs), wiring())


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return dict(process_partial_response(event, patiently(handle_record, wiring().inbox), processor, context))


coldstart.over()
