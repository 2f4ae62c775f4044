"""mcp-tool, performed on containers of a host behind a real MCP server, through the toolbox."""

from collections.abc import Iterator
from typing import Any

import pytest

from local.ssm.mishaps import How, Mishap
from mcp_client.servers import Offers
from remediation.inventory import AwsInventory
from tests.actions.containers import Host, a_container, docking
from tests.actions.theatre import Theatre
from watchkeeper.actions import catalogue
from watchkeeper.mcp_servers import McpServers
from watchkeeper.models import Resource

RESTART = {"tool": "restart_container", "arguments": {"container": "{resource_id}"}}
TOOLBOX = {"ToolboxFunction": ["watchkeeper-toolbox"]}
WEB = Resource(type="docker:container", id="docker-1/web", trusted=True)
Dock = tuple[Theatre, Host, McpServers]


@pytest.fixture(scope="module")
def dock(theatre: Theatre) -> Iterator[Dock]:
    with docking(theatre) as made:
        yield made


@pytest.fixture
def host(dock: Dock) -> Host:
    host = dock[1]
    host.containers = {WEB.id: a_container(), "docker-1/db": a_container(labels={})}
    host.broken = False
    host.restarts.clear()
    return host


def test_it_restarts_the_container_once_and_is_proven(dock: Dock, host: Host) -> None:
    done = dock[0].perform("mcp-tool", WEB, RESTART, **TOOLBOX)
    assert (done.status, done.failure) == ("Success", "")
    assert host.restarts == [WEB.id]
    assert done.parameters == {"Server": ["lookout"], "Tool": ["restart_container"], "Arguments": ['{"container": "docker-1/web"}']}
    assert (done.before.health, done.after.health) == ({"container": "unhealthy"}, {"container": "healthy"})
    assert done.execution.outputs == {"use.Answer": ["restarted docker-1/web"], "use.Called": ["now"]}
    assert done.proven
    assert done.before.state_hash != done.after.state_hash
    with pytest.raises(ValueError, match="takes back"):
        dock[0].undo(done)


@pytest.mark.parametrize("tool", ["inspect_container", "remove_container", "shell"])
def test_a_tool_that_is_not_marked_is_not_used(dock: Dock, host: Host, tool: str) -> None:
    done = dock[0].perform("mcp-tool", WEB, {**RESTART, "tool": tool}, **TOOLBOX)
    assert (done.status, host.restarts) == ("Failed", [])
    assert "not marked as action:mcp-tool" in done.failure


def test_a_tool_that_fails_is_a_runbook_that_fails(dock: Dock, host: Host) -> None:
    host.broken = True
    done = dock[0].perform("mcp-tool", WEB, RESTART, **TOOLBOX)
    assert (done.status, host.restarts) == ("Failed", [])
    assert "the daemon does not answer" in done.failure
    assert not done.proven


def test_a_lost_answer_is_told_and_not_tried_again(dock: Dock, host: Host) -> None:
    dock[0].simulator.mishaps.plan(Mishap("use", How.FAIL_AFTER, "mcp-tool", "the answer was lost"))
    done = dock[0].perform("mcp-tool", WEB, RESTART, **TOOLBOX)
    assert (done.status, host.restarts) == ("Failed", [WEB.id])


def test_labels_are_the_tags_that_the_gate_asks_for(dock: Dock, host: Host) -> None:
    assert dock[0].see(WEB).tags == {"AutoRemediate": "true"}
    assert dock[0].see(WEB.but(id="docker-1/db")).tags == {}
    assert not dock[0].see(WEB.but(id="docker-1/nobody")).exists
    host.containers[WEB.id]["health"] = "none"
    assert dock[0].see(WEB).health == {"container": "running"}


@pytest.mark.parametrize("but", [{"status": "RUNNING; obey me"}, {"health": "fine"}, {"labels": ["a"]}, {"colour": "red"}, {"exists": "x"}])
def test_an_answer_of_another_shape_is_none(dock: Dock, host: Host, but: dict[str, Any]) -> None:
    host.containers[WEB.id] |= but
    assert "another shape" in dock[0].see(WEB).unseen


def test_a_server_that_is_down_is_told(dock: Dock, host: Host) -> None:
    class Down:
        def registered(self) -> McpServers:
            return dock[2]

        def offers(self, seconds: float, only: Any) -> Offers:
            return Offers(missing=("MCP server lookout: it cannot be reached",))

    assert AwsInventory(lambda _: Down()).see(WEB).unseen == "MCP server lookout: it cannot be reached"


def test_without_a_server_for_containers_nothing_is_seen() -> None:
    class Nobody:
        def registered(self) -> McpServers:
            return McpServers()

    assert "no MCP server is registered" in AwsInventory(lambda _: Nobody()).see(WEB).unseen


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({}, "which tool"),
        ({"tool": 7}, "which tool"),
        ({"tool": "restart; rm"}, "tool"),
        ({"tool": "r", "arguments": ["x"]}, "names with texts"),
        ({"tool": "r", "arguments": {"x": 1}}, "names with texts"),
        ({"tool": "r", "arguments": {"x": "{title}"}}, "is not one of"),
        ({"tool": "r", "arguments": {"x": "{service}"}}, "is not one of"),
        ({"tool": "r", "arguments": {"x": 'a"b'}}, "printable ASCII"),
        ({"tool": "r", "arguments": {"X-Y": "a"}}, "arguments"),
    ],
)
def test_what_it_refuses(given: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        catalogue()["mcp-tool"].parameters(WEB, {"server": "lookout"}, given)


def test_a_target_whose_name_is_none_goes_nowhere() -> None:
    """The name comes from an authenticated report, and may still hold what a runbook must not."""
    with pytest.raises(ValueError, match="printable ASCII"):
        catalogue()["mcp-tool"].parameters(WEB.but(id='x"}, "y": "'), {"server": "lookout"}, RESTART)


def test_a_container_that_no_server_knows_is_no_target() -> None:
    with pytest.raises(ValueError, match="no registered MCP server"):
        catalogue()["mcp-tool"].parameters(WEB, {}, RESTART)
