"""What the team wants to be asked of its MCP servers for every incident: the `collect` of config/mcp-servers.yaml.

    mcp <server> <tool>: 12 lines[; 1 image not shown][; there was more]
      a line that the server wrote, behind two blanks
    mcp <server> <tool>: not answered: <why>

Into the arguments go the team's own words and fields that an authenticated signal or services.yaml gave, never text.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

from analysis.evidence.ask import Ask, Collector, Found, Nothing
from analysis.evidence.mcp_result import block, failure, title
from mcp_client.errors import McpFailed
from mcp_client.servers import Offer
from watchkeeper.errors import Misconfigured, WatchkeeperError
from watchkeeper.mcp_servers import Collect, McpServer

TO_LOOK, TO_ASK = 3.0, 4.0
AT_ONCE = 4


@dataclass(frozen=True)
class Told:
    """What one question came to: a block of lines, or why there is none."""

    name: str
    lines: str = ""
    why: str = ""


def collect(ask: Ask) -> Found | Nothing:
    """Every question at the same time; what fails is a line beside what was found. McpFailed where nothing but failures came."""
    asked = [(server, one) for server in ask.mcp.registered().servers for one in server.collect]
    fields = fields_of(ask)
    offers = ask.mcp.offers(TO_LOOK, {server.name for server, _ in asked})
    known = {(one.server.name, one.tool.name): one for one in offers.tools}
    with ThreadPoolExecutor(AT_ONCE, "mcp") as pool:
        told = list(pool.map(lambda pair: _told(ask, pair, known, fields), asked))
    found = [one for one in told if one.lines]
    whys = [*offers.missing, *(f"{one.name}: not answered: {one.why}" for one in told if one.why)]
    if not found and whys:
        raise McpFailed("; ".join(dict.fromkeys(whys)))
    if not found:
        return Nothing("The MCP servers were asked, and nothing came back.")
    summary = f"{len(found)} of {len(told)} questions to MCP servers were answered: {', '.join(one.name for one in found)}."
    return Found(summary=summary, body="\n".join([*(one.lines for one in found), *dict.fromkeys(whys)]))


def fields_of(ask: Ask) -> dict[str, str]:
    """The fields that arguments may hold, as far as they are known and to be trusted."""
    resource = next((one for one in ask.incident.resources if one.trusted), None)
    fields = {
        "service": ask.service.name if ask.service else "",
        "account": resource.account if resource else "",
        "region": ask.region_of(resource) if resource else "",
        "resource_id": resource.id if resource else "",
    }
    return {name: value for name, value in fields.items() if value}


def _told(ask: Ask, pair: tuple[McpServer, Collect], known: dict[tuple[str, str], Offer], fields: dict[str, str]) -> Told:
    server, one = pair
    name = f"mcp {server.name} {one.tool}"
    offer = known.get((server.name, one.tool))
    if offer is None:
        return Told(name, why="the server does not offer it")
    unknown = sorted(one.fields() - fields.keys())
    if unknown:
        return Told(name, why=f"no trusted field of this incident says {', '.join(unknown)}")
    arguments: dict[str, Any] = one.filled(fields)
    fault = offer.terms.fault(arguments)
    if fault:
        return Told(name, why=fault)
    return _answer(ask, offer, partial(ask.mcp.call, offer, arguments, TO_ASK))


def _answer(ask: Ask, offer: Offer, call: Any) -> Told:
    try:
        result = call()
    except WatchkeeperError as error:
        return Told(title(offer), why=str(error))
    if result.failed:
        return Told(title(offer), why=failure(offer, result, ask.redact))
    return Told(title(offer), lines=block(offer, result, ask.redact))


def _applies(ask: Ask) -> bool:
    """Where the file cannot be read, the evidence is to say so."""
    try:
        return any(server.collect for server in ask.mcp.registered().servers)
    except Misconfigured:
        return True


COLLECTOR = Collector(
    name="mcp",
    order=75,
    provenance="MCP servers that the team registered; their words are whatever they send",
    applies=_applies,
    asked=lambda ask: "What do the registered MCP servers say of " + (", ".join(fields_of(ask).values()) or "this incident") + "?",
    collect=collect,
)
