"""Lets a container reach a port that only listens on loopback, for as long as a `with` lasts."""

import contextlib
import shutil
import socket
import socketserver
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

DOCKER_DESKTOP = "host.docker.internal"
CHUNK = 65536


@contextmanager
def reachable_from_containers(url: str) -> Iterator[str]:
    """The address under which a container on Docker's own network finds this loopback address."""
    there = urlsplit(url)
    host, port = _docker_host_address(), there.port or 80
    if not host:
        yield f"{there.scheme}://{DOCKER_DESKTOP}:{port}"
        return
    with _Forwarder((host, 0), (there.hostname or "127.0.0.1", port)) as forwarder:
        threading.Thread(target=forwarder.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield f"{there.scheme}://{host}:{forwarder.server_address[1]}"
        forwarder.shutdown()


def _docker_host_address() -> str:
    """This machine's address on Docker's bridge; empty where Docker runs in a machine of its own."""
    if not shutil.which("ip"):
        return ""
    shown = subprocess.run(["ip", "-4", "-o", "addr", "show", "docker0"], capture_output=True, text=True, check=False).stdout
    return next((word.partition("/")[0] for word in shown.split() if "/" in word), "")


class _Forwarder(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, here: tuple[str, int], there: tuple[str, int]) -> None:
        super().__init__(here, _Pipe)
        self.there = there


class _Pipe(socketserver.BaseRequestHandler):
    """One connection, copied both ways until both sides have said all."""

    server: _Forwarder

    def handle(self) -> None:
        with socket.create_connection(self.server.there) as inner:
            back = threading.Thread(target=_copy, args=(inner, self.request), daemon=True)
            back.start()
            _copy(self.request, inner)
            back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):  # the other side hung up, which ends the copy as the end of what it says does
        while chunk := source.recv(CHUNK):
            target.sendall(chunk)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
