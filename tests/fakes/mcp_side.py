"""MCP servers for tests, over real HTTP on loopback: a strict one made of the SDK's own server, and one whose bytes are the test's.

The strict one proves who asks before it says anything: a request without the secret gets 401, one to another host 421.
"""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import mcp_types as types
import uvicorn
from mcp.server.lowlevel.server import Server
from mcp.server.transport_security import TransportSecuritySettings
from starlette.types import Receive, Scope, Send

from watchkeeper.mcp_servers import Auth, AuthKind, McpServer, McpServers

SECRET = "s3cr3t-of-mcp"
PLAIN = {"type": "object", "properties": {"q": {"type": "string"}}, "required": ["q"], "additionalProperties": False}


@dataclass
class Strict:
    """What the strict server has and has been asked. `tools` and `answer` may change between two requests."""

    tools: list[types.Tool] = field(default_factory=list)
    answer: Callable[[str, dict[str, Any]], types.CallToolResult] = lambda name, given: said(f"{name} of {given}")
    page: int = 50
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    requests: list[dict[str, str]] = field(default_factory=list)
    refused: int = 0
    url: str = ""

    async def on_list(self, _: Any, params: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        first = int(params.cursor) if params and params.cursor else 0
        more = first + self.page < len(self.tools)
        return types.ListToolsResult(tools=self.tools[first : first + self.page], next_cursor=str(first + self.page) if more else None)

    async def on_call(self, _: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
        self.calls.append((params.name, dict(params.arguments or {})))
        return self.answer(params.name, dict(params.arguments or {}))


def said(*texts: str, **but: Any) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(type="text", text=text) for text in texts], **but)


def tool(name: str, description: str = "", schema: dict[str, Any] | None = None, **but: Any) -> types.Tool:
    return types.Tool(name=name, description=description, input_schema=PLAIN if schema is None else schema, **but)


@contextmanager
def strict_server(
    strict: Strict, *, legacy: bool = False, packed: bool = True, hosts: tuple[str, ...] = ("localhost:*",), **serving: Any
) -> Iterator[Strict]:
    """Serves it until the end of the block. `legacy` is a server that knows nothing newer than initialize."""
    server = Server("stand-in", on_list_tools=strict.on_list, on_call_tool=strict.on_call)
    inner = server.streamable_http_app(json_response=packed, transport_security=TransportSecuritySettings(allowed_hosts=list(hosts)))

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await inner(scope, receive, send)
            return
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        strict.requests.append(headers)
        if headers.get("authorization") != f"Bearer {SECRET}":
            strict.refused += 1
            await _status(send, 401)
        elif legacy and headers.get("mcp-method") == "server/discover":
            await _status(send, 404)
        else:
            await inner(scope, receive, send)

    with _uvicorn(app, **serving) as port:
        strict.url = f"http://localhost:{port}/mcp"
        yield strict


async def _status(send: Send, status: int) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


@contextmanager
def _uvicorn(app: Any, **but: Any) -> Iterator[int]:
    listening = socket.create_server(("127.0.0.1", 0))
    runner = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="on", timeout_graceful_shutdown=1, **but))
    thread = threading.Thread(target=runner.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    until = time.monotonic() + 10
    while not runner.started and time.monotonic() < until:
        time.sleep(0.005)
    try:
        yield listening.getsockname()[1]
    finally:
        runner.should_exit = True
        thread.join(5)
        listening.close()


Lie = Callable[["BaseHTTPRequestHandler", bytes], None]


@contextmanager
def lying_server(lie: Lie) -> Iterator[str]:
    """A raw HTTP server whose every answer is the lie's own; it may write what it likes, or nothing."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            lie(self, self.rfile.read(int(self.headers.get("content-length") or 0)))

        do_GET = do_DELETE = do_POST  # noqa: N815 - the same

        def log_message(self, *_: object) -> None:
            """Quiet."""

    class Listener(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            """A client that goes away in the middle is what the tests are about."""

    server = Listener(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"http://localhost:{server.server_address[1]}/mcp"
    finally:
        server.shutdown()
        server.server_close()


def registered(url: str, name: str = "github", **but: Any) -> McpServer:
    facts: dict[str, Any] = {
        "auth": Auth(kind=AuthKind.BEARER, secret_key="mcp"),
        "tools": {"search_*": "read", "list_commits": "read", "merge": "action:github-revert"},
        "allow_private": True,
    }
    return McpServer(name=name, url=url, **{**facts, **but})


def all_of(*servers: McpServer) -> McpServers:
    return McpServers(servers=servers)
