"""A registered MCP tool, called once for a runbook that was ordered to."""
