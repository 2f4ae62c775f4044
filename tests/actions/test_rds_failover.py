"""rds-failover, performed on a Multi-AZ instance of the emulated account, whose standby is local/rds's."""

from collections.abc import Iterator
from typing import Any

import pytest

from local.ssm.mishaps import How, Mishap
from tests.actions.databases import a_database, standing_by
from tests.actions.theatre import Theatre
from watchkeeper.actions import catalogue
from watchkeeper.models import Resource

REBOOT = "rds:RebootDBInstance"


@pytest.fixture(scope="module")
def stage(theatre: Theatre) -> Iterator[Theatre]:
    with standing_by(theatre) as (made, _):
        yield made


def test_it_runs_in_the_zone_of_the_standby_afterwards(stage: Theatre) -> None:
    done = stage.perform("rds-failover", a_database(stage, "pair-db", MultiAZ=True))
    assert (done.status, done.effects, done.failure) == ("Success", (REBOOT,), "")
    assert done.parameters == {"DbInstance": ["pair-db"], "Zone": ["us-east-1b"]}
    assert (done.before.state["zone"], done.after.state["zone"], done.after.state["standby_zone"]) == (
        "us-east-1a",
        "us-east-1b",
        "us-east-1a",
    )
    assert done.execution.outputs["sayWhatItIs.Zone"] == ["us-east-1b"]
    assert done.action.holds(done.parameters, done.after.state)
    assert done.proven
    assert done.action.takes_out
    with pytest.raises(ValueError, match="mend nothing"):
        stage.undo(done)


def test_a_second_run_finds_the_standby_elsewhere_and_does_nothing(stage: Theatre) -> None:
    database = a_database(stage, "twice-db", MultiAZ=True)
    done = stage.perform("rds-failover", database)
    again = stage.run("rds-failover", database, done.parameters)
    assert (again.status, again.effects, again.after.state) == ("Failed", (), done.after.state)
    assert "SecondaryAvailabilityZone" in again.failure


def test_without_a_standby_nothing_happens(stage: Theatre) -> None:
    database = a_database(stage, "single-db")
    assert (stage.see(database).state["multi_az"], stage.see(database).state["standby_zone"]) == ("no", "none")
    with pytest.raises(ValueError, match="not Multi-AZ"):
        stage.plan("rds-failover", database)
    done = stage.run("rds-failover", database, {"DbInstance": ["single-db"], "Zone": ["us-east-1b"]})
    assert (done.status, done.effects) == ("Failed", ())
    assert "MultiAZ" in done.failure


def test_a_lost_answer_is_told_and_not_tried_again(stage: Theatre) -> None:
    stage.simulator.mishaps.plan(Mishap("failOver", How.FAIL_AFTER, "rds-failover", "the answer was lost"))
    done = stage.perform("rds-failover", a_database(stage, "unlucky-pair-db", MultiAZ=True))
    assert (done.status, done.effects) == ("Failed", (REBOOT,))
    assert "the answer was lost" in done.failure


@pytest.mark.parametrize(
    ("state", "why"),
    [
        ({"multi_az": "no", "standby_zone": "none"}, "not Multi-AZ"),
        ({"multi_az": "yes", "standby_zone": "none"}, "no standby"),
        (
            {"multi_az": "yes", "standby_zone": "eu-west-1b", "cluster": "orders"},
            "cluster orders: that is failed over by rds-cluster-failover",
        ),
    ],
)
def test_what_it_refuses(state: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        catalogue()["rds-failover"].parameters(Resource(type="rds:db", id="orders-1"), state, {})
