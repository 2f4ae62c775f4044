"""lambda-alias-rollback, performed on a function of the emulated account."""

import threading
from typing import Any

import pytest

from local.ssm.mishaps import How, Mishap
from tests.actions.functions import a_function
from tests.actions.theatre import Theatre
from watchkeeper.actions import catalogue
from watchkeeper.models import Resource

LIVE = {"alias": "live"}
FUNCTION = Resource(type="lambda:function", id="checkout", trusted=True)


def with_alias(theatre: Theatre, name: str, at: str = "3", **but: Any) -> Resource:
    function = a_function(theatre, name, versions=3, **but)
    theatre.client("lambda").create_alias(FunctionName=name, Name="live", FunctionVersion=at)
    return function


def points_at(theatre: Theatre, name: str) -> str:
    version: str = theatre.client("lambda").get_alias(FunctionName=name, Name="live")["FunctionVersion"]
    return version


def test_it_points_at_the_version_before_and_the_inverse_brings_it_back(theatre: Theatre) -> None:
    done = theatre.perform("lambda-alias-rollback", with_alias(theatre, "rolled-back"), LIVE)
    assert (done.status, done.effects, done.failure) == ("Success", ("lambda:UpdateAlias",), "")
    assert done.parameters == {"FunctionName": ["rolled-back"], "Alias": ["live"], "Version": ["2"]}
    assert (done.before.state["alias live"], done.after.state["alias live"], points_at(theatre, "rolled-back")) == ("3", "2", "2")
    assert done.proven
    assert done.action.holds(done.parameters, done.after.state)
    back = theatre.undo(done)
    assert (back.status, back.after.state) == ("Success", done.before.state)


def test_a_version_that_was_deleted_is_passed_over(theatre: Theatre) -> None:
    function = with_alias(theatre, "with-a-gap")
    theatre.client("lambda").delete_function(FunctionName="with-a-gap", Qualifier="2")
    assert theatre.plan("lambda-alias-rollback", function, LIVE)["Version"] == ["1"]


def test_without_the_tag_nothing_happens(theatre: Theatre) -> None:
    done = theatre.perform("lambda-alias-rollback", with_alias(theatre, "not-ours", tags={}), LIVE)
    assert (done.status, done.effects, points_at(theatre, "not-ours")) == ("Failed", (), "3")
    assert "assertMayChange" in done.failure


def test_a_version_that_is_gone_is_not_pointed_at(theatre: Theatre) -> None:
    function = with_alias(theatre, "gone-since")
    planned = theatre.plan("lambda-alias-rollback", function, LIVE)
    theatre.client("lambda").delete_function(FunctionName="gone-since", Qualifier="2")
    done = theatre.run("lambda-alias-rollback", function, planned)
    assert (done.status, done.effects, points_at(theatre, "gone-since")) == ("Failed", (), "3")


def test_a_race_for_the_alias_is_refused(theatre: Theatre) -> None:
    """Somebody deploys between the runbook's look and its change: the revision is not the one that it looked at."""
    function, client = with_alias(theatre, "raced-for", at="2"), theatre.client("lambda")
    theatre.simulator.mishaps.plan(Mishap("pointAtVersion", How.SLOW, "lambda-alias-rollback", seconds=0.6))
    deploys = threading.Timer(0.4, client.update_alias, kwargs={"FunctionName": "raced-for", "Name": "live", "FunctionVersion": "3"})
    deploys.start()
    done = theatre.perform("lambda-alias-rollback", function, LIVE)
    assert (done.status, done.effects, points_at(theatre, "raced-for")) == ("Failed", (), "3")
    assert "PreconditionFailed" in done.failure


def test_a_failure_before_the_change_changes_nothing_and_one_after_it_is_told(theatre: Theatre) -> None:
    function = with_alias(theatre, "unlucky")
    theatre.simulator.mishaps.plan(Mishap("pointAtVersion", How.FAIL, "lambda-alias-rollback", "no answer"))
    done = theatre.perform("lambda-alias-rollback", function, LIVE)
    assert (done.status, done.effects, points_at(theatre, "unlucky")) == ("Failed", (), "3")
    theatre.simulator.mishaps.plan(Mishap("pointAtVersion", How.FAIL_AFTER, "lambda-alias-rollback", "the answer was lost"))
    done = theatre.perform("lambda-alias-rollback", function, LIVE)
    assert (done.status, done.effects, points_at(theatre, "unlucky")) == ("Failed", ("lambda:UpdateAlias",), "2")
    assert "the answer was lost" in done.failure


def test_one_that_hangs_can_be_stopped_and_has_done_nothing(theatre: Theatre) -> None:
    function = with_alias(theatre, "hanging")
    theatre.simulator.mishaps.plan(Mishap("pointAtVersion", How.HANG, "lambda-alias-rollback"))
    threading.Timer(0.4, theatre.simulator.stop_all).start()
    done = theatre.perform("lambda-alias-rollback", function, LIVE)
    assert (done.status, done.effects, points_at(theatre, "hanging")) == ("Cancelled", (), "3")


def test_a_function_that_is_not_there_is_absent(theatre: Theatre) -> None:
    assert not theatre.see(FUNCTION.but(id="nobody-knows-it")).exists


def test_a_qualifier_in_the_name_is_left_aside(theatre: Theatre) -> None:
    with_alias(theatre, "qualified")
    assert theatre.see(FUNCTION.but(id="qualified:live")).state["before alias live"] == "2"


@pytest.mark.parametrize(
    ("state", "given", "why"),
    [
        pytest.param({}, {}, "has to say which alias", id="the order gives none"),
        pytest.param({}, {"alias": 7}, "has to say which alias", id="a number is no alias"),
        pytest.param({}, LIVE, "has no alias live", id="no such alias"),
        pytest.param({"alias live": "$LATEST", "before alias live": "none"}, LIVE, r"points at \$LATEST", id="at no published version"),
        pytest.param({"alias live": "7 and 10% 8", "before alias live": "none"}, LIVE, "7 and 10% 8", id="in the middle of a shift"),
        pytest.param({"alias live": "1", "before alias live": "none"}, LIVE, "no version was published before 1", id="the first"),
    ],
)
def test_what_it_refuses(state: dict[str, Any], given: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        catalogue()["lambda-alias-rollback"].parameters(FUNCTION, state, given)


def test_an_inverse_needs_the_fact_of_this_very_alias() -> None:
    action, planned = catalogue()["lambda-alias-rollback"], {"FunctionName": ["f"], "Alias": ["live"], "Version": ["2"]}
    assert action.undone(planned, {"alias live": "3"})["Version"] == ["3"]
    with pytest.raises(ValueError, match="alias live"):
        action.undone(planned, {"alias beta": "3"})
