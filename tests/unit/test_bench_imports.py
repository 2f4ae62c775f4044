"""The bench can fail: above a budget, and where a handler drags anthropic or mcp in."""

import pytest

from bench.imports import BUDGETS, Cost, measure


def a_cost(handler: str = "reception", ratio: float = 1.2, heavy: tuple[str, ...] = ()) -> Cost:
    return Cost(handler, ms=ratio * 200, floor_ms=200, ratio=ratio, budget=BUDGETS.get(handler), heavy=heavy)


@pytest.mark.parametrize(("handler", "budget"), BUDGETS.items())
def test_a_budget_holds_up_to_its_figure(handler: str, budget: float) -> None:
    assert a_cost(handler, budget).fault == ""
    assert "at most" in a_cost(handler, budget + 0.01).fault


def test_what_has_no_budget_is_only_measured() -> None:
    assert a_cost("analysis", 9.0).fault == ""


def test_whoever_waits_for_us_has_a_budget() -> None:
    assert set(BUDGETS) == {"reception", "remediation", "distribution", "console", "guardian", "toolbox"}


@pytest.mark.parametrize("handler", ["analysis", "console", "guardian", "remediation", "toolbox"])
def test_anthropic_and_mcp_are_imported_by_no_handler(handler: str) -> None:
    assert "imports anthropic and mcp" in a_cost(handler, heavy=("anthropic", "mcp")).fault


def test_what_comes_along_is_seen() -> None:
    assert measure("json")[1] == []
    assert measure("mcp")[1] == ["mcp"]


def test_a_line_says_name_value_unit_and_floor() -> None:
    assert a_cost().line == "imports.reception 240 ms (floor 200 ms: 1.20 times, at most 1.35)"
