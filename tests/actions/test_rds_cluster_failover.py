"""rds-cluster-failover, performed on an Aurora cluster of the emulated account."""

import pytest

from local.ssm.mishaps import How, Mishap
from tests.actions.databases import a_cluster, a_database
from tests.actions.theatre import Theatre
from watchkeeper.actions import catalogue
from watchkeeper.models import Resource

FAILOVER = "rds:FailoverDBCluster"


def test_the_reader_that_is_named_writes_afterwards(theatre: Theatre) -> None:
    done = theatre.perform("rds-cluster-failover", a_cluster(theatre, "shop", "shop-1", "shop-3", "shop-2"))
    assert (done.status, done.effects, done.failure) == ("Success", (FAILOVER,), "")
    assert done.parameters == {"Cluster": ["shop"], "Writer": ["shop-2"]}
    assert (done.before.state["writer"], done.after.state["writer"]) == ("shop-1", "shop-2")
    assert done.before.tags == {"AutoRemediate": "true"}
    assert done.action.holds(done.parameters, done.after.state)
    assert done.proven
    with pytest.raises(ValueError, match="mend nothing"):
        theatre.undo(done)


def test_a_second_run_is_refused_by_rds_and_changes_nothing(theatre: Theatre) -> None:
    cluster = a_cluster(theatre, "again", "again-1", "again-2")
    done = theatre.perform("rds-cluster-failover", cluster)
    again = theatre.run("rds-cluster-failover", cluster, done.parameters)
    assert (again.status, again.effects, again.after.state) == ("Failed", (), done.after.state)
    assert "already the writer" in again.failure


def test_a_reader_that_is_not_available_is_not_chosen(theatre: Theatre) -> None:
    cluster = a_cluster(theatre, "ill", "ill-1", "ill-2", "ill-3")
    theatre.client("rds").stop_db_instance(DBInstanceIdentifier="ill-2")
    assert theatre.plan("rds-cluster-failover", cluster)["Writer"] == ["ill-3"]
    theatre.client("rds").stop_db_instance(DBInstanceIdentifier="ill-3")
    with pytest.raises(ValueError, match="no reader that is available"):
        theatre.plan("rds-cluster-failover", cluster)
    done = theatre.run("rds-cluster-failover", cluster, {"Cluster": ["ill"], "Writer": ["ill-3"]})
    assert (done.status, done.effects) == ("Failed", ())


def test_an_instance_of_another_cluster_is_not_made_its_writer(theatre: Theatre) -> None:
    cluster = a_cluster(theatre, "mine", "mine-1", "mine-2")
    a_cluster(theatre, "theirs", "theirs-1", "theirs-2")
    done = theatre.run("rds-cluster-failover", cluster, {"Cluster": ["mine"], "Writer": ["theirs-2"]})
    assert (done.status, done.effects, done.after.state["writer"]) == ("Failed", (), "mine-1")


def test_it_is_reached_from_its_writer_and_from_no_reader(theatre: Theatre) -> None:
    a_cluster(theatre, "reach", "reach-1", "reach-2")
    a_database(theatre, "alone-db")
    found = {
        name: [one.id for one in theatre.inventory.reach("rds:cluster", Resource(type="rds:db", id=name, trusted=True))]
        for name in ("reach-1", "reach-2", "alone-db", "never")
    }
    assert found == {"reach-1": ["reach"], "reach-2": [], "alone-db": [], "never": []}
    assert theatre.inventory.reach("rds:cluster", Resource(type="ec2:instance", id="i-0123456789abcdef0")) == []
    assert not theatre.see(Resource(type="rds:cluster", id="never")).exists


def test_a_lost_answer_is_told_and_not_tried_again(theatre: Theatre) -> None:
    theatre.simulator.mishaps.plan(Mishap("failOver", How.FAIL_AFTER, "rds-cluster-failover", "the answer was lost"))
    done = theatre.perform("rds-cluster-failover", a_cluster(theatre, "lost", "lost-1", "lost-2"))
    assert (done.status, done.effects) == ("Failed", (FAILOVER,))
    assert "the answer was lost" in done.failure


def test_without_a_reader_it_is_refused() -> None:
    cluster = Resource(type="rds:cluster", id="shop")
    with pytest.raises(ValueError, match="no reader that is available to become the writer"):
        catalogue()["rds-cluster-failover"].parameters(cluster, {"writer": "shop-1", "next_writer": "none"}, {})
