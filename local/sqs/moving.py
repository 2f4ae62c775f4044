"""Message move tasks: as StartMessageMoveTask promises them, carried out message by message with the emulator's own calls."""

import json
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from local.sqs.faults import InvalidParameterValue, ResourceNotFoundException, UnsupportedOperation

FASTEST = 500
SHOWN = 10
RUNNING, COMPLETED, FAILED, CANCELLED = "RUNNING", "COMPLETED", "FAILED", "CANCELLED"


@dataclass
class Task:
    """One move. Its handle is shown only while it runs, as AWS does."""

    source: str
    destination: str
    per_second: int
    to_move: int
    handle: str = field(default_factory=lambda: str(uuid.uuid4()))
    status: str = RUNNING
    moved: int = 0
    failure: str = ""
    started: float = field(default_factory=time.time)
    stop: threading.Event = field(default_factory=threading.Event)

    def shown(self) -> dict[str, Any]:
        told = {
            "TaskHandle": self.handle if self.status == RUNNING else None,
            "Status": self.status,
            "SourceArn": self.source,
            "DestinationArn": self.destination or None,
            "MaxNumberOfMessagesPerSecond": self.per_second,
            "ApproximateNumberOfMessagesMoved": self.moved,
            "ApproximateNumberOfMessagesToMove": self.to_move,
            "FailureReason": self.failure or None,
            "StartedTimestamp": int(self.started * 1000),
        }
        return {name: value for name, value in told.items() if value is not None}


class Moves:
    """The tasks of one account, newest first, and the queues that they move between. Thread-safe."""

    def __init__(self, sqs: Any) -> None:
        self._sqs, self._tasks, self._lock = sqs, list[Task](), threading.Lock()

    def sources_of(self, queue: str) -> list[str]:
        """The addresses of the queues whose dead letters lie in this one."""
        urls = [url for page in self._sqs.get_paginator("list_queues").paginate() for url in page.get("QueueUrls", [])]
        return [url for url in urls if _dead_letters_of(self.attributes(url)) == queue]

    def start(self, source: str, destination: str, per_second: int | None) -> Task:
        """The task, already under way. Only from a dead letter queue, and only one for each at a time."""
        to_move = int(self.attributes(self.url(source))["ApproximateNumberOfMessages"])
        if not self.sources_of(source):
            raise InvalidParameterValue("Source queue must be configured as a Dead Letter Queue.")
        if per_second is not None and not 1 <= per_second <= FASTEST:
            raise InvalidParameterValue(f"MaxNumberOfMessagesPerSecond must be from 1 to {FASTEST}.")
        if destination:
            self.url(destination)
        with self._lock:
            if any(task.status == RUNNING for task in self._tasks if task.source == source):
                raise UnsupportedOperation("There is already a task running. Only one active task is allowed for a source queue arn.")
            task = Task(source, destination, per_second or FASTEST, to_move)
            self._tasks.insert(0, task)
        threading.Thread(target=self._move, args=(task,), daemon=True, name=f"move-{task.handle}").start()
        return task

    def of(self, source: str, most: int = 1) -> list[Task]:
        self.url(source)
        with self._lock:
            return [task for task in self._tasks if task.source == source][: min(most, SHOWN)]

    def cancel(self, handle: str) -> Task:
        with self._lock:
            found = next((task for task in self._tasks if task.handle == handle and task.status == RUNNING), None)
        if found is None:
            raise ResourceNotFoundException("No running task has this handle.")
        found.stop.set()
        return found

    def stop_all(self) -> None:
        for task in self._tasks:
            task.stop.set()

    def url(self, arn: str) -> str:
        """The address of the queue of this ARN."""
        try:
            url: str = self._sqs.get_queue_url(QueueName=arn.rsplit(":", 1)[-1])["QueueUrl"]
        except ClientError as error:
            raise ResourceNotFoundException(f"The resource that you specified for the ARN {arn} doesn't exist.") from error
        return url

    def attributes(self, url: str) -> dict[str, str]:
        """All attributes of the queue at this address."""
        found: dict[str, str] = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return found

    def _move(self, task: Task) -> None:
        """Until the queue is empty, at the speed that was asked for. A queue that goes away ends it as failed."""
        try:
            destination = self.url(task.destination) if task.destination else self.sources_of(task.source)[0]
            while not task.stop.wait(1 / task.per_second) and self._one(self.url(task.source), destination):
                task.moved += 1
            task.status = CANCELLED if task.stop.is_set() else COMPLETED
        except (ClientError, ResourceNotFoundException) as error:
            task.failure, task.status = str(error), FAILED

    def _one(self, source: str, destination: str) -> bool:
        """One message over: sent there before it is deleted here, so that none is lost."""
        found = self._sqs.receive_message(QueueUrl=source, MaxNumberOfMessages=1, MessageAttributeNames=["All"]).get("Messages", [])
        for message in found:
            more = {"MessageAttributes": message["MessageAttributes"]} if message.get("MessageAttributes") else {}
            self._sqs.send_message(QueueUrl=destination, MessageBody=message["Body"], **more)
            self._sqs.delete_message(QueueUrl=source, ReceiptHandle=message["ReceiptHandle"])
        return bool(found)


def _dead_letters_of(attributes: dict[str, str]) -> str:
    target: str = json.loads(attributes.get("RedrivePolicy") or "{}").get("deadLetterTargetArn", "")
    return target
