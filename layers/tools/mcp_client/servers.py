"""The registered servers, for the life of a process: what each offers, and which of them are left alone for a while.

What a server does is its own matter: one that is down, slow or lies is missing from the offers with a sentence that says why, and
costs the others nothing. Without a registered server nothing is imported and no thread is started.
"""

import threading
import time
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from ssl import SSLContext
from typing import TYPE_CHECKING, Any, TypeVar

from mcp_client.address import Resolve, resolved
from mcp_client.arguments import Terms
from mcp_client.door import door_of
from mcp_client.errors import Down, McpFailed, Strange, Unlike
from mcp_client.heard import Advertised, Result
from mcp_client.in_time import in_time
from mcp_client.schema_bounds import Hostile
from watchkeeper.errors import WatchkeeperError
from watchkeeper.mcp_servers import READ, McpServer, McpServers

if TYPE_CHECKING:
    from mcp_client.session import Line

LEFT_ALONE_SECONDS = 60.0
KEPT_SECONDS = 300.0
T = TypeVar("T")
GRACE = 0.5  # for the conversation to end by itself, before it is left to itself
MOST_OFFERS = 40


@dataclass(frozen=True)
class Offer:
    """A tool that the team has listed and its server has: its kind is the team's word, its terms are the server's."""

    server: McpServer
    tool: Advertised
    terms: Terms

    @property
    def action(self) -> str:
        """The catalogue action that it stands for; empty for a tool that only reads."""
        kind = self.server.kind(self.tool.name)
        return "" if kind == READ else kind.partition(":")[2]


@dataclass(frozen=True)
class Offers:
    """What may be used now, and a sentence for each server or tool that is missing."""

    tools: tuple[Offer, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass
class Servers:
    """`registered` and `secrets` are read anew each time, by those who cache them. One object for each process."""

    registered: Callable[[], McpServers] = McpServers
    secrets: Callable[[], dict[str, str]] = dict
    ticks: Callable[[], float] = time.monotonic
    resolve: Resolve = resolved
    tls: SSLContext | None = None
    _kept: dict[str, tuple[float, Offers]] = field(default_factory=dict)
    _alone: dict[str, tuple[float, str]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def offers(self, seconds: float, only: Collection[str] | None = None) -> Offers:
        """What all servers, or only these, offer, after `seconds` at the latest. Misconfigured where the file cannot be read."""
        asked = [one for one in self.registered().servers if only is None or one.name in only]
        if not asked:
            return Offers()
        with ThreadPoolExecutor(len(asked), "mcp-offers") as pool:
            told = list(pool.map(lambda one: self._offers_of(one, seconds), asked))
        return Offers(tuple(tool for one in told for tool in one.tools), tuple(why for one in told for why in one.missing))

    def call(self, offer: Offer, arguments: dict[str, Any], seconds: float) -> Result:
        """The answer of a tool that reads, after `seconds` at the latest. Raises McpFailed, or what is wrong with our secrets."""
        if offer.action:
            raise AssertionError(f"{offer.server.name} {offer.tool.name} acts; nobody calls it from here")
        return self._called(offer, arguments, seconds)

    def act(self, offer: Offer, action: str, arguments: dict[str, Any], seconds: float) -> Result:
        """The answer of a tool that acts, for the one catalogue action that it is marked as. The same errors, of which all but
        Unlike and Unsafe leave open whether it was done."""
        if not action or offer.action != action:
            raise AssertionError(f"{offer.server.name} {offer.tool.name} is not marked as {action}")
        return self._called(offer, arguments, seconds)

    def _called(self, offer: Offer, arguments: dict[str, Any], seconds: float) -> Result:
        from mcp_client.session import called

        name = offer.server.name
        try:
            return self._talk(offer.server, seconds, lambda line: called(line, offer.tool, arguments))
        except Unlike:
            with self._lock:
                self._kept.pop(name, None)
            raise

    def _offers_of(self, server: McpServer, seconds: float) -> Offers:
        with self._lock:
            at, kept = self._kept.get(server.name, (0.0, None))
        if kept is not None and self.ticks() - at < KEPT_SECONDS:
            return kept
        from mcp_client.session import listed

        try:
            found = self._talk(server, seconds, lambda line: _judged(server, listed(line, lambda name: bool(server.kind(name)))))
        except WatchkeeperError as error:
            return Offers(missing=(f"MCP server {server.name}: {error}",))
        with self._lock:
            self._kept[server.name] = (self.ticks(), found)
        return found

    def _talk(self, server: McpServer, seconds: float, work: "Callable[[Line], T]") -> T:
        """One conversation, unless the server is left alone. One that fails has the server left alone for a minute."""
        from mcp_client.session import Line

        self._check(server.name)
        seconds = min(seconds, server.timeout)
        try:
            secrets = self.secrets()
            late = f"no answer in {seconds:g} s"
            return in_time(lambda: work(Line(server.url, door_of(server, secrets, self.resolve), seconds, self.tls)), seconds + GRACE, late)
        except (Down, Strange) as error:
            with self._lock:
                self._alone[server.name] = (self.ticks() + LEFT_ALONE_SECONDS, str(error))
            raise

    def _check(self, name: str) -> None:
        with self._lock:
            until, why = self._alone.get(name, (0.0, ""))
        left = until - self.ticks()
        if why and left > 0:
            raise McpFailed(f"is left alone for {left:.0f} s more: {why}")


def _judged(server: McpServer, found: list[Advertised]) -> Offers:
    """The tools whose arguments can be checked; each of the others has a sentence."""
    tools, missing = [], []
    for one in found[:MOST_OFFERS]:
        try:
            tools.append(Offer(server, one, Terms(one.schema)))
        except Hostile as error:
            missing.append(f"MCP server {server.name}: its tool {one.name[:60]!r} is not offered, its schema {error}")
    if len(found) > MOST_OFFERS:
        missing.append(f"MCP server {server.name}: {len(found) - MOST_OFFERS} more of its tools are not offered")
    return Offers(tuple(tools), tuple(missing))
