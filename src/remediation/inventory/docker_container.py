"""Docker containers, as host/name, looked at through the MCP server that says how they are (`looks` in config/mcp-servers.yaml).

What the server answers to its read tool is held to a strict shape, and nothing else of it is taken. Labels are a container's tags. Exactly
one registered server has to know it; that one's name is state, since what is done to a container is done through the same server.
"""

from typing import Any

from pydantic import Field, ValidationError

from remediation.ports import Sighting
from watchkeeper.errors import Misconfigured, Transient
from watchkeeper.mcp_servers import Collect, McpServer
from watchkeeper.models import Resource, Word

TYPE = "docker:container"
SECONDS = 5.0
MOST_LABELS = 100


class Container(Word):
    """The answer of the read tool, as JSON. `image` and `started_at` tell a person's yes from one for what ran there before."""

    exists: bool
    status: str = Field(default="", pattern=r"^[a-z]{0,20}$")
    health: str = Field(default="none", pattern=r"^(none|starting|healthy|unhealthy)$")
    image: str = Field(default="", max_length=200)
    started_at: str = Field(default="", max_length=40)
    labels: dict[str, str] = Field(default={}, max_length=MOST_LABELS)


def see(clients: Any, target: Resource) -> Sighting:
    """The container; absent where no registered server knows it, unseen where none is registered for containers, one of them cannot be
    asked, or two know it."""
    servers = clients("mcp")
    asked = [(one, one.looks[TYPE]) for one in servers.registered().servers if TYPE in one.looks]
    if not asked:
        return Sighting(unseen=f"no MCP server is registered that says how a {TYPE} is")
    try:
        found = [(server.name, seen) for server, look in asked if (seen := _asked(servers, server, look, target)).exists]
    except Transient as error:
        return Sighting(unseen=str(error))  # a person reads it now: a server that is down may stay so for days
    if not found:
        return Sighting()
    if len(found) > 1:
        return Sighting(unseen=f"several MCP servers know it: {', '.join(name for name, _ in found)}")
    [(name, seen)] = found
    return Sighting(
        exists=True,
        account=target.account,
        region=target.region,
        name=target.id,
        tags=seen.labels,
        state={"server": name, "status": seen.status, "image": seen.image, "started_at": seen.started_at},
        health={"container": seen.status if seen.health == "none" else seen.health},
    )


def _asked(servers: Any, server: McpServer, look: Collect, target: Resource) -> Container:
    """One server's word. Misconfigured where it has no such tool, Transient where it cannot be asked or understood now."""
    offers = servers.offers(SECONDS, only={server.name})
    offer = next((one for one in offers.tools if one.tool.name == look.tool), None)
    if offer is None:
        raise Transient("; ".join(offers.missing)) if offers.missing else Misconfigured(f"{server.name} offers no tool {look.tool}")
    fields = {"service": "", "account": target.account, "region": target.region, "resource_id": target.id}
    arguments = look.filled(fields)
    fault = offer.terms.fault(arguments)
    if fault:
        raise Misconfigured(f"mcp-servers.yaml: {server.name}: looks: {fault}")
    result = servers.call(offer, arguments, SECONDS)
    if result.failed:
        raise Transient(f"{look.tool} of the MCP server {server.name} fails")
    try:
        return Container.model_validate_json(result.text)
    except ValidationError as error:
        raise Transient(f"{look.tool} of the MCP server {server.name} answers in another shape than a container's") from error
