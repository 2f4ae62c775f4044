"""The MCP client: where it may connect, what it believes of a server, what it sends. The SDK is imported when a server is first asked."""
