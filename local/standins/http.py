"""One small HTTP server for every stand-in: a stand-in is a function from a request to a reply, under a path prefix."""

import json
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Request:
    """What came in. `path` is without the stand-in's prefix; header names are lower case."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body or b"null")


@dataclass(frozen=True)
class Reply:
    """What goes out: JSON unless it is bytes, or an iterator of bytes, which go out one by one until it ends."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


StandIn = Callable[[Request], Reply]


class Server:
    """Serves each stand-in under `/name/…` on loopback, each request in a thread of its own."""

    def __init__(self, standins: dict[str, StandIn], port: int = 0) -> None:
        self._standins = standins
        handler = type("Handler", (_Handler,), {"answer": staticmethod(self._answer)})
        self._http = _Listener(("127.0.0.1", port), handler)
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"

    def __enter__(self) -> "Server":
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    def _answer(self, request: Request) -> Reply:
        name, _, rest = request.path.lstrip("/").partition("/")
        standin = self._standins.get(name) or self._standins.get("")
        if standin is None:
            return Reply(404, {"error": f"no stand-in called {name!r}"})
        within = (
            request if name not in self._standins else Request(request.method, f"/{rest}", request.query, request.headers, request.body)
        )
        return standin(within)


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that goes away in the middle of an answer is no fault worth a stack trace in the demo's terminal."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    answer: Callable[[Request], Reply]
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are two writes: without this each answer waits 40 ms for the client's ACK

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = self._answered(Request(self.command, parts.path, dict(parse_qsl(parts.query, keep_blank_values=True)), headers, body))
        if isinstance(reply.body, Iterator):
            return self._stream(reply, reply.body)
        raw = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        self.send_response(reply.status)
        for name, value in {"content-type": "application/json", **reply.headers, "content-length": str(len(raw))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw)
        return None

    def _stream(self, reply: Reply, pieces: Iterator[bytes]) -> None:
        """No length is known, so the end of the connection is the end of the body."""
        self.send_response(reply.status)
        for name, value in {**reply.headers, "connection": "close"}.items():
            self.send_header(name, value)
        self.end_headers()
        for piece in pieces:
            self.wfile.write(piece)
            self.wfile.flush()

    def _answered(self, request: Request) -> Reply:
        try:
            return self.answer(request)
        except Exception as error:  # noqa: BLE001 - a stand-in's own mistake: the caller is told, as by any server, and the trace is shown
            traceback.print_exc()
            return Reply(500, {"error": f"the stand-in failed: {error!r}"})

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815 - the names that http.server calls

    def log_message(self, *_: object) -> None:
        """Quiet: what matters is shown on the page."""
