"""The rule of suspects on service maps whose culprit is known."""

import os
import random
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from analysis.signals.suspects import Judgement, Kind, Metrics, Node, availability, reachable, suspects

SOURCES = Path(__file__).parents[3] / "src"
PERIODS = 4
CALLS = {"web": {"cart", "search"}, "cart": {"store", "queue"}, "search": {"store"}, "store": set[str](), "queue": set[str]()}
REQUESTS = {"web": 400.0, "cart": 100.0, "search": 300.0, "store": 800.0, "queue": 50.0}
SECONDS = {"web": 0.2, "cart": 0.05, "search": 0.08, "store": 0.01, "queue": 0.02}

Change = Mapping[str, float]


def a_map(slower: Change | None = None, failing: Change | None = None, rows: int = PERIODS) -> dict[str, Node]:
    """A quiet system where some nodes are slower by so many seconds, or fail for so great a share, in the first `rows` periods."""
    chance = random.Random(5)  # noqa: S311  # made-up noise, the same each time
    out = {}
    for name in CALLS:

        def wave(periods: int, name: str = name) -> list[float]:
            return [SECONDS[name] * chance.uniform(0.95, 1.05) for _ in range(periods)]

        extra = [(slower or {}).get(name, 0.0) if at < rows else 0.0 for at in range(PERIODS)]
        failed = [(failing or {}).get(name, 0.0) if at < rows else 0.0 for at in range(PERIODS)]
        before = Metrics(wave(60), [0.0] * 60, [REQUESTS[name]] * 60)
        latency = [usual + more for usual, more in zip(wave(PERIODS), extra, strict=True)]
        out[name] = Node(before, Metrics(latency, failed, [REQUESTS[name]] * PERIODS))
    return out


def named(nodes: dict[str, Node], kind: Kind | None = Kind.LATENCY, judgement: Judgement | None = None, alarming: str = "web") -> list[str]:
    return [suspect.node for suspect in suspects(CALLS, nodes, alarming, kind, judgement)]


TRUTH: list[tuple[str, dict[str, Node], Kind | None, str | None]] = [
    ("nothing wrong", a_map(), None, None),
    ("the alarming node itself", a_map({"web": 0.5}), Kind.LATENCY, "web"),
    ("a leaf, felt all the way up", a_map({"store": 0.1, "cart": 0.1, "search": 0.2, "web": 0.18}), Kind.LATENCY, "store"),
    ("the middle, its callees well", a_map({"cart": 0.4, "web": 0.1}), Kind.LATENCY, "cart"),
    ("the middle, though a leaf trembles", a_map({"search": 0.3, "web": 0.2, "queue": 0.1}), Kind.LATENCY, "search"),
    ("a leaf that fails", a_map(failing={"queue": 0.5, "cart": 0.25, "web": 0.06}), Kind.ERRORS, "queue"),
    ("a node that the caller covers for", a_map(failing={"search": 0.03}), Kind.ERRORS, "search"),
    ("failing, not told of what kind", a_map(failing={"queue": 0.5, "cart": 0.25, "web": 0.06}), None, "queue"),
    ("slow, not told of what kind", a_map({"cart": 0.4, "web": 0.1}), None, "cart"),
    ("slow nodes do not answer for failures", a_map({"cart": 0.4}), Kind.ERRORS, None),
    ("one odd period is no trouble", a_map({"cart": 0.4}, rows=1), Kind.LATENCY, None),
    ("faster is no trouble", a_map({"cart": -0.04}), Kind.LATENCY, None),
    ("a trifle beside what the alarming node does", a_map({"queue": 0.004}), Kind.LATENCY, None),
]


@pytest.mark.parametrize(("nodes", "kind", "root"), [pytest.param(nodes, kind, root, id=name) for name, nodes, kind, root in TRUTH])
def test_the_truth_table(nodes: dict[str, Node], kind: Kind | None, root: str | None) -> None:
    assert [*named(nodes, kind), None][0] == root


def test_a_node_that_only_passes_on_owns_nothing() -> None:
    calls = {"a": {"b"}, "b": {"c"}}
    slow = Metrics([1.0] * 3, [0.0] * 3, [10.0] * 3)
    nodes = {name: Node(Metrics([0.1] * 30, [0.0] * 30, [10.0] * 30), slow) for name in "abc"}
    ranked = suspects(calls, nodes, "a", Kind.LATENCY)
    assert [(suspect.node, suspect.own > 0) for suspect in ranked] == [("c", True), ("a", False), ("b", False)]
    assert len({suspect.excess for suspect in ranked}) == 1


