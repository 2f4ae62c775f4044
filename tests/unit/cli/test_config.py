"""The team's word before it is deployed: what ships is in order, and each fault is one line with file and field."""

import shutil
from pathlib import Path

import pytest

from cli.team_faults import faults_in
from tests.unit.cli.conftest import Terminal

ORDERS = "standing-orders.yaml"
CONFIG = Path(__file__).parents[3] / "config"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(CONFIG, tmp_path / "config")
    return tmp_path / "config"


def edit(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    live = "".join(line for line in path.read_text().splitlines(keepends=True) if not line.startswith("#"))
    assert old in live
    path.write_text(live.replace(old, new, 1))


def test_what_ships_is_in_order(terminal: Terminal) -> None:
    assert terminal.run("config", "check") == 0
    assert "in order; 8 standing orders, version " in terminal.out
    assert terminal.named == []


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        (ORDERS, "action: ec2-restart", "action: ec2-reboot", f"{ORDERS}: orders.0.action: there is no action 'ec2-reboot'"),
        (ORDERS, "services: [checkout]", "services: [chekout]", f"{ORDERS}: orders.0.when.services: no service is called 'chekout'"),
        (ORDERS, "services: [checkout]", "services: ['chek*']", f"{ORDERS}: orders.0.when.services: no service is called 'chek*'"),
        (ORDERS, "causes: [cpu_saturation]", "causes: [crash_loop]", f"{ORDERS}: orders.0.when.causes: ec2-restart is only ever"),
        (ORDERS, "mode: auto", "mode: always", f"{ORDERS}: orders.0.mode: "),
        (ORDERS, "redeploy a crashing storefront", "restart a saturated checkout host", f"{ORDERS}: orders: Value error, 'restart a"),
        ("services.yaml", "name: storefront", "name: checkout", "services.yaml: services.1.name: 'checkout' is there twice"),
        ("services.yaml", "owner: payments", "ownr: payments", "services.yaml: services.0.ownr: "),
        ("channels.yaml", 'channel: "C0INCIDENTS"', "chanel: C0", "channels.yaml: channels.0.where.channel: slack needs a channel id"),
        ("channels.yaml", "project: OPS, ", "", "channels.yaml: channels.1.where.project: jira needs a project key"),
        ("channels.yaml", '["oncall@example.com"]', "oncall", "channels.yaml: channels.2.where.to: email needs a list of addresses"),
        ("channels.yaml", "kind: jira", "kind: jiira", "channels.yaml: channels.1.kind: "),
        ("channels.yaml", "id: jira-ops", "id: slack-incidents", "channels.yaml: channels.1.id: 'slack-incidents' is there twice"),
        (
            "channels.yaml",
            "    at_least: sev3",
            "    services: [nobody]",
            "channels.yaml: channels.1.services: no service is called 'nobody'",
        ),
    ],
)
def test_a_fault_is_one_line_with_file_and_field(name: str, old: str, new: str, says: str, folder: Path) -> None:
    edit(folder, name, old, new)
    assert any(fault.startswith(says) for fault in faults_in(folder)), faults_in(folder)


def test_every_fault_of_every_file_is_told_at_once(folder: Path, terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    edit(folder, "standing-orders.yaml", "mode: auto", "mode: always")
    edit(folder, "channels.yaml", "project: OPS, ", "")
    (folder / "services.yaml").unlink()
    assert terminal.run("config", "check", str(folder)) == 1
    lines = capsys.readouterr().err.splitlines()
    assert {line.split(":")[0] for line in lines} == {"standing-orders.yaml", "services.yaml", "channels.yaml"}


def test_a_star_names_the_services_that_there_are(folder: Path) -> None:
    edit(folder, "standing-orders.yaml", "services: [checkout]", "services: ['check*']")
    assert faults_in(folder) == []


MCP = """
servers:
  - {name: github, url: "https://mcp.example/", tools: {search: read, merge: "action:github-revert"}}
"""


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("search: read", "search: read", ""),
        ("https://", "http://", "mcp-servers.yaml: servers.0: Value error, http:// is for localhost"),
        ("https://", "https://user@", "mcp-servers.yaml: servers.0.url: Value error, holds a user or a password"),
        ("search: read", "search: write", "mcp-servers.yaml: servers.0.tools.search: Value error, read, or action:"),
        ("github-revert", "github-merge", "mcp-servers.yaml: servers.0.tools.merge: there is no action 'github-merge'; there are "),
        ("search: read", f"{'s' * 60}: read", f"mcp-servers.yaml: servers.0.tools.{'s' * 60}: too long for a model"),
        ("tools:", "collect: [{tool: merge}], tools:", "mcp-servers.yaml: servers.0: Value error, collect: 'merge' is not one of"),
        ("tools:", "token: abc, tools:", "mcp-servers.yaml: servers.0.token: "),
    ],
)
def test_mcp_servers_are_checked_with_the_rest(old: str, new: str, says: str, folder: Path) -> None:
    (folder / "mcp-servers.yaml").write_text(MCP.replace(old, new))
    found = faults_in(folder)
    assert [fault.startswith(says) for fault in found] == ([True] if says else []), found


def test_a_server_is_registered_once_and_a_folder_without_the_file_has_none(folder: Path) -> None:
    line = MCP.splitlines()[2]
    (folder / "mcp-servers.yaml").write_text(f"{MCP}{line}\n")
    assert faults_in(folder) == ["mcp-servers.yaml: servers.1.name: 'github' is there twice"]
    (folder / "mcp-servers.yaml").unlink()
    assert faults_in(folder) == []


def test_the_examples_in_the_file_that_ships_can_be_registered(folder: Path) -> None:
    path = folder / "mcp-servers.yaml"
    shipped = path.read_text()
    examples = [line[2:] for line in shipped[shipped.index("# - name") :].splitlines() if line.startswith("# ")]
    path.write_text("servers:\n" + "\n".join(f"  {line}" for line in examples))
    assert faults_in(folder) == []
