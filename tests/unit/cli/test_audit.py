"""Anyone can verify a record: against the stack, or from a file without any access to it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.stack import Choice, Stack
from tests.unit.cli.conftest import Terminal, publish
from watchkeeper.models import Incident


@pytest.fixture
def export(terminal: Terminal, waiting: Incident, tmp_path: Path) -> Path:
    path = tmp_path / "export.json"
    assert terminal.run("audit", "export", waiting.id, "--output", str(path)) == 0
    return path


class NoStack(Terminal):
    """A terminal from which no stack can be reached."""

    def _open(self, choice: Choice) -> Stack:
        raise AssertionError("verifying a file must not look for a stack")


def test_a_chain_in_the_stack_is_verified(terminal: Terminal, waiting: Incident) -> None:
    assert terminal.run("audit", "verify", "latest") == 0
    assert f"{waiting.id}: 2 records hold, 2 of them under an anchor." in terminal.out


def test_an_export_is_verified_without_the_stack(terminal: Terminal, export: Path) -> None:
    offline = NoStack(terminal.stack)
    assert offline.run("audit", "verify", "--export", str(export)) == 0
    assert "2 records hold" in offline.out


def test_an_export_goes_to_standard_output(terminal: Terminal, waiting: Incident) -> None:
    assert terminal.run("audit", "export", "latest") == 0
    kept = json.loads(terminal.out)
    assert (kept["incident_id"], len(kept["records"]), len(kept["anchors"])) == (waiting.id, 2, 2)


def _edit(kept: dict[str, Any]) -> None:
    kept["records"][0]["says"] = "Nothing happened."


def _cut(kept: dict[str, Any]) -> None:
    del kept["records"][-1]


def _empty(kept: dict[str, Any]) -> None:
    kept["records"], kept["anchors"] = [], []


def _other(kept: dict[str, Any]) -> None:
    kept["incident_id"] = "INC-OTHER"


@pytest.mark.parametrize(
    ("tamper", "says"),
    [
        (_edit, "record 1 was edited after it was sealed"),
        (_cut, "the chain ends before record 2, which was anchored: it was cut"),
        (_empty, "there is no record of INC-"),
        (_other, "record 1 belongs to INC-01M7WZ49C1ER8E2XA9F4D4TE0W, not to INC-OTHER"),
    ],
)
def test_tampering_shows(tamper: Callable[[dict[str, Any]], None], says: str, terminal: Terminal, export: Path) -> None:
    kept = json.loads(export.read_text())
    tamper(kept)
    export.write_text(json.dumps(kept))
    assert terminal.run("audit", "verify", "--export", str(export)) == 1
    assert says in terminal.out


def test_tampering_in_the_table_shows(terminal: Terminal, waiting: Incident) -> None:
    client = terminal.stack.client("dynamodb")
    where = {"pk": {"S": waiting.id}, "seq": {"N": "2"}}
    client.delete_item(TableName="audit", Key=where)
    assert terminal.run("audit", "verify", "latest") == 1
    assert "it was cut" in terminal.out
    assert "the incident says that its chain has 2 records" in terminal.out


def test_a_tail_without_an_anchor_is_said_aloud(terminal: Terminal, export: Path) -> None:
    kept = json.loads(export.read_text())
    del kept["anchors"][1]
    export.write_text(json.dumps(kept))
    assert terminal.run("audit", "verify", "--export", str(export)) == 0
    assert "they have no anchor yet" in terminal.out


@pytest.mark.parametrize(
    ("content", "says"),
    [("{", "no audit export"), ("{}", "no audit export: incident_id"), (None, "cannot be read"), ("[]", "no audit export")],
)
def test_what_is_no_export_is_said_so(
    content: str | None, says: str, terminal: Terminal, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "file.json"
    if content is not None:
        path.write_text(content)
    assert terminal.run("audit", "verify", "--export", str(path)) == 2
    assert says in capsys.readouterr().err


def test_two_incidents_do_not_share_a_chain(terminal: Terminal, waiting: Incident) -> None:
    publish(terminal.stack, id="INC-01M7WZ49C1ER8E2XA9F4D4TE0X")
    for named in (waiting.id, "TE0X"):
        assert terminal.run("audit", "verify", named) == 0
