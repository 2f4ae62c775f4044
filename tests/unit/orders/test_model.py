"""What standing-orders.yaml may say: what ships, its examples, and how each mistake is told."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from watchkeeper.errors import Misconfigured
from watchkeeper.orders.model import Hours, Mode, StandingOrders
from watchkeeper.team import read_orders

CONFIG = Path(__file__).parents[3] / "config"
ORDER = {"name": "restart", "action": "ec2-restart", "mode": "auto"}
WEEKEND = {"id": "weekend", "cron": "0 18 * * fri", "lasts": "2d", "everything": True}


def examples() -> dict[str, Any]:
    """What the comments of the file that ships show, out of its comments."""
    lines = (CONFIG / "standing-orders.yaml").read_text().splitlines()
    found: dict[str, Any] = yaml.safe_load("\n".join(line[6:] for line in lines if line.startswith("#     ")))
    return found


def test_what_ships_means_what_it_meant() -> None:
    orders = read_orders(CONFIG)
    said = [(o.action, o.mode, o.min_confidence, int(o.cooldown.total_seconds()), o.ok_periods, o.when.services) for o in orders.orders]
    assert said == [
        ("ec2-restart", Mode.AUTO, 0.7, 1800, 1, ("checkout",)),
        ("ecs-redeploy", Mode.AUTO, 0.7, 1800, 1, ("storefront",)),
        ("github-revert", Mode.APPROVE, 0.6, 14400, 1, ("orders",)),
        ("ec2-clean-temp", Mode.AUTO, 0.7, 3600, 1, ("archive",)),
        ("asg-set-capacity", Mode.AUTO, 0.7, 1800, 1, ("workers",)),
        ("ec2-restart", Mode.AUTO, 0.7, 1800, 1, ("reports",)),
        ("ecs-scale", Mode.AUTO, 0.7, 1800, 1, ("catalog",)),
        ("ec2-restart", Mode.APPROVE, 0.5, 3600, 1, ()),
    ]
    assert (orders.freeze, orders.thinking) == ((), ())


def test_the_examples_that_ship_are_right_and_show_everything() -> None:
    """Taken out of their comments, they are what a team will copy; nothing that an order may say is left unshown."""
    shown = examples()
    read = StandingOrders.model_validate(shown)
    assert [freeze.id for freeze in read.freeze] == ["year-end", "friday-night", "change-calendar"]
    assert set(shown) == set(StandingOrders.model_fields) - {"version"}
    first, nested = shown["orders"][0], type(read.orders[0]).model_fields
    assert set(first) == {field.alias or name for name, field in nested.items()}
    for name in ("when", "caps", "hours", "ladder"):
        assert set(first[name]) == set(type(getattr(read.orders[0], name)).model_fields), name


@pytest.mark.parametrize(
    ("edit", "field", "says"),
    [
        ({"orders": [ORDER, ORDER]}, "orders", "'restart' is the name of order 0 and of 1; each needs its own"),
        ({"orders": [{**ORDER, "name": ""}]}, "orders.0.name", "at least 1 character"),
        ({"orders": [{**ORDER, "cooldown": "-PT5M"}]}, "orders.0.cooldown", "greater than or equal to 0"),
        ({"orders": [{**ORDER, "mode": "approve(3)"}]}, "orders.0.mode", "'approve(2)'"),
        ({"orders": [{**ORDER, "when": {"service": ["a"]}}]}, "orders.0.when.service", "not permitted"),
        ({"orders": [{**ORDER, "caps": {"per_target": 3}}]}, "orders.0.caps.per_target", "less than or equal to 2"),
        ({"orders": [{**ORDER, "caps": {"share_of_fleet": 0}}]}, "orders.0.caps.share_of_fleet", "greater than 0"),
        ({"orders": [{**ORDER, "hours": {"zone": "Berlin"}}]}, "orders.0.hours.zone", "there is no time zone 'Berlin'"),
        ({"orders": [{**ORDER, "hours": {"days": []}}]}, "orders.0.hours.days", "at least 1 item"),
        ({"orders": [{**ORDER, "hours": {"start": "9:00"}}]}, "orders.0.hours.start", "pattern"),
        ({"orders": [{**ORDER, "hours": {"end": "24:00"}}]}, "orders.0.hours.end", "pattern"),
        ({"orders": [{**ORDER, "ladder": {"runs": 4}}]}, "orders.0.ladder.runs", "greater than or equal to 5"),
        ({"orders": [{**ORDER, "ladder": {"precision": 1}}]}, "orders.0.ladder.precision", "less than 1"),
        ({"orders": [{**ORDER, "stop_alarms": list("abcdef")}]}, "orders.0.stop_alarms", "at most 1 item"),
        ({"orders": [{**ORDER, "when": {"accounts": [123456789012]}}]}, "orders.0.when.accounts.0", "valid string"),
        ({"freeze": [WEEKEND, WEEKEND]}, "freeze", "'weekend' is the id of freeze 0 and of 1"),
        ({"freeze": [{**WEEKEND, "everything": False}]}, "freeze.0", "say in scope what is frozen, or everything: true"),
        ({"freeze": [{**WEEKEND, "calendar": "x"}]}, "freeze.0", "this one has cron and calendar"),
        ({"freeze": [{"id": "a", "calendar": "x", "everything": True}]}, "freeze.0", "needs frozen_while: open or closed"),
        ({"freeze": [{**WEEKEND, "quiet_while": "open"}]}, "freeze.0.quiet_while", "not permitted"),
        ({"limits": {"per_hour": 11}}, "limits.per_hour", "less than or equal to 10"),
        ({"limits": {"per_day": 1}}, "limits.per_day", "not permitted"),
        ({"guardian": {"without_key": "maybe"}}, "guardian.without_key", "'ask' or 'run'"),
    ],
)
def test_a_mistake_is_one_line_with_its_field(edit: dict[str, Any], field: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "standing-orders.yaml").write_text(yaml.safe_dump({"orders": [ORDER], **edit}))
    with pytest.raises(Misconfigured) as wrong:
        read_orders(tmp_path)
    [line] = str(wrong.value.args[0]).splitlines()
    assert line.startswith(f"standing-orders.yaml: {field}: ")
    assert says in line


def test_hours_are_read_as_yaml_writes_them() -> None:
    """To YAML 1.1, 10:00 is a number in base sixty, and 09:00 is text."""
    assert Hours.model_validate(yaml.safe_load("{start: 09:00, end: 17:30}")).end == "17:30"
    assert yaml.safe_load("17:30") == 1050


def test_approve_is_approval_by_one() -> None:
    orders = StandingOrders.model_validate({"orders": [{**ORDER, "mode": "approve", "ladder": {"start": "approve"}}]})
    ladder = orders.orders[0].ladder
    assert (orders.orders[0].mode, ladder.start if ladder else None) == (Mode.APPROVE, Mode.APPROVE)


def test_what_an_order_gives_is_written_with() -> None:
    [order] = StandingOrders.model_validate({"orders": [{**ORDER, "with": {"capacity": 6}}]}).orders
    assert order.given == {"capacity": 6}
