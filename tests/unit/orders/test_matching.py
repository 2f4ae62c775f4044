"""Of which incidents an order speaks, and which of several counts."""

from typing import Any

import pytest

from tests.fakes.words import an_incident
from watchkeeper.models import Cause, Severity
from watchkeeper.orders.matching import order_for, speaking, speaks_of
from watchkeeper.orders.model import Mode, Order, StandingOrders, When

LABELS = {"team": "payments", "tag:tier": "web-1"}
INCIDENT = an_incident(environment="production", account="123456789012")


def order(mode: Mode = Mode.AUTO, action: str = "ec2-restart", name: str = "", **when: Any) -> Order:
    return Order(name=name or f"{action} {mode}", action=action, mode=mode, when=When(**when))


@pytest.mark.parametrize(
    ("when", "speaks"),
    [
        pytest.param({}, True, id="a list that is empty says nothing"),
        pytest.param({"services": ("checkout",)}, True, id="service"),
        pytest.param({"services": ("storefront", "check*")}, True, id="one of several, with a star"),
        pytest.param({"services": ("check",)}, False, id="the beginning of a name is not the name"),
        pytest.param({"environments": ("production",)}, True, id="environment"),
        pytest.param({"environments": ("staging",)}, False, id="another environment"),
        pytest.param({"sources": ("cloudwatch",)}, True, id="source"),
        pytest.param({"sources": ("grafana",)}, False, id="another source"),
        pytest.param({"severities": (Severity.SEV2, Severity.SEV3)}, True, id="severity"),
        pytest.param({"severities": (Severity.SEV1,)}, False, id="another severity"),
        pytest.param({"accounts": ("123456789012",)}, True, id="account"),
        pytest.param({"accounts": ("210987654321",)}, False, id="another account"),
        pytest.param({"alarms": ("checkout-*",)}, True, id="alarm"),
        pytest.param({"alarms": ("storefront-*",)}, False, id="another alarm"),
        pytest.param({"causes": (Cause.CPU_SATURATION,)}, True, id="cause"),
        pytest.param({"causes": (Cause.CRASH_LOOP,)}, False, id="another cause"),
        pytest.param({"labels": {"team": "payments"}}, True, id="label"),
        pytest.param({"labels": {"tier": "web*"}}, True, id="the tag of a resource, with a star"),
        pytest.param({"labels": {"team": "payments", "tier": "db"}}, False, id="every label has to match"),
        pytest.param({"labels": {"owner": "*"}}, False, id="a label that is not there, whatever its value"),
        pytest.param({"services": ("checkout",), "accounts": ("210987654321",)}, False, id="every list has to match"),
    ],
)
def test_an_order_speaks_of_what_all_its_lists_name(when: dict[str, Any], speaks: bool) -> None:
    assert speaks_of(order(**when), "ec2-restart", INCIDENT, Cause.CPU_SATURATION, LABELS) is speaks


@pytest.mark.parametrize(
    ("ordered", "action", "speaks"),
    [("ec2-restart", "ec2-restart", True), ("ec2-restart", "ec2-restart-all", False), ("ec2-*", "ec2-restart", True),
     ("*", "ec2-restart", True), ("ecs-*", "ec2-restart", False)],
)  # fmt: skip
def test_an_order_speaks_of_its_action(ordered: str, action: str, speaks: bool) -> None:
    assert speaks_of(order(action=ordered), action, INCIDENT, Cause.UNKNOWN, {}) is speaks


HERE: dict[str, Any] = {"services": ("checkout",)}
ELSEWHERE: dict[str, Any] = {"services": ("storefront",)}


@pytest.mark.parametrize(
    ("orders", "counts"),
    [
        pytest.param([], None, id="no order"),
        pytest.param([order(name="a", **ELSEWHERE)], None, id="none that fits"),
        pytest.param([order(name="a"), order(Mode.APPROVE, name="b")], "a", id="the first one that fits"),
        pytest.param([order(name="a", **ELSEWHERE), order(Mode.APPROVE, name="b")], "b", id="the first one that fits, and not the first"),
        pytest.param([order(name="a"), order(Mode.NEVER, name="b")], "b", id="a never beats what stands before it"),
        pytest.param([order(name="a"), order(Mode.NEVER, name="b", **ELSEWHERE)], "a", id="a never elsewhere forbids nothing here"),
        pytest.param([order(name="a"), order(Mode.NEVER, "*", name="b")], "b", id="a never for everything"),
        pytest.param([order(action="ecs-redeploy", name="a")], None, id="another action"),
    ],
)
def test_which_order_counts(orders: list[Order], counts: str | None) -> None:
    found = order_for(StandingOrders(orders=tuple(orders)), "ec2-restart", INCIDENT, Cause.CPU_SATURATION, LABELS)
    assert (found.name if found else None) == counts


def test_every_order_that_speaks_of_an_incident_whatever_it_does() -> None:
    orders = StandingOrders(orders=(order(name="a"), order(name="b", **ELSEWHERE), order(Mode.NEVER, "ecs-redeploy", name="c", **HERE)))
    assert [one.name for one in speaking(orders, INCIDENT, Cause.UNKNOWN, {})] == ["a", "c"]
