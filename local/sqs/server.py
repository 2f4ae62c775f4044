"""SQS's door on loopback: answers for move tasks and for whose dead letters lie where, and hands every other call on to the emulator."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from local.aws import Account
from local.passing_on import pass_on
from local.sqs.faults import SqsError
from local.sqs.moving import Moves
from local.standins.http import Reply, Request, Server

CONTENT_TYPE = {"content-type": "application/x-amz-json-1.0"}
Operation = Callable[[dict[str, Any]], dict[str, Any]]


class Door:
    """`moves` is a test's to look into."""

    def __init__(self, account: Account) -> None:
        self.moves = Moves(account.client("sqs"))
        self._beyond = account.url
        self._operations: dict[str, Operation] = {
            "StartMessageMoveTask": self._start,
            "ListMessageMoveTasks": self._list,
            "CancelMessageMoveTask": self._cancel,
            "ListDeadLetterSourceQueues": self._sources,
        }

    def __call__(self, request: Request) -> Reply:
        operation = self._operations.get(request.headers.get("x-amz-target", "").rpartition(".")[2])
        if operation is None:
            return pass_on(request, self._beyond)
        try:
            return Reply(200, operation(request.json() or {}), CONTENT_TYPE)
        except SqsError as error:
            return Reply(400, {"__type": f"com.amazonaws.sqs#{error.code}", "message": str(error)}, CONTENT_TYPE)
        except json.JSONDecodeError as error:
            return Reply(400, {"__type": "com.amazonaws.sqs#SerializationException", "message": str(error)}, CONTENT_TYPE)

    def _start(self, asked: dict[str, Any]) -> dict[str, Any]:
        task = self.moves.start(asked["SourceArn"], asked.get("DestinationArn", ""), asked.get("MaxNumberOfMessagesPerSecond"))
        return {"TaskHandle": task.handle}

    def _list(self, asked: dict[str, Any]) -> dict[str, Any]:
        return {"Results": [task.shown() for task in self.moves.of(asked["SourceArn"], asked.get("MaxResults", 1))]}

    def _cancel(self, asked: dict[str, Any]) -> dict[str, Any]:
        return {"ApproximateNumberOfMessagesMoved": self.moves.cancel(asked["TaskHandle"]).moved}

    def _sources(self, asked: dict[str, Any]) -> dict[str, Any]:
        return {"queueUrls": self.moves.sources_of(self.moves.attributes(asked["QueueUrl"])["QueueArn"])}


@contextmanager
def serving(account: Account) -> Iterator[tuple[Door, str]]:
    """The door for this account, and the address at which it listens."""
    door = Door(account)
    with Server({"": door}) as server:
        try:
            yield door, server.url
        finally:
            door.moves.stop_all()
