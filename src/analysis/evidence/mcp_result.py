"""What an MCP tool brought back, as evidence has it: a line of ours at the margin, the server's words indented below it."""

from collections.abc import Callable

from mcp_client.heard import Result
from mcp_client.servers import Offer

LONGEST_LINE = 2_000
SAID_OF_A_FAILURE = 200


def block(offer: Offer, result: Result, redact: Callable[[str], str]) -> str:
    """`mcp <server> <tool>: <n> lines`, then each line of the text behind two blanks; what is no text is counted, not fetched."""
    lines = [f"  {line}" for line in tidied(result.text, redact)]
    aside = "".join(f"; {count} {kind.replace('_', ' ')} not shown" for kind, count in sorted(_known(result.aside).items()))
    cut = "; there was more" if result.cut else ""
    return "\n".join([f"{title(offer)}: {len(lines)} lines{aside}{cut}", *lines])


def title(offer: Offer) -> str:
    return f"mcp {offer.server.name} {offer.tool.name}"


def tidied(text: str, redact: Callable[[str], str]) -> list[str]:
    """The lines of a foreign text, redacted as a whole and then cut, with nothing in them that is not printed."""
    lines = ("".join(c if c.isprintable() else " " for c in line).rstrip() for line in redact(text).splitlines())
    return [
        line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]} … ({len(line) - LONGEST_LINE} more characters)"
        for line in lines
        if line
    ]


def failure(offer: Offer, result: Result, redact: Callable[[str], str]) -> str:
    """A tool that says that it failed, with the beginning of its words in one line."""
    said = " ".join(" ".join(tidied(result.text, redact)).split())
    return f"{offer.server.name} says that {offer.tool.name} failed" + (f": {said[:SAID_OF_A_FAILURE]}" if said else "")


def _known(aside: dict[str, int]) -> dict[str, int]:
    """By kinds that the protocol knows."""
    known = {"image", "audio", "resource", "resource_link", "structured content"}
    other = sum(count for kind, count in aside.items() if kind not in known)
    return {kind: count for kind, count in aside.items() if kind in known} | ({"other part": other} if other else {})
