"""Messages out of a dead-letter queue and back on their way."""

from typing import Any

from botocore.exceptions import ClientError

_NOT_HERE = {"InvalidAction", "UnsupportedOperation", "AWS.SimpleQueueService.UnsupportedOperation", "UnknownOperationException"}
AT_ONCE = 10
HELD_SECONDS = 60


def depth(sqs: Any, url: str) -> tuple[int, int]:
    """How many messages wait, and how many are being worked on; about, as SQS says."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    waiting, held = (int(found.get(name, 0)) for name in names)
    return waiting, held


def start_move(sqs: Any, dead_letters: str) -> bool:
    """Ask SQS to move everything back to where it came from; False where this SQS cannot."""
    arn = sqs.get_queue_attributes(QueueUrl=dead_letters, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    try:
        sqs.start_message_move_task(SourceArn=arn)
    except ClientError as error:
        if error.response["Error"]["Code"] in _NOT_HERE:
            return False
        raise
    return True


def move_one_by_one(sqs: Any, dead_letters: str, queue: str, most: int) -> int:
    """Receive, send, delete: a crash in between leaves a message in both, which every stage can take."""
    moved = 0
    while moved < most:
        found = sqs.receive_message(
            QueueUrl=dead_letters,
            MaxNumberOfMessages=min(AT_ONCE, most - moved),
            VisibilityTimeout=HELD_SECONDS,
            AttributeNames=["All"],
            MessageAttributeNames=["All"],
        ).get("Messages", [])
        if not found:
            break
        for message in found:
            sqs.send_message(QueueUrl=queue, MessageBody=message["Body"], **_carried(message))
            sqs.delete_message(QueueUrl=dead_letters, ReceiptHandle=message["ReceiptHandle"])
            moved += 1
    return moved


def _carried(message: dict[str, Any]) -> dict[str, Any]:
    """The group stays. The deduplication id is a new one: within its five minutes the queue would drop the old one, and we delete."""
    carried = {"MessageAttributes": message["MessageAttributes"]} if message.get("MessageAttributes") else {}
    group = message.get("Attributes", {}).get("MessageGroupId")
    if group:
        carried |= {"MessageGroupId": group, "MessageDeduplicationId": f"redrive-{message['MessageId']}"}
    return carried
