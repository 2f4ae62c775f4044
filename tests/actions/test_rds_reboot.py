"""rds-reboot, performed on an instance of the emulated account."""

import pytest

from local.ssm.mishaps import How, Mishap
from tests.actions.databases import a_cluster, a_database
from tests.actions.theatre import Theatre
from watchkeeper.actions import catalogue
from watchkeeper.models import Resource

REBOOT = "rds:RebootDBInstance"


def restarts(theatre: Theatre, name: str) -> int:
    """How often RDS says that it did."""
    told = theatre.client("rds").describe_events(SourceIdentifier=name, SourceType="db-instance")["Events"]
    return sum("restarted" in event["Message"] for event in told)


def test_it_reboots_once_and_is_proven(theatre: Theatre) -> None:
    database = a_database(theatre, "orders-db")
    done = theatre.perform("rds-reboot", database)
    assert (done.status, done.effects, done.failure) == ("Success", (REBOOT,), "")
    assert restarts(theatre, "orders-db") == 1
    assert done.after.state == done.before.state
    assert (done.before.name, done.before.tags, done.before.fleet) == ("orders-db", {"AutoRemediate": "true"}, None)
    assert done.proven
    assert done.action.takes_out
    with pytest.raises(ValueError, match="cannot be taken back"):
        theatre.undo(done)


def test_what_is_not_available_is_not_rebooted(theatre: Theatre) -> None:
    database = a_database(theatre, "stopped-db")
    theatre.client("rds").stop_db_instance(DBInstanceIdentifier="stopped-db")
    done = theatre.perform("rds-reboot", database)
    assert (done.status, done.effects, done.before.health) == ("Failed", (), {"database": "stopped"})
    assert not done.proven


def test_a_lost_answer_is_told_and_not_tried_again(theatre: Theatre) -> None:
    theatre.simulator.mishaps.plan(Mishap("reboot", How.FAIL_AFTER, "rds-reboot", "the answer was lost"))
    done = theatre.perform("rds-reboot", a_database(theatre, "unlucky-db"))
    assert (done.status, done.effects) == ("Failed", (REBOOT,))
    assert "the answer was lost" in done.failure


def test_the_members_of_a_cluster_are_one_anothers_fleet(theatre: Theatre) -> None:
    a_cluster(theatre, "fleet", "fleet-1", "fleet-2")
    member = Resource(type="rds:db", id="fleet-2", trusted=True)
    fleet = theatre.see(member).fleet
    assert fleet
    assert (fleet.name, fleet.size, fleet.healthy, fleet.target_healthy) == ("rds:cluster/fleet", 2, 2, True)
    theatre.client("rds").stop_db_instance(DBInstanceIdentifier="fleet-1")
    fleet = theatre.see(member).fleet
    assert fleet
    assert fleet.healthy - fleet.target_healthy == 0


@pytest.mark.parametrize("name", ["1db", "db_1", "", "db;drop", "d" * 64])
def test_what_is_no_identifier_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="should match pattern"):
        catalogue()["rds-reboot"].parameters(Resource(type="rds:db", id=name), {}, {})


def test_what_is_not_there_is_absent(theatre: Theatre) -> None:
    assert not theatre.see(Resource(type="rds:db", id="never")).exists
