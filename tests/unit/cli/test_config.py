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
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_what_ships_is_in_order(terminal: Terminal) -> None:
    assert terminal.run("config", "check") == 0
    assert "in order; 4 standing orders, version " in terminal.out
    assert terminal.named == []


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        (ORDERS, "action: ec2-restart", "action: ec2-reboot", f"{ORDERS}: orders.0.action: there is no action 'ec2-reboot'"),
        (ORDERS, "services: [checkout]", "services: [chekout]", f"{ORDERS}: orders.0.when.services: no service is called 'chekout'"),
        (ORDERS, "services: [checkout]", "services: ['chek*']", f"{ORDERS}: orders.0.when.services: no service is called 'chek*'"),
        (ORDERS, "causes: [cpu_saturation]", "causes: [crash_loop]", f"{ORDERS}: orders.0.when.causes: ec2-restart is only ever"),
        (ORDERS, "mode: auto", "mode: always", f"{ORDERS}: orders.0.mode: "),
        (ORDERS, "redeploy a crashing storefront", "restart a saturated checkout host", f"{ORDERS}: orders.1.name: 'restart a"),
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
