"""A Docker host behind an MCP server, as lookout would serve it, and the toolbox function behind a door that speaks Lambda's Invoke."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from local.standins.http import Reply, Request, Server
from mcp_client.servers import Servers
from remediation.inventory import AwsInventory
from tests.actions.theatre import Theatre
from tests.fakes.mcp_side import SECRET, Strict, registered, said, strict_server, tool
from tests.fakes.toolbox import MemoryJournal
from toolbox.asked import Asked
from toolbox.service import use
from toolbox.wiring import Wiring
from watchkeeper.errors import WatchkeeperError
from watchkeeper.mcp_servers import Collect, McpServers

TAKES = {"type": "object", "properties": {"container": {"type": "string"}}, "required": ["container"], "additionalProperties": False}
TOOLS = {"inspect_container": "read", "restart_container": "action:mcp-tool", "remove_container": "action:none"}
LOOKS = {"docker:container": Collect(tool="inspect_container", arguments={"container": "{resource_id}"})}


@dataclass
class Host:
    """Containers by host/name, as they are shown. A restart makes one healthy, unless the host is `broken`."""

    containers: dict[str, dict[str, Any]] = field(default_factory=dict)
    broken: bool = False
    restarts: list[str] = field(default_factory=list)

    def answer(self, name: str, given: dict[str, Any]) -> Any:
        which = given["container"]
        if name == "inspect_container":
            return said(json.dumps({"exists": which in self.containers, **self.containers.get(which, {})}))
        if self.broken:
            return said("the daemon does not answer", is_error=True)
        self.restarts.append(which)
        self.containers[which] |= {"health": "healthy", "status": "running", "started_at": f"restart {len(self.restarts)}"}
        return said(f"restarted {which}")


def a_container(**but: Any) -> dict[str, Any]:
    return {
        "status": "running",
        "health": "unhealthy",
        "image": "shop:7",
        "started_at": "start",
        "labels": {"AutoRemediate": "true"},
        **but,
    }


@contextmanager
def docking(theatre: Theatre) -> Iterator[tuple[Theatre, Host, McpServers]]:
    """A theatre whose inventory asks the host over MCP, and whose runbooks find the toolbox where they look for Lambda."""
    host = Host()
    with strict_server(Strict(tools=[tool(name, schema=TAKES) for name in TOOLS], answer=host.answer)) as strict:
        servers = McpServers(servers=(registered(strict.url, name="lookout", tools=TOOLS, looks=LOOKS),))
        mcp = Servers(lambda: servers, lambda: {"mcp": SECRET})
        with Server({"": _toolbox(Wiring(mcp, MemoryJournal(), str))}) as door:
            account = replace(theatre.account, doors=(("lambda", door.url),))
            made = Theatre(account)
            made.inventory = AwsInventory(lambda service: mcp if service == "mcp" else account.client(service))
            yield made, host, servers
            made.simulator.stop_all()


def _toolbox(wiring: Wiring) -> Any:
    def invoked(request: Request) -> Reply:
        assert request.path == "/2015-03-31/functions/watchkeeper-toolbox/invocations", request.path
        try:
            return Reply(200, use(Asked.model_validate(request.json()), wiring).model_dump())
        except WatchkeeperError as error:
            failed = {"errorMessage": str(error), "errorType": type(error).__name__}
            return Reply(200, failed, {"x-amz-function-error": "Unhandled"})

    return invoked
