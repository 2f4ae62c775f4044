"""The bench can fail: above a budget, and where a handler drags anthropic in."""

import pytest

from bench.imports import BUDGETS, Cost


def a_cost(handler: str = "reception", ratio: float = 1.2, *, anthropic: bool = False) -> Cost:
    return Cost(handler, ms=ratio * 200, floor_ms=200, ratio=ratio, budget=BUDGETS.get(handler), anthropic=anthropic)


@pytest.mark.parametrize(("handler", "budget"), [("reception", 1.35), ("remediation", 1.35), ("distribution", 1.5)])
def test_a_budget_holds_up_to_its_figure(handler: str, budget: float) -> None:
    assert a_cost(handler, budget).fault == ""
    assert "at most" in a_cost(handler, budget + 0.01).fault


def test_what_has_no_budget_is_only_measured() -> None:
    assert a_cost("analysis", 9.0).fault == ""


@pytest.mark.parametrize("handler", ["analysis", "reception"])
def test_anthropic_is_imported_by_no_handler(handler: str) -> None:
    assert "imports anthropic" in a_cost(handler, anthropic=True).fault


def test_a_line_says_name_value_unit_and_floor() -> None:
    assert a_cost().line == "imports.reception 240 ms (floor 200 ms: 1.20 times, at most 1.35)"
