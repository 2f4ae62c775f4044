"""What can go wrong with somebody else's MCP server, a sentence each. None of them quotes the server.

McpFailed          nothing usable came back
├── Unsafe         its address leads where we do not connect, so nothing was sent
├── Down           it does not answer, or not in time
├── Strange        it answers what it may not: garbage, too much, another origin, a list without end
└── Unlike         the tool is not what it was when it was offered: gone, or with other arguments
"""

from watchkeeper.errors import Transient


class McpFailed(Transient):
    """Nothing usable came back from an MCP server; everything else goes on without it."""


class Unsafe(McpFailed):
    """The address leads into address space that was not registered. Nothing was sent."""


class Down(McpFailed):
    """No answer, or none in time."""


class Strange(McpFailed):
    """An answer that the protocol, or our bounds, do not allow."""


class Unlike(McpFailed):
    """The tool was offered under other terms; it was not called."""
