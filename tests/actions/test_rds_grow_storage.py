"""rds-grow-storage, performed on an instance of the emulated account, whose storage local/rds looks after as RDS does."""

from collections.abc import Iterator
from typing import Any

import pytest

from local.rds.server import Door
from local.ssm.mishaps import How, Mishap
from tests.actions.databases import a_database, standing_by
from tests.actions.theatre import Theatre
from watchkeeper.actions import catalogue
from watchkeeper.models import Resource

MODIFY = "rds:ModifyDBInstance"
DATABASE = Resource(type="rds:db", id="orders", trusted=True)


@pytest.fixture(scope="module")
def stage(theatre: Theatre) -> Iterator[tuple[Theatre, Door]]:
    with standing_by(theatre) as made:
        yield made


@pytest.mark.parametrize(("given", "size"), [({}, 120), ({"size_gib": 500}, 500), ({"max_gib": 115}, 115)])
def test_it_has_the_size_afterwards(stage: tuple[Theatre, Door], given: dict[str, int], size: int) -> None:
    theatre, _ = stage
    done = theatre.perform("rds-grow-storage", a_database(theatre, f"full-{size}"), given)
    assert (done.status, done.effects, done.failure) == ("Success", (MODIFY,), "")
    assert (done.before.state["storage_gib"], done.after.state["storage_gib"]) == (100, size)
    assert done.execution.outputs == {"sayWhatItIs.Status": ["storage-optimization"], "sayWhatItIs.SizeGib": [str(size)]}
    assert done.action.holds(done.parameters, done.after.state)
    assert done.proven
    with pytest.raises(ValueError, match="never makes storage smaller"):
        theatre.undo(done)


def test_not_while_the_last_change_is_still_optimized(stage: tuple[Theatre, Door]) -> None:
    theatre, door = stage
    database = a_database(theatre, "full-again")
    done = theatre.perform("rds-grow-storage", database)
    again = theatre.run("rds-grow-storage", database, {**done.parameters, "SizeGib": ["200"]})
    assert (again.before.state["status"], again.status, again.effects) == ("storage-optimization", "Failed", ())
    assert done.action.ready_when == {"status": ("available",)}
    door.optimizing.discard("full-again")
    assert theatre.run("rds-grow-storage", database, {**done.parameters, "SizeGib": ["200"]}).after.state["storage_gib"] == 200


def test_the_same_size_again_is_refused_by_rds(stage: tuple[Theatre, Door]) -> None:
    theatre, door = stage
    database = a_database(theatre, "full-twice")
    done = theatre.perform("rds-grow-storage", database)
    door.optimizing.discard("full-twice")
    again = theatre.run("rds-grow-storage", database, done.parameters)
    assert (again.status, again.effects, again.after.state["storage_gib"]) == ("Failed", (), 120)
    assert "at least 10 percent" in again.failure


def test_a_lost_answer_is_told_and_not_tried_again(stage: tuple[Theatre, Door]) -> None:
    theatre, _ = stage
    theatre.simulator.mishaps.plan(Mishap("grow", How.FAIL_AFTER, "rds-grow-storage", "the answer was lost"))
    done = theatre.perform("rds-grow-storage", a_database(theatre, "full-unlucky"))
    assert (done.status, done.effects) == ("Failed", (MODIFY,))
    assert "the answer was lost" in done.failure


@pytest.mark.parametrize(("now", "size"), [(20, 24), (21, 26), (100, 120), (13_653, 16_384), (14_000, 16_384)])
def test_a_fifth_more_rounded_up_within_bounds(now: int, size: int) -> None:
    made = catalogue()["rds-grow-storage"].parameters(DATABASE, {"engine": "postgres", "storage_gib": now}, {})
    assert made.for_runbook() == {"DbInstance": ["orders"], "SizeGib": [str(size)]}


@pytest.mark.parametrize(
    ("state", "given", "why"),
    [
        pytest.param({}, {"size_gib": 109}, "no less than 110, a tenth more; 109", id="less than a tenth"),
        pytest.param({}, {"size_gib": 50}, "no less than 110", id="smaller"),
        pytest.param({}, {"max_gib": 105}, "no less than 110, a tenth more; 105", id="no room below the order's bound"),
        pytest.param({}, {"size_gib": 300, "max_gib": 200}, "300 GiB are more than the 200", id="above the order's own bound"),
        pytest.param({"storage_gib": 16_000}, {}, "no less than 17600", id="no room below ours"),
        pytest.param({"engine": "aurora-mysql"}, {}, "Aurora grows by itself", id="aurora"),
        pytest.param({"storage_type": "aurora"}, {}, "Aurora grows by itself", id="aurora's storage"),
        *(
            pytest.param({}, {"size_gib": bad}, "a number from 20 to 16384", id=f"size {bad!r}")
            for bad in (19, 16_385, "500", 120.5, True, None)
        ),
        *(pytest.param({}, {"max_gib": bad}, "`max_gib` of the standing order", id=f"max {bad!r}") for bad in (0, "all", False)),
    ],
)
def test_what_it_refuses(state: dict[str, Any], given: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        catalogue()["rds-grow-storage"].parameters(DATABASE, {"engine": "postgres", "storage_gib": 100, **state}, given)
