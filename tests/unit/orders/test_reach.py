"""Which orders never count, because another one takes everything from them."""

from typing import Any

import pytest

from watchkeeper.orders.model import Mode, Order, StandingOrders, When
from watchkeeper.orders.reach import hidden_by


def order(mode: Mode = Mode.AUTO, action: str = "ec2-restart", **when: Any) -> Order:
    return Order(name=f"{action} {mode} {when}", action=action, mode=mode, when=When(**when))


NEVER, ASK = Mode.NEVER, Mode.APPROVE


@pytest.mark.parametrize(
    ("first", "second", "hidden"),
    [
        pytest.param(order(), order(ASK), [1], id="the same for everybody"),
        pytest.param(order(services=("a",)), order(ASK), [], id="some are left"),
        pytest.param(order(), order(ASK, services=("a",)), [1], id="wider before narrower"),
        pytest.param(order(services=("a*",)), order(ASK, services=("ab", "ac*")), [1], id="a star takes what begins so"),
        pytest.param(order(services=("ab",)), order(ASK, services=("a*",)), [], id="a star is wider than a name"),
        pytest.param(order(services=("a",)), order(ASK, services=("a", "b")), [], id="one of two is left"),
        pytest.param(order(action="*"), order(ASK), [1], id="all actions before one"),
        pytest.param(order(), order(ASK, "*"), [], id="one action before all"),
        pytest.param(order(severities=("sev1", "sev2")), order(ASK, severities=("sev1",)), [1], id="more severities before fewer"),
        pytest.param(order(causes=("timeouts",)), order(ASK, causes=("timeouts", "throttled")), [], id="a cause is left"),
        pytest.param(order(causes=("timeouts",)), order(ASK), [], id="every other cause is left"),
        pytest.param(order(labels={"a": "b"}), order(ASK), [], id="those without the label are left"),
        pytest.param(order(labels={"a": "b*"}), order(ASK, labels={"a": "bc", "d": "e"}), [1], id="more labels are narrower"),
        pytest.param(order(NEVER), order(), [1], id="forbidden before"),
        pytest.param(order(), order(NEVER), [0], id="forbidden after, which beats it all the same"),
        pytest.param(order(NEVER, services=("a",)), order(), [], id="forbidden for some"),
        pytest.param(order(), order(NEVER, services=("a",)), [], id="forbidden for some, after"),
        pytest.param(order(NEVER), order(NEVER, services=("a",)), [1], id="forbidden twice"),
        pytest.param(order(accounts=("1",)), order(ASK, accounts=("2",)), [], id="another account"),
    ],
)
def test_which_never_count(first: Order, second: Order, hidden: list[int]) -> None:
    orders = StandingOrders(orders=(first, second.but(name="second")))
    assert [at for at in range(2) if hidden_by(at, orders) is not None] == hidden
