"""The tools of the registered MCP servers. Those that read are asked, those that act never are: a person is.

What is offered, and what each tool is, is the team's word in config/mcp-servers.yaml. Arguments are a model's, so they are held
against the advertised schema before anything is sent; what comes back is evidence like all other, and somebody else's words.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from analysis.evidence.ask import Ask, Found
from analysis.evidence.gather import Answered, said
from analysis.evidence.mcp import COLLECTOR
from analysis.evidence.mcp_result import block, failure, title
from analysis.thinking.mcp_shown import name_of, tool_of
from analysis.thinking.tools import Outcome, Proposal, Refusal, Shelf, Tool, Toolbox
from analysis.thought import Matter
from mcp_client.servers import Offer, Offers
from watchkeeper.errors import WatchkeeperError
from watchkeeper.models import Answer
from watchkeeper.telemetry import logger

TO_LOOK = 4.0


@dataclass
class McpTools:
    """For one incident. The servers are looked at when the tools are first wanted; after that the offer stays as it was."""

    ask: Ask
    shelf: Shelf
    _known: dict[str, tuple[Tool, Offer]] | None = field(default=None, init=False)

    def offered(self) -> Sequence[Tool]:
        return tuple(tool for tool, _ in self._looked().values())

    def use(self, name: str, arguments: dict[str, Any], seconds: float) -> Outcome:
        known = self._looked().get(name)
        if known is None:
            return Refusal(f"there is no tool {name[:60]!r}", unknown=True)
        _, offer = known
        if offer.action:
            return Proposal(
                f"{offer.tool.name} of {offer.server.name} acts ({offer.action}), so it was not called: a person has to decide."
            )
        fault = offer.terms.fault(arguments)
        if fault:
            return Refusal(f"nothing was sent: {fault}")
        return self._asked(offer, arguments, seconds)

    def _asked(self, offer: Offer, arguments: dict[str, Any], seconds: float) -> Outcome:
        try:
            result = self.ask.mcp.call(offer, arguments, seconds)
        except WatchkeeperError as error:
            return Refusal(f"{title(offer)}: {error}")
        question = f"What does {offer.tool.name} of the MCP server {offer.server.name} say?"
        if result.failed:
            why = failure(offer, result, self.ask.redact)
            return self.shelf.put(Answered(COLLECTOR, question, Answer.FAILED, "The tool failed.", why=why))
        body = block(offer, result, self.ask.redact)
        return self.shelf.put(said(COLLECTOR, question, Found(f"{body.partition(chr(10))[0]}.", body), 0))

    def _looked(self) -> dict[str, tuple[Tool, Offer]]:
        if self._known is None:
            offers = self._offers()
            found = {name_of(one): (tool_of(one, self.ask.redact), one) for one in offers.tools}
            self._known = {name: (tool, one) for name, (tool, one) in sorted(found.items()) if tool is not None}
            if offers.missing:
                logger.info("MCP tools are missing", extra={"missing": [self.ask.redact(why) for why in offers.missing]})
        return self._known

    def _offers(self) -> Offers:
        try:
            return self.ask.mcp.offers(TO_LOOK)
        except WatchkeeperError as error:
            return Offers(missing=(str(error),))


def mcp_tools(matter: Matter, shelf: Shelf) -> Sequence[Toolbox]:
    """For Assembled: the toolbox of the servers that this incident's analysis may ask."""
    return (McpTools(matter.ask, shelf),)
