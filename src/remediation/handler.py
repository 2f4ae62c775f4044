"""What may be done to an incident, done and proven, one message at a time.

Safe to run twice and to die anywhere: the claim is written under a condition before anything is started, the start
carries a token that is the same for the same claim, and every message only asks to look at the incident as it lies.
Messages on one resource come one after the other; one that fails or waits holds back its own resource and no other.
"""

from watchkeeper import coldstart  # before anything else

# isort: split

from typing import Any

from aws_lambda_powertools.utilities.batch import SqsFifoPartialProcessor, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from remediation.service import remediate
from remediation.wiring import wiring
from watchkeeper.inbox import patiently
from watchkeeper.storage.queues import receive_message
from watchkeeper.telemetry import logger

processor = SqsFifoPartialProcessor(skip_group_on_error=True)
processor.raise_on_entire_batch_failure = False  # a batch of one that waits for its alarm is no failure of the function


def handle_record(record: SQSRecord) -> None:
    put_together = wiring()
    remediate(receive_message(record.body, put_together.blobs), put_together)


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return dict(process_partial_response(event, patiently(handle_record, wiring().inbox), processor, context))


coldstart.over()
