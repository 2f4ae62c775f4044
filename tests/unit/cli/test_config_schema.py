"""The published schemas: they are what the types say, and they take and refuse what the types take and refuse."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from cli.team_schemas import DIALECT, KINDS, schemas
from tests.unit.cli.conftest import Terminal
from watchkeeper.errors import Misconfigured
from watchkeeper.team_files import read_yaml

ROOT = Path(__file__).parents[3]
ORDER = "name: restart, action: ec2-restart, mode: auto"
WINDOW = "id: a, cron: '0 2 * * *', lasts: 2h"
ONCE = "id: a, start: 2027-01-16T22:00:00, end: 2027-01-17T02:00:00"


def taken_by_schema(name: str, text: str) -> bool:
    """As an editor reads it: a time is text to it, as in JSON."""
    schema = json.loads(schemas()[Path(f"docs/schemas/{name}.schema.json")])
    found = json.loads(json.dumps(yaml.safe_load(text) or {}, default=lambda value: value.isoformat()))
    return bool(jsonschema.Draft202012Validator(schema).is_valid(found))


def taken_by_types(name: str, text: str, folder: Path) -> bool:
    path = folder / f"{name}.yaml"
    path.write_text(text)
    try:
        read_yaml(path, KINDS[name])
    except Misconfigured:
        return False
    return True


@pytest.mark.parametrize("name", sorted(KINDS))
def test_a_published_schema_is_what_the_types_say(name: str) -> None:
    place = Path(f"docs/schemas/{name}.schema.json")
    assert (ROOT / place).read_text() == schemas()[place], "bring it up to the types with: ./watchkeeper config schema --write"
    published = json.loads((ROOT / place).read_text())
    assert published["$schema"] == DIALECT
    jsonschema.Draft202012Validator.check_schema(published)


@pytest.mark.parametrize("name", sorted(KINDS))
def test_what_ships_is_right_to_its_schema(name: str) -> None:
    assert taken_by_schema(name, (ROOT / f"config/{name}.yaml").read_text())


def test_the_examples_of_the_orders_are_right_to_their_schema() -> None:
    lines = (ROOT / "config/standing-orders.yaml").read_text().splitlines()
    assert taken_by_schema("standing-orders", "\n".join(line[6:] for line in lines if line.startswith("#     ")))


def test_the_file_that_ships_names_its_schema() -> None:
    first = (ROOT / "config/standing-orders.yaml").read_text().splitlines()[0]
    mark, _, place = first.partition("$schema=")
    assert mark == "# yaml-language-server: "
    assert (ROOT / "config" / place).resolve() == ROOT / "docs/schemas/standing-orders.schema.json"


@pytest.mark.parametrize(
    ("name", "text", "right"),
    [
        ("standing-orders", f"orders: [{{{ORDER}}}]", True),
        ("standing-orders", "orders: []", True),
        ("standing-orders", "", False),
        ("standing-orders", "orders: {}", False),
        ("standing-orders", f"orders: [{{{ORDER}}}]\nordres: []", False),
        ("standing-orders", f"orders: [{{{ORDER}, cooldwon: 30m}}]", False),
        ("standing-orders", f"orders: [{{{ORDER}, cooldown: 30m}}]", True),
        ("standing-orders", f"orders: [{{{ORDER}, cooldown: PT30M}}]", True),
        ("standing-orders", f"orders: [{{{ORDER}, cooldown: 90}}]", True),
        ("standing-orders", f"orders: [{{{ORDER}, cooldown: soon}}]", False),
        ("standing-orders", f"orders: [{{{ORDER}, with: {{capacity: 6}}}}]", True),
        ("standing-orders", f"orders: [{{{ORDER}, given: {{capacity: 6}}}}]", False),
        ("standing-orders", "orders: [{action: ec2-restart, mode: auto}]", False),
        ("standing-orders", "orders: [{name: '', action: ec2-restart, mode: auto}]", False),
        ("standing-orders", "orders: [{name: a, action: '*', mode: never}]", True),
        ("standing-orders", "orders: [{name: a, action: ec2-restart, mode: approve}]", True),
        ("standing-orders", "orders: [{name: a, action: ec2-restart, mode: approve(2)}]", True),
        ("standing-orders", "orders: [{name: a, action: ec2-restart, mode: approve(3)}]", False),
        ("standing-orders", "orders: [{name: a, action: ec2-restart, mode: always}]", False),
        ("standing-orders", f"orders: [{{{ORDER}, min_confidence: 0.9}}]", True),
        ("standing-orders", f"orders: [{{{ORDER}, min_confidence: 7}}]", False),
        ("standing-orders", f"orders: [{{{ORDER}, ok_periods: 0}}]", False),
        ("standing-orders", f"orders: [{{{ORDER}, caps: {{per_target: 2, share_of_fleet: 1, per_zone: 3}}}}]", True),
        ("standing-orders", f"orders: [{{{ORDER}, caps: {{per_target: 3}}}}]", False),
        ("standing-orders", f"orders: [{{{ORDER}, caps: {{share_of_fleet: 0}}}}]", False),
        ("standing-orders", f"orders: [{{{ORDER}, hours: {{start: '09:00', end: '17:30', days: [mon]}}}}]", True),
        ("standing-orders", f"orders: [{{{ORDER}, hours: {{start: '9:00'}}}}]", False),
        ("standing-orders", f"orders: [{{{ORDER}, hours: {{days: [monday]}}}}]", False),
        ("standing-orders", f"orders: [{{{ORDER}, hours: {{days: []}}}}]", False),
        ("standing-orders", f"orders: [{{{ORDER}, hours: {{outside: wait}}}}]", False),
        ("standing-orders", f"orders: [{{{ORDER}, hours: null}}]", True),
        ("standing-orders", f"orders: [{{{ORDER}, ladder: {{start: suggest, runs: 30, precision: 0.9}}}}]", True),
        ("standing-orders", f"orders: [{{{ORDER}, ladder: {{start: approve}}}}]", True),
        ("standing-orders", f"orders: [{{{ORDER}, ladder: {{start: top}}}}]", False),
        ("standing-orders", f"orders: [{{{ORDER}, ladder: {{runs: 4}}}}]", False),
        ("standing-orders", f"orders: [{{{ORDER}, ladder: {{precision: 1}}}}]", False),
        ("standing-orders", f"orders: [{{{ORDER}, approvers: shop}}]", False),
        ("standing-orders", f"orders: [{{{ORDER}, stop_alarms: [a, b, c, d, e, f]}}]", False),
        ("standing-orders", f"orders: [{{{ORDER}, when: {{causes: [cpu_saturation], severities: [sev1], labels: {{a: b}}}}}}]", True),
        ("standing-orders", f"orders: [{{{ORDER}, when: {{causes: [bad_luck]}}}}]", False),
        ("standing-orders", f"orders: [{{{ORDER}, when: {{severities: [high]}}}}]", False),
        ("standing-orders", f"orders: [{{{ORDER}, when: {{accounts: [123456789012]}}}}]", False),
        ("standing-orders", f"orders: [{{{ORDER}, when: {{labels: {{a: 1}}}}}}]", False),
        ("standing-orders", f"orders: []\nfreeze: [{{{WINDOW}, everything: true}}]", True),
        ("standing-orders", f"orders: []\nfreeze: [{{{WINDOW}, scope: {{services: [a]}}}}]", True),
        ("standing-orders", f"orders: []\nfreeze: [{{{WINDOW}}}]", False),
        ("standing-orders", f"orders: []\nfreeze: [{{{WINDOW}, scope: {{}}}}]", False),
        ("standing-orders", f"orders: []\nfreeze: [{{{WINDOW}, scope: {{services: [a]}}, everything: true}}]", False),
        ("standing-orders", f"orders: []\nfreeze: [{{{ONCE}, everything: true}}]", True),
        ("standing-orders", "orders: []\nfreeze: [{id: a, start: 2027-01-16T22:00:00, everything: true}]", False),
        ("standing-orders", "orders: []\nfreeze: [{id: a, cron: '0 2 * * *', everything: true}]", False),
        ("standing-orders", "orders: []\nfreeze: [{id: a, cron: '0 2 * *', lasts: 2h, everything: true}]", False),
        ("standing-orders", "orders: []\nfreeze: [{id: a, calendar: c, frozen_while: closed, everything: true}]", True),
        ("standing-orders", "orders: []\nfreeze: [{id: a, calendar: c, everything: true}]", False),
        ("standing-orders", f"orders: []\nfreeze: [{{{WINDOW}, calendar: c, frozen_while: open, everything: true}}]", False),
        ("standing-orders", "orders: []\nlimits: {per_hour: 0, failures: 3, failures_in_all: 9}", True),
        ("standing-orders", "orders: []\nlimits: {per_hour: 11}", False),
        ("standing-orders", "orders: []\nguardian: {without_key: run}", True),
        ("standing-orders", "orders: []\nguardian: {without_key: true}", False),
        ("standing-orders", "orders: []\nthinking: [{name: a, when: {services: [a]}}]", True),
        ("standing-orders", "orders: []\nthinking: [{when: {services: [a]}}]", False),
        ("noise", f"windows: [{{{WINDOW}, everything: true}}]", True),
        ("noise", "windows: [{id: a, calendar: c, frozen_while: closed, everything: true}]", False),
        ("noise", "windows: [{id: a, calendar: c, quiet_while: closed, everything: true}]", True),
        ("noise", "flapping: {transitions: 2}", False),
        ("services", "services: [{name: a, depends_on: [b]}]", True),
        ("services", "services: [{owner: a}]", False),
        ("channels", "channels: [{id: a, kind: slack, where: {channel: C0}}]", True),
        ("channels", "channels: [{id: a, kind: fax}]", False),
        ("people", "people: [{id: ada, name: Ada, role: approver, slack: U0ADA}]", True),
        ("people", "people: [{id: ada, name: Ada, role: king}]", False),
        ("people", "people: [{id: ada, name: Ada, slack: '@ada'}]", False),
        ("mcp-servers", "servers: [{name: a, url: 'https://mcp.example/', tools: {search: read}}]", True),
        ("mcp-servers", "servers: [{name: a, url: 'https://mcp.example/', tools: {search: read}, token: x}]", False),
    ],
)
def test_schema_and_types_agree(name: str, text: str, right: bool, tmp_path: Path) -> None:
    assert (taken_by_schema(name, text), taken_by_types(name, text, tmp_path)) == (right, right)


def test_a_schema_completes_the_actions_of_the_catalogue() -> None:
    """To the types any name is one; to an editor and to config check only those that there are."""
    assert not taken_by_schema("standing-orders", "orders: [{name: a, action: ec2-reboot, mode: auto}]")
    assert taken_by_schema("standing-orders", "orders: [{name: a, action: 'ec2-*', mode: never}]")


def test_the_command_prints_one_writes_all_and_says_what_is_late(
    terminal: Terminal, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert terminal.run("config", "schema", "services") == 0
    shown: dict[str, Any] = json.loads(terminal.out)
    assert shown["title"] == "config/services.yaml"
    assert terminal.run("config", "schema", "--root", str(tmp_path)) == 1
    assert len(capsys.readouterr().err.splitlines()) == len(KINDS)
    assert terminal.run("config", "schema", "--write", "--root", str(tmp_path)) == 0
    assert terminal.run("config", "schema", "--root", str(tmp_path)) == 0
    assert terminal.run("config", "schema", "services", "--write") == 2
    assert terminal.named == []
