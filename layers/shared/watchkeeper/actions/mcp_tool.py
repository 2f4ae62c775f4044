"""Use one tool of a registered MCP server on a container, such as its restart.

The team marks the tool as `action:mcp-tool` in config/mcp-servers.yaml, and the standing order says which and with what: `with: {tool:
restart_container, arguments: {container: "{resource_id}"}}`. In the arguments {resource_id}, {account} and {region} stand for fields of
the trusted target; nothing else of an incident gets there. The server is the one through which the inventory sees the container. A
function of its own calls the tool, once for an execution: neither remediation nor the runbook speaks to the server to change anything.
"""

from typing import Any

from pydantic import Field

from watchkeeper.actions.action import Action, Given, Parameters, Risk, State
from watchkeeper.actions.lambda_custom import ARGUMENTS, as_text
from watchkeeper.mcp_servers import Collect
from watchkeeper.models import Cause, Resource

FIELDS = ("resource_id", "account", "region")


class McpTool(Parameters):
    server: str = Field(pattern=r"^[a-z][a-z0-9-]{0,19}$")
    tool: str = Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")
    arguments: str = Field(pattern=ARGUMENTS)


def _parameters(target: Resource, state: State, given: Given) -> Parameters:
    tool, wanted = given.get("tool"), given.get("arguments", {})
    if not isinstance(tool, str) or not tool:
        raise ValueError("the standing order has to say which tool, such as `with: {tool: restart_container}`")
    if not isinstance(wanted, dict) or not all(isinstance(one, str) for pair in wanted.items() for one in pair):
        raise ValueError("arguments are names with texts")
    if not state.get("server"):
        raise ValueError("no registered MCP server knows the container")
    return McpTool(server=str(state["server"]), tool=tool, arguments=as_text(_filled(tool, wanted, target)))


def _filled(tool: str, wanted: dict[str, Any], target: Resource) -> dict[str, str]:
    collect = Collect(tool=tool, arguments=dict(sorted(wanted.items())))
    unknown = sorted(collect.fields() - set(FIELDS))
    if unknown:
        raise ValueError(f"arguments: {{{unknown[0]}}} is not one of {', '.join('{' + one + '}' for one in FIELDS)}")
    return collect.filled({name: str(getattr(target, name.removeprefix("resource_"))) for name in FIELDS})


ACTION = Action(
    name="mcp-tool",
    says="Use a tool of its MCP server on the container",
    target_type="docker:container",
    parameters=_parameters,
    takes=("tool", "arguments"),
    helps_with=(Cause.CRASH_LOOP,),
    risk=Risk.MEDIUM,
    expected_effect="What the tool does. A restart answers nothing for some seconds; then the process runs anew.",
    ready_when={"status": ("running", "exited", "restarting")},
    calls=("lambda:InvokeFunction",),
    proven_by={"container": ("healthy", "running")},
    needs=("the tool is marked action:mcp-tool in mcp-servers.yaml", "the container carries the label AutoRemediate=true"),
    why_irreversible="what a tool of another server did, nothing of ours takes back",
    takes_out=True,
    seconds=180,
    from_stack=("ToolboxFunction",),
)
