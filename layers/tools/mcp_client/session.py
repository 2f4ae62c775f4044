"""One conversation with one server: connect, ask, leave. Imports the SDK, so it is imported when a server is first asked.

Both generations of the protocol are spoken, as the server can: server/discover, or initialize. We offer a server nothing: no
sampling, no roots, no questions to people. What it declares about its results is not compiled and not trusted.
"""

import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from ssl import SSLContext
from typing import Any, TypeVar

import anyio
import mcp_types as types
from mcp.client.client import Client
from mcp.client.session import ClientSession
from mcp.client.streamable_http import streamable_http_client

from mcp_client.door import Door
from mcp_client.errors import Strange, Unlike
from mcp_client.heard import Advertised, Result
from mcp_client.through import client_through
from mcp_client.trouble import named
from watchkeeper.errors import WatchkeeperError

MOST_PAGES, MOST_TOOLS = 10, 300
MOST_TEXT = 200 * 1024
MOST_EVENT = 1024 * 1024
WHO = types.Implementation(name="watchkeeper", version="1")
QUIET = ("mcp", "httpx2", "httpcore2")

T = TypeVar("T")


@dataclass(frozen=True)
class Line:
    """How to reach one server: its address, its checked door, and how long everything together may take."""

    url: str
    door: Door
    seconds: float
    tls: SSLContext | None = None


def listed(line: Line, wanted: Callable[[str], bool]) -> list[Advertised]:
    """The tools that are wanted, in the server's order, of all pages. Blocks; raises McpFailed and nothing else."""
    return _talk(line, partial(_tools, wanted=wanted))


def called(line: Line, tool: Advertised, arguments: dict[str, Any]) -> Result:
    """The tool's answer, if it is still what it was offered as. Blocks; raises McpFailed and nothing else."""
    return _talk(line, partial(_call, tool=tool, arguments=arguments))


def _talk(line: Line, work: Callable[[ClientSession], Awaitable[T]]) -> T:
    """One conversation in an event loop of its own. Whatever the SDK makes of a server's answer is one failure with a sentence."""
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)  # what they log quotes the server, unredacted
    try:
        return anyio.run(_conversation, line, work)
    except WatchkeeperError:
        raise
    except Exception as error:
        raise named(error, line.door, line.seconds) from error


async def _conversation(line: Line, work: Callable[[ClientSession], Awaitable[T]]) -> T:
    with anyio.fail_after(line.seconds):
        async with (
            client_through(line.door, line.seconds, line.tls) as http,
            Client(
                streamable_http_client(line.url, http_client=http, max_sse_event_size=MOST_EVENT),
                read_timeout_seconds=line.seconds,
                client_info=WHO,
                cache=None,
            ) as client,
        ):
            return await work(client.session)


async def _tools(session: ClientSession, wanted: Callable[[str], bool]) -> list[Advertised]:
    found: dict[str, Advertised] = {}
    cursor: str | None = None
    seen = 0
    for _ in range(MOST_PAGES):
        page = await session.list_tools(params=types.PaginatedRequestParams(cursor=cursor) if cursor else None)
        seen += len(page.tools)
        for one in page.tools:
            if wanted(one.name):
                found.setdefault(one.name, Advertised(one.name, one.description or "", dict(one.input_schema)))
        if not page.next_cursor:
            return list(found.values())
        if seen > MOST_TOOLS or page.next_cursor == cursor:
            break
        cursor = page.next_cursor
    raise Strange(f"its list of tools does not end after {seen} tools")


async def _call(session: ClientSession, tool: Advertised, arguments: dict[str, Any]) -> Result:
    """Listed again first: the SDK then knows which arguments the server wants in headers, and we know that the tool is the same."""
    now = {one.name: one for one in await _tools(session, lambda name: name == tool.name)}.get(tool.name)
    if now is None or now.terms != tool.terms:
        raise Unlike("the tool is gone since it was offered" if now is None else "the tool takes other arguments than when it was offered")
    request = types.CallToolRequest(params=types.CallToolRequestParams(name=tool.name, arguments=arguments))
    answer = await session.send_request(
        request, types.CallToolResult
    )  # not call_tool: it would compile what the server calls its output schema
    return _result(answer.content, failed=bool(answer.is_error), structured=answer.structured_content is not None)


def _result(content: Sequence[Any], *, failed: bool, structured: bool) -> Result:
    said = [one.text for one in content if isinstance(one, types.TextContent)]
    aside = Counter(str(one.type) for one in content if not isinstance(one, types.TextContent))
    if structured and not said:
        aside["structured content"] += 1
    raw = "\n".join(said).encode(errors="replace")
    text = raw[:MOST_TEXT].decode(errors="ignore")
    return Result(text if len(raw) <= MOST_TEXT else text.rpartition("\n")[0], dict(aside), failed=failed, cut=len(raw) > MOST_TEXT)
