"""ECS's door on loopback: hands every call on to the emulator, and adds what that lacks.

It keeps the history of deployments (ListServiceDeployments, DescribeServiceRevisions), starts another task where one of a service
was stopped, and lays over DescribeTasks what a story says of a task, such as that its health checks fail.
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from local.aws import Account
from local.ecs.deployments import History
from local.passing_on import AMZ_JSON, pass_on
from local.standins.http import Reply, Request, Server

CONTENT_TYPE = {"content-type": AMZ_JSON}
OURS = "service:"
Said = dict[str, Any]


class Door:
    """`history` and `tasks` are a story's to set: `tasks` has by the last part of a task's ARN what is laid over it."""

    def __init__(self, account: Account) -> None:
        self.history, self.tasks = History(), dict[str, Said]()
        self._beyond, self._ecs = account.url, account.client("ecs")
        self._own: dict[str, Callable[[Said], Said]] = {
            "ListServiceDeployments": self._deployments,
            "DescribeServiceRevisions": self._revisions,
        }
        self._after: dict[str, Callable[[Said], Said]] = {
            "CreateService": self._noted,
            "UpdateService": self._noted,
            "StopTask": self._replaced,
            "DescribeTasks": self._laid_over,
        }

    def __call__(self, request: Request) -> Reply:
        operation = request.headers.get("x-amz-target", "").rpartition(".")[2]
        if operation in self._own:
            return self._answered(operation, request.json() or {})
        reply = pass_on(request, self._beyond)
        if reply.status != 200 or operation not in self._after:
            return reply
        return Reply(200, self._after[operation](json.loads(reply.body)), CONTENT_TYPE)

    def _answered(self, operation: str, asked: Said) -> Reply:
        try:
            return Reply(200, self._own[operation](asked), CONTENT_TYPE)
        except LookupError as error:
            return Reply(400, {"__type": "ServiceNotFoundException", "message": str(error)}, CONTENT_TYPE)

    def _deployments(self, asked: Said) -> Said:
        found = self._ecs.describe_services(cluster=asked.get("cluster", "default"), services=[asked["service"]])["services"]
        if not found:
            raise LookupError(f"Service not found: {asked['service']}")
        return {"serviceDeployments": self.history.of(found[0], asked.get("status", []))}

    def _revisions(self, asked: Said) -> Said:
        found, failures = self.history.revisions(asked["serviceRevisionArns"])
        return {"serviceRevisions": found, "failures": failures}

    def _noted(self, said: Said) -> Said:
        self.history.note(said["service"], time.time())
        return said

    def _replaced(self, said: Said) -> Said:
        """The emulator starts what a service lacks whenever it is told to update it, be it with nothing."""
        task = said["task"]
        group = task.get("group", "")
        if group.startswith(OURS):
            self._ecs.update_service(cluster=task["clusterArn"], service=group.removeprefix(OURS))
        return said

    def _laid_over(self, said: Said) -> Said:
        return {**said, "tasks": [{**task, **self.tasks.get(task["taskArn"].rpartition("/")[2], {})} for task in said["tasks"]]}


@contextmanager
def serving(account: Account) -> Iterator[tuple[Door, str]]:
    """The door for this account, and the address at which it listens."""
    door = Door(account)
    with Server({"": door}) as server:
        yield door, server.url
