"""What config check finds in standing orders that can be read: each fault is one line with file and field."""

import re
import shutil
import sys
from pathlib import Path

import pytest
import yaml

from cli.order_faults import order_faults
from cli.team_faults import faults_in
from watchkeeper.actions import catalogue
from watchkeeper.orders.model import Mode, Order, StandingOrders

CONFIG = Path(__file__).parents[3] / "config"
FILE = "standing-orders.yaml"
RESTART = "name: a, action: ec2-restart, mode: auto"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(CONFIG, tmp_path / "config")
    return tmp_path / "config"


@pytest.mark.parametrize(
    ("order", "faults"),
    [
        (RESTART, []),
        ("name: a, action: ec2-reboot, mode: auto", ["orders.0.action: there is no action 'ec2-reboot'; there are "]),
        ("name: a, action: 'rds9-*', mode: never", ["orders.0.action: there is no action 'rds9-*'; there are "]),
        ("name: a, action: 'ec2-*', mode: never", []),
        ("name: a, action: '*', mode: approve(2)", []),
        ("name: a, action: '*', mode: auto", ["orders.0.mode: '*' names several actions, also ones to come"]),
        (f"{RESTART}, when: {{causes: [crash_loop]}}", ["orders.0.when.causes: ec2-restart is only ever proposed for "]),
        (f"{RESTART}, when: {{services: [nobody]}}", ["orders.0.when.services: no service is called 'nobody'"]),
        (f"{RESTART}, with: {{capacity: 6}}", ["orders.0.with.capacity: ec2-restart takes nothing, not 'capacity'"]),
        ("name: a, action: lambda-concurrency, mode: auto, with: {reserved: 5}", []),
        ("name: a, action: '*', mode: never, with: {reserved: 5}", ["orders.0.with: is for one action; this order names several"]),
        (f"{RESTART}, ladder: {{start: observe}}", []),
        ("name: a, action: 'ec2-*', mode: approve, ladder: {start: observe}", ["orders.0.ladder: is climbed by one action"]),
        ("name: a, action: ec2-restart, mode: suggest, ladder: {start: approve}", [
            "orders.0.ladder.start: approve(1) is above the order's mode suggest"]),
        ("name: a, action: ec2-restart, mode: never, ladder: {start: observe}", ["orders.0.ladder: leads nowhere: the order's mode is "]),
        (f"{RESTART}, ladder: {{start: never}}", ["orders.0.ladder.start: never is no rung; begin with observe"]),
        (f"{RESTART}, ladder: {{precision: 0.97}}", ["orders.0.ladder.precision: cannot be reached: 100 right runs of 100"]),
        (f"{RESTART}, ladder: {{precision: 0.96}}", []),
        (f"{RESTART}, approvers: [payments]", []),
        (f"{RESTART}, approvers: [payment]", ["orders.0.approvers: no approver in people.yaml is in the team 'payment'"]),
    ],
)  # fmt: skip
def test_a_fault_of_an_order_is_named(order: str, faults: list[str], folder: Path) -> None:
    (folder / FILE).write_text(f"orders: [{{{order}}}]")
    found = faults_in(folder)
    assert [line.startswith(f"{FILE}: {fault}") for line, fault in zip(found, faults, strict=True)] == [True] * len(faults), found


def test_the_examples_that_ship_are_in_order(folder: Path) -> None:
    """Taken out of their comments they can be deployed as they are, with the people and services that ship."""
    lines = (folder / FILE).read_text().splitlines()
    (folder / FILE).write_text("\n".join(line[6:] for line in lines if line.startswith("#     ")))
    assert faults_in(folder) == []


WITH = re.compile(r"with:\s+(\{[^{}]*\})")


@pytest.mark.parametrize("name", sorted(catalogue()))
def test_what_an_action_says_that_it_takes_it_may_be_given(name: str) -> None:
    says = sys.modules[catalogue()[name].parameters.__module__].__doc__ or ""
    for example in WITH.findall(says):
        order = Order(name="a", action=name, mode=Mode.AUTO, given=yaml.safe_load(example))
        assert list(order_faults(StandingOrders(orders=(order,)), None)) == []


def test_a_team_of_those_who_only_look_on_agrees_to_nothing(folder: Path) -> None:
    (folder / "people.yaml").write_text("people: [{id: eve, name: Eve, role: responder, teams: [shop]}]")
    (folder / FILE).write_text(f"orders: [{{{RESTART}, approvers: [shop]}}]")
    assert [fault.split(":")[1].strip() for fault in faults_in(folder)] == ["orders.0.approvers"]


def test_services_of_freezes_and_of_thinking_are_looked_up(folder: Path) -> None:
    freeze = "freeze: [{id: a, cron: '0 2 * * *', lasts: 1h, scope: {services: [nobody]}}]"
    (folder / FILE).write_text(f"orders: []\n{freeze}\nthinking: [{{name: a, when: {{services: [no one]}}}}]")
    assert sorted(fault.split(": ")[1] for fault in faults_in(folder)) == ["freeze.0.scope.services", "thinking.0.when.services"]


def test_an_order_that_never_counts_is_named_with_the_one_that_takes_all_from_it(folder: Path) -> None:
    (folder / FILE).write_text(f"orders: [{{{RESTART}}}, {{name: b, action: ec2-restart, mode: auto, when: {{services: [checkout]}}}}]")
    says = 'orders.1: never counts: the order "a" (orders.0) stands before it and speaks of all that this one speaks of'
    assert faults_in(folder) == [f"{FILE}: {says}"]


def test_without_people_the_orders_are_still_checked(folder: Path) -> None:
    (folder / "people.yaml").unlink()
    (folder / FILE).write_text(f"orders: [{{{RESTART}, approvers: [whoever]}}, {{name: b, action: nothing, mode: auto}}]")
    assert sorted(fault.split(": ")[0] for fault in faults_in(folder)) == ["people.yaml", FILE]
