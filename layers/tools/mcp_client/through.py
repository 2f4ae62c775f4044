"""The one way out to an MCP server: to its registered origin alone, at the address that was checked, and only so much comes back.

The secret is put on here, when the origin is known to be the registered one, so that nothing above could send it elsewhere.
Imports httpx2, so it is imported when a server is asked.
"""

from collections.abc import AsyncIterator
from ssl import SSLContext

import httpx2

from mcp_client.door import PORTS, Door
from mcp_client.errors import Strange

LEFT_BEHIND = {"cookie", "accept-encoding", "authorization"}


class Through(httpx2.AsyncBaseTransport):
    """Sends to the checked address what is meant for the registered origin, and nothing else anywhere."""

    def __init__(self, door: Door, tls: SSLContext | None) -> None:
        self._door = door
        self._inner = httpx2.AsyncHTTPTransport(verify=tls or True, trust_env=False, retries=0)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        door, url = self._door, request.url
        if (url.scheme, url.host, url.port or PORTS.get(url.scheme)) != (door.scheme, door.host, door.port):
            raise Strange("it sends us to another origin, which gets nothing")
        response = await self._inner.handle_async_request(self._addressed(request))
        door.status = response.status_code
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            await response.aclose()
            raise Strange("it packs its answers, though it was asked not to")
        response.stream = Counted(response.stream, door)
        return response

    def _addressed(self, request: httpx2.Request) -> httpx2.Request:
        """The same request, to the address; name and certificate stay those of the host."""
        door = self._door
        replaced = {*LEFT_BEHIND, *(name.lower() for name in door.proof)}
        kept = [(name, value) for name, value in request.headers.multi_items() if name.lower() not in replaced]
        return httpx2.Request(
            request.method,
            request.url.copy_with(host=door.address),
            headers=[*kept, ("accept-encoding", "identity"), *door.proof.items()],
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": door.host},
        )

    async def aclose(self) -> None:
        await self._inner.aclose()


class Counted(httpx2.AsyncByteStream):
    """A body that breaks off when too much has come."""

    def __init__(self, inner: httpx2.AsyncByteStream | httpx2.SyncByteStream | None, door: Door) -> None:
        self._inner, self._door = inner, door

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if isinstance(self._inner, httpx2.AsyncByteStream):
            async for piece in self._inner:
                self._door.took(len(piece))
                yield piece

    async def aclose(self) -> None:
        if isinstance(self._inner, httpx2.AsyncByteStream):
            await self._inner.aclose()


def client_through(door: Door, seconds: float, tls: SSLContext | None = None) -> httpx2.AsyncClient:
    """An HTTP client that knows no other way than through this door: no proxy, no .netrc, no redirect elsewhere."""
    return httpx2.AsyncClient(transport=Through(door, tls), trust_env=False, timeout=seconds, follow_redirects=False)
