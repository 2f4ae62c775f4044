"""The simulator as an HTTP server that speaks SSM's protocol (JSON 1.1), and passes on what is not Automation."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from local.aws import Account
from local.passing_on import pass_on
from local.ssm.faults import SsmError
from local.ssm.mishaps import How, Mishap
from local.ssm.permission import Permissions
from local.ssm.simulator import Simulator
from local.standins.http import Reply, Request, Server

CONTENT_TYPE = {"content-type": "application/x-amz-json-1.1"}
Operation = Callable[[Mapping[str, Any]], dict[str, Any]]


class Door:
    """Answers for the simulator: its own operations, its two extra pages, and the emulator's for everything else."""

    def __init__(self, simulator: Simulator, emulator_url: str, permissions: Permissions | None = None) -> None:
        self._simulator, self._beyond, self._permissions = simulator, emulator_url, permissions
        self._operations: dict[str, Operation] = {
            "CreateDocument": simulator.create_document,
            "UpdateDocument": simulator.update_document,
            "UpdateDocumentDefaultVersion": simulator.update_document_default_version,
            "DescribeDocument": simulator.describe_document,
            "GetDocument": simulator.get_document,
            "StartAutomationExecution": simulator.start_automation_execution,
            "GetAutomationExecution": simulator.get_automation_execution,
            "DescribeAutomationExecutions": simulator.describe_automation_executions,
            "StopAutomationExecution": simulator.stop_automation_execution,
        }

    def __call__(self, request: Request) -> Reply:
        if request.path == "/_simulator/journal":
            return Reply(200, self._simulator.journal.as_json())
        if request.path == "/_simulator/mishaps":
            return self._plan(request)
        name = request.headers.get("x-amz-target", "").rpartition(".")[2]
        return self._answer(name, request) if name in self._operations else pass_on(request, self._beyond)

    def _answer(self, name: str, request: Request) -> Reply:
        try:
            asked = request.json() or {}
            if self._permissions:
                self._permissions.check(request.headers.get("authorization", ""), name, asked)
            return Reply(200, self._operations[name](asked), CONTENT_TYPE)
        except SsmError as error:
            return Reply(error.status, {"__type": error.code, "message": str(error)}, CONTENT_TYPE)
        except json.JSONDecodeError as error:
            return Reply(400, {"__type": "SerializationException", "message": str(error)}, CONTENT_TYPE)

    def _plan(self, request: Request) -> Reply:
        """POST {"step", "how", "document", "message"}: that step will fail or hang, once."""
        asked = request.json()
        self._simulator.mishaps.plan(Mishap(**{**asked, "how": How(asked["how"])}))
        return Reply(200, {})


@contextmanager
def serving(account: Account, *, iam: bool = False) -> Iterator[tuple[Simulator, str]]:
    """A simulator for this account, and the address at which it listens on loopback. With `iam` it asks who may call."""
    simulator = Simulator(account)
    with Server({"": Door(simulator, account.url, Permissions(account) if iam else None)}) as server:
        try:
            yield simulator, server.url
        finally:
            simulator.stop_all()
