"""Where one server is, as it was checked, and what proves to it who we are."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from mcp_client.address import Resolve, checked, forbidden, resolved
from mcp_client.errors import Strange, Unsafe
from watchkeeper.errors import NotAllowed
from watchkeeper.mcp_servers import AuthKind, McpServer

MOST_BYTES = 2 * 1024 * 1024
TOO_MUCH = f"its answers are longer than {MOST_BYTES // 1024} KB together"
PORTS = {"https": 443, "http": 80}


@dataclass
class Door:
    """The registered origin, the one address that is connected to, and the header with the secret. `status` is the last
    answer's; `left` is how many bytes may still come."""

    scheme: str
    host: str
    port: int
    address: str
    proof: dict[str, str] = field(repr=False)
    status: int = 0
    left: int = MOST_BYTES

    def took(self, count: int) -> None:
        """Counts what came; Strange where it is more than anybody needs."""
        self.left -= count
        if self.left < 0:
            raise Strange(TOO_MUCH)


def door_of(server: McpServer, secrets: dict[str, str], resolve: Resolve = resolved) -> Door:
    """The server's door. Unsafe where its name leads into address space that it is not registered for, NotAllowed where the
    secret that it is registered with is not there."""
    parts = urlsplit(server.url)
    host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    proof = _proof(server, secrets)
    address = checked(host, port, allow_private=server.allow_private, resolve=resolve)
    if parts.scheme == "http" and not forbidden(address, allow_private=False):
        raise Unsafe(f"{host} leads out of private address space, where nothing is sent without TLS")
    return Door(parts.scheme, host, port, address, proof)


def _proof(server: McpServer, secrets: dict[str, str]) -> dict[str, str]:
    auth = server.auth
    if auth.kind is AuthKind.NONE:
        return {}
    secret = secrets.get(auth.secret_key, "")
    if not secret:
        raise NotAllowed(f"tools secret: {auth.secret_key}", f"MCP server {server.name}")
    return {"authorization": f"Bearer {secret}"} if auth.kind is AuthKind.BEARER else {auth.header: secret}
