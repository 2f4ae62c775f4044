"""What config check finds in noise.yaml, and in what services need of each other."""

import shutil
from pathlib import Path

import pytest

from cli.team_faults import faults_in

CONFIG = Path(__file__).parents[3] / "config"
ALL = ("checkout", "storefront", "orders", "archive", "workers", "reports", "catalog")  # that the orders that ship speak of
OTHERS = ", ".join(f"{{name: {name}}}" for name in ALL[1:])
WINDOW = "{id: a, cron: '0 2 * * *', lasts: 1h, scope: {services: [checkout]}}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(CONFIG, tmp_path / "config")
    return tmp_path / "config"


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        (f"windows: [{WINDOW}]", []),
        (f"windows: [{WINDOW}, {WINDOW}]", ["noise.yaml: windows.1.id: 'a' is there twice"]),
        (f"windows: [{WINDOW.replace('checkout', 'chekout')}]", ["noise.yaml: windows.0.scope.services: no service is called 'chekout'"]),
        (f"windows: [{WINDOW.replace('checkout', '”chek*”')}]".replace("”", '"'), ["noise.yaml: windows.0.scope.services: no service"]),
        ("minimum: [{count: 2}, {count: 3}]", ["noise.yaml: minimum.0: it speaks of every alert, so the rules after it never apply"]),
        ("minimum: [{count: 2, scope: {services: [nobody]}}]", ["noise.yaml: minimum.0.scope.services: no service is called 'nobody'"]),
        ("flapping: {transitions: 99}\ngrowth: [{to: sev1}]", ["noise.yaml: flapping.transitions: ", "noise.yaml: growth.0: "]),
    ],
)
def test_each_fault_is_one_line_with_its_field(text: str, faults: list[str], folder: Path) -> None:
    (folder / "noise.yaml").write_text(text)
    found = faults_in(folder)
    assert len(found) == len(faults), found
    assert all(line.startswith(fault) for line, fault in zip(found, faults, strict=True)), found


def test_a_folder_without_noise_is_in_order(folder: Path) -> None:
    (folder / "noise.yaml").unlink()
    assert faults_in(folder) == []


@pytest.mark.parametrize(
    ("needs", "fault"),
    [
        ("[storefront]", ""),
        ("[checkout]", "services.yaml: services.0.depends_on: 'checkout' cannot depend on itself"),
        ("[storfront]", "services.yaml: services.0.depends_on: no service is called 'storfront'; there are " + ", ".join(ALL)),
    ],
)
def test_services_need_services_that_there_are(needs: str, fault: str, folder: Path) -> None:
    (folder / "services.yaml").write_text(f"services: [{{name: checkout, depends_on: {needs}}}, {OTHERS}]")
    assert faults_in(folder) == ([fault] if fault else [])