@pytest.mark.parametrize("order", [("x", "y"), ("y", "x")])
def test_a_draw_falls_to_the_name(order: tuple[str, str]) -> None:
    one = Node(Metrics([0.1] * 30, (), [10.0] * 30), Metrics([1.0] * 3, (), [10.0] * 3))
    assert [s.node for s in suspects({"web": order}, dict.fromkeys(order, one), "web", Kind.LATENCY)] == ["x", "y"]


def test_only_what_the_alarming_node_calls_is_suspected() -> None:
    nodes = a_map({"cart": 0.4, "search": 0.2})
    assert named(nodes, alarming="search") == ["search"]
    assert named(nodes, alarming="nobody") == []


def test_a_ring_of_callers_ends() -> None:
    calls = {"a": {"b", "a"}, "b": {"c"}, "c": {"a"}}
    assert reachable(calls, "a") == {"a", "b", "c"}
    quiet, slow = Metrics([0.1] * 30, (), [9.0] * 30), Metrics([1.0] * 3, (), [9.0] * 3)
    nodes = {"a": Node(quiet, quiet), "b": Node(quiet, slow), "c": Node(quiet, quiet)}
    assert [s.node for s in suspects(calls, nodes, "a", Kind.LATENCY)] == ["b"]


def test_too_short_a_history_judges_nobody() -> None:
    nodes = {name: replace(node, before=Metrics(node.before.latency[:20], (), ())) for name, node in a_map({"cart": 0.4}).items()}
    assert named(nodes) == []
    assert named(nodes, judgement=Judgement(history=20)) == ["cart"]


def test_gaps_neither_make_nor_break_a_row() -> None:
    gappy = replace(a_map()["cart"], during=Metrics([0.5, None, 0.5, None], (), [100.0, None, 100.0, 0.0]))
    assert named(a_map() | {"cart": gappy}) == ["cart"]
    empty = replace(gappy, during=Metrics([None] * 4, [None] * 4, [None] * 4))
    assert named(a_map() | {"cart": empty}, None) == []


def test_without_counts_every_period_weighs_one() -> None:
    nodes = {
        name: Node(replace(node.before, requests=()), replace(node.during, requests=()))
        for name, node in a_map({"cart": 0.4, "web": 0.1}).items()
    }
    assert named(nodes)[0] == "cart"


def test_the_names_do_not_matter() -> None:
    new = {name: f"n{place}" for place, name in enumerate(("queue", "web", "store", "cart", "search"))}
    for _, nodes, kind, _ in TRUTH:
        calls = {new[name]: {new[callee] for callee in callees} for name, callees in CALLS.items()}
        found = suspects(calls, {new[name]: node for name, node in nodes.items()}, new["web"], kind)
        before = suspects(CALLS, nodes, "web", kind)
        assert {(s.node, s.own, s.kind) for s in found} == {(new[s.node], s.own, s.kind) for s in before}
        assert [s.own for s in found] == [s.own for s in before]


def test_availability_in_percent_becomes_the_failed_share() -> None:
    assert availability([100.0, None, 25.0, 0.0, 100.0000001, -1.0]) == [0.0, None, 0.75, 1.0, 0.0, 1.0]


def test_no_hash_seed_shows() -> None:
    program = (
        "from analysis.signals.suspects import *\n"
        "names = [f'node-{i}' for i in range(40)]\n"
        "nodes = {n: Node(Metrics([0.1] * 30, [0.0] * 30, [10.0] * 30), Metrics([0.3 + i % 4 / 10] * 3, [0.1] * 3, [0.1 + i % 7] * 3))"
        " for i, n in enumerate(names)}\n"
        "calls = {n: set(names[i + 1: i + 6]) for i, n in enumerate(names)}\n"
        "print(suspects(calls, {n: nodes[n] for n in set(names)}, 'node-0'))"
    )
    said = {
        subprocess.run(  # noqa: S603  # our own interpreter and the text above
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONPATH": str(SOURCES), "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "4711")
    }
    assert len(said) == 1
    assert "Suspect(" in said.pop()
