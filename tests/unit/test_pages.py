"""The docs say what is there: links lead somewhere, commands and tests exist, and the gate's table is the gate."""

import re
from pathlib import Path

import pytest

from cli.command import commands
from remediation.gate import CHECKS
from watchkeeper.actions import catalogue

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
LINK = re.compile(r"\]\((?!https?:|mailto:)(?P<path>[^)#\s]*)(?:#(?P<part>[^)\s]+))?\)")
COMMAND = re.compile(r"\./watchkeeper ((?:[a-z]+ ?){1,2})")
NAMES = {command.name for command in commands()}
GROUPS = {name.split()[0] for name in NAMES if " " in name}


def _named(page: Path) -> str:
    return str(page.relative_to(ROOT))


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=_named)
def test_links_lead_somewhere(page: Path) -> None:
    for link in LINK.finditer(page.read_text()):
        target = (page.parent / link["path"]).resolve() if link["path"] else page
        assert target.exists(), link[0]
        assert not link["part"] or link["part"] in _anchors(target), link[0]


@pytest.mark.parametrize("page", PAGES, ids=_named)
def test_commands_are_there(page: Path) -> None:
    for said in COMMAND.findall(page.read_text()):
        first, _, second = said.strip().partition(" ")
        assert first in NAMES or first in GROUPS, said
        assert first not in GROUPS or not second or f"{first} {second}" in NAMES or first in NAMES, said


def test_every_command_is_on_some_page() -> None:
    text = "\n".join(page.read_text() for page in PAGES)
    assert [name for name in sorted(NAMES) if not re.search(rf"\b{name}\b", text)] == []


def test_the_gates_table_is_the_gate() -> None:
    page = (ROOT / "docs" / "remediation.md").read_text()
    assert re.findall(r"^\| ([a-z ]+) \| [AR]\b", page, re.MULTILINE) == [name for name, _ in CHECKS]


def test_every_test_that_a_promise_names_is_there() -> None:
    named = re.findall(r"\b((?:tests|bench)/[\w/.]+)", (ROOT / "docs" / "promises.md").read_text())
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_action_has_its_page() -> None:
    assert {page.stem for page in (ROOT / "docs" / "actions").glob("*.md")} - {"README"} >= set(catalogue())


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = (folder / "README.md").read_text()
    assert [page.name for page in sorted(folder.glob("0*.md")) if f"({page.name})" not in listed] == []
