"""What went wrong in a conversation, in our words: the SDK nests errors in groups and quotes the server, and neither helps anybody."""

import httpx2
from mcp.shared.exceptions import MCPError
from pydantic import ValidationError

from mcp_client.door import TOO_MUCH, Door
from mcp_client.errors import Down, McpFailed, Strange

REFUSES_US = {401, 403}


def named(error: BaseException, door: Door, seconds: float) -> McpFailed:
    """The one failure that this is. Where one of ours lies in a group, it is that one."""
    causes = leaves(error)
    ours = next((one for one in causes if isinstance(one, McpFailed)), None)
    if ours is not None:
        return ours
    if door.left < 0:
        return Strange(TOO_MUCH)
    return _silent(causes, door, seconds) or _answered(door.status) or _wrong(causes)


def _silent(causes: list[BaseException], door: Door, seconds: float) -> McpFailed | None:
    """It says nothing, or no more."""
    if any(isinstance(one, TimeoutError | httpx2.TimeoutException) for one in causes):
        return Down(f"no answer in {seconds:g} s")
    if any(isinstance(one, httpx2.TransportError | OSError) for one in causes):
        return Down("it breaks the connection off" if door.status else "it cannot be reached")
    return None


def _answered(status: int) -> McpFailed | None:
    """It says so by HTTP."""
    if status in REFUSES_US:
        return Down(f"it refuses us with HTTP {status}; is the secret that it is registered with the right one?")
    if status >= 400:
        return Down(f"it answers HTTP {status}")
    return Strange("it sends us to another address, which gets nothing") if 300 <= status < 400 else None


def _wrong(causes: list[BaseException]) -> McpFailed:
    """It says something, and that is wrong."""
    protocol = next((one for one in causes if isinstance(one, MCPError)), None)
    if protocol is not None:
        return Strange(f"it answers with the protocol's error {protocol.code}")
    if any(isinstance(one, ValidationError) for one in causes):
        return Strange("its answer is not what the protocol says")
    return Strange(f"its answer cannot be read ({type(causes[0]).__name__})")


def leaves(error: BaseException) -> list[BaseException]:
    """The errors in a group, however deep, and what each was raised from."""
    if isinstance(error, BaseExceptionGroup):
        return [leaf for one in error.exceptions for leaf in leaves(one)]
    further = error.__cause__
    return [error, *(leaves(further) if further is not None else [])]
