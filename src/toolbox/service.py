"""Calls one registered tool, once for a token, and refuses everything else.

Who asks is the runbook mcp-tool alone, by IAM; it is not believed for that. A tool is called only where config/mcp-servers.yaml marks
it as `action:mcp-tool`, with arguments that fit what its server advertises. The journal is written before the call: whoever dies between
the two leaves a token that begins nothing any more, and the next one who asks with it is told that nobody knows whether it was done.
"""

from mcp_client.errors import McpFailed, Unlike, Unsafe
from mcp_client.servers import Offer
from toolbox.asked import Answer, Asked
from toolbox.journal import Entry
from toolbox.wiring import Wiring
from watchkeeper.errors import BadPayload, Permanent
from watchkeeper.mcp_servers import ACTION as MARK
from watchkeeper.telemetry import count

ACTION = "mcp-tool"
TO_LOOK, TO_CALL = 10.0, 30.0
LONGEST = 1000


def use(asked: Asked, wiring: Wiring) -> Answer:
    """The tool's answer, or the one that this token got before. Permanent where a call was begun and its end is not known."""
    offer = _offer(asked, wiring)
    fault = offer.terms.fault(asked.arguments)
    if fault:
        raise BadPayload(f"nothing was sent: {fault}", field="arguments")
    before = wiring.journal.begin(asked.token, asked.digest)
    if before is not None:
        return _again(asked, before)
    answer = _called(offer, asked, wiring)
    wiring.journal.end(asked.token, answer.model_dump_json())
    count("ToolsCalled", server=asked.server, outcome="failed" if answer.failed else "done")
    return answer


def _offer(asked: Asked, wiring: Wiring) -> Offer:
    """The tool as its server offers it now. What the team did not mark as this action is not even looked for."""
    server = next((one for one in wiring.servers.registered().servers if one.name == asked.server), None)
    if server is None:
        raise BadPayload(f"no MCP server is registered as {asked.server}", field="server")
    if server.kind(asked.tool) != f"{MARK}{ACTION}":
        raise BadPayload(f"{asked.tool} of {asked.server} is not marked as {MARK}{ACTION} in mcp-servers.yaml", field="tool")
    offers = wiring.servers.offers(TO_LOOK, only={asked.server})
    found = next((one for one in offers.tools if one.tool.name == asked.tool), None)
    if found is None:
        raise Permanent("; ".join(offers.missing) or f"the MCP server {asked.server} offers no tool {asked.tool}")
    return found


def _again(asked: Asked, before: Entry) -> Answer:
    if before.digest != asked.digest:
        raise BadPayload("this token belongs to another call", field="token")
    if not before.answer:
        raise Permanent("this call was begun before and its end is not known; it is not made again, look whether it was done")
    return Answer.model_validate_json(before.answer).but(again=True)


def _called(offer: Offer, asked: Asked, wiring: Wiring) -> Answer:
    """What fails before anything was sent is an answer of its own; what fails later stays open in the journal."""
    try:
        result = wiring.servers.act(offer, ACTION, asked.arguments, TO_CALL)
    except (Unlike, Unsafe) as error:
        return Answer(text=f"not called: {error}", failed=True)
    except McpFailed as error:
        count("ToolsCalled", server=asked.server, outcome="unknown")
        raise Permanent(f"{asked.tool} of {asked.server}: {error}; whether it was done is not known") from error
    return Answer(text=wiring.redact(result.text)[:LONGEST], failed=result.failed)
