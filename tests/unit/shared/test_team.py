"""The team's word, read strictly: a typing mistake is a sentence with file and field, never a default."""

import sys
from datetime import timedelta
from pathlib import Path

import pytest

from watchkeeper.errors import Misconfigured
from watchkeeper.models import Cause, Severity
from watchkeeper.team import Channels, Mode, Services, config_dir, read_orders, read_yaml

CONFIG = Path(__file__).parents[3] / "config"
ORDER = "orders:\n  - name: restart\n    action: ec2-restart\n    mode: auto\n"


def orders_file(folder: Path, text: str) -> Path:
    (folder / "standing-orders.yaml").write_text(text)
    return folder


def test_the_files_that_ship_are_read() -> None:
    actions = {order.action for order in read_orders(CONFIG).orders}
    assert actions == {"ec2-restart", "ecs-redeploy", "github-revert", "ec2-clean-temp", "asg-set-capacity", "ecs-scale"}
    assert read_yaml(CONFIG / "services.yaml", Services).services
    assert read_yaml(CONFIG / "channels.yaml", Channels).channels


def test_an_order_is_typed(tmp_path: Path) -> None:
    text = ORDER + "    cooldown: 90s\n    when: {causes: [crash_loop], severities: [sev1]}\n"
    (order,) = read_orders(orders_file(tmp_path, text)).orders
    assert (order.mode, order.cooldown, order.min_confidence) == (Mode.AUTO, timedelta(seconds=90), 0.7)
    assert (order.when.causes, order.when.severities) == ((Cause.CRASH_LOOP,), (Severity.SEV1,))


@pytest.mark.parametrize(("written", "meant"), [("45s", 45), ("30m", 1800), ("2h", 7200), ("1d", 86400), ("PT5M", 300)])
def test_durations_are_written_as_people_do(written: str, meant: int, tmp_path: Path) -> None:
    (order,) = read_orders(orders_file(tmp_path, ORDER + f"    cooldown: {written}\n")).orders
    assert order.cooldown == timedelta(seconds=meant)


def test_the_version_is_of_the_bytes(tmp_path: Path) -> None:
    first = read_orders(orders_file(tmp_path, ORDER)).version
    assert len(first) == 12
    assert read_orders(orders_file(tmp_path, ORDER)).version == first
    assert read_orders(orders_file(tmp_path, ORDER + "# a word more\n")).version != first


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (ORDER.replace("mode: auto", "mode: always"), "standing-orders.yaml: orders.0.mode: "),
        (ORDER + "    cooldwon: 30m\n", "standing-orders.yaml: orders.0.cooldwon: "),
        (ORDER + "    cooldown: soon\n", "standing-orders.yaml: orders.0.cooldown: "),
        (ORDER + "    min_confidence: 7\n", "standing-orders.yaml: orders.0.min_confidence: "),
        (ORDER.replace("    action: ec2-restart\n", ""), "standing-orders.yaml: orders.0.action: "),
        ("orders: [", "standing-orders.yaml: not YAML: "),
        ("", "standing-orders.yaml: orders: "),
        ("- a\n- b\n", "standing-orders.yaml: "),
    ],
)
def test_a_mistake_names_file_and_field(text: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured) as wrong:
        read_orders(orders_file(tmp_path, text))
    assert str(wrong.value.args[0]).startswith(says)


def test_every_mistake_has_its_line(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured) as wrong:
        read_orders(orders_file(tmp_path, ORDER.replace("auto", "always") + "    cooldown: soon\n"))
    assert len(str(wrong.value.args[0]).splitlines()) == 2


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"services\.yaml: not found in"):
        read_yaml(tmp_path / "services.yaml", Services)


def test_the_folder_is_the_variables_or_one_on_the_import_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    layer, chosen = tmp_path / "layer", tmp_path / "chosen"
    for folder in (layer, chosen):
        folder.mkdir()
        orders_file(folder, ORDER)
    monkeypatch.delenv("WATCHKEEPER_CONFIG", raising=False)
    monkeypatch.setattr(sys, "path", [*sys.path, str(layer)])
    assert config_dir() == layer
    monkeypatch.setenv("WATCHKEEPER_CONFIG", str(chosen))
    assert config_dir() == chosen


def test_no_folder_at_all_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WATCHKEEPER_CONFIG", raising=False)
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(Misconfigured, match="set WATCHKEEPER_CONFIG"):
        config_dir()
