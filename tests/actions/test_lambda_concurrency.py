"""lambda-concurrency, performed on a function of the emulated account."""

from typing import Any

import pytest

from local.ssm.mishaps import How, Mishap
from tests.actions.functions import a_function
from tests.actions.theatre import Theatre
from watchkeeper.actions import catalogue
from watchkeeper.models import Resource

FUNCTION = Resource(type="lambda:function", id="checkout", trusted=True)
PUT, DELETE = "lambda:PutFunctionConcurrency", "lambda:DeleteFunctionConcurrency"


def reserve(theatre: Theatre, name: str, number: int) -> None:
    theatre.client("lambda").put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=number)


def test_it_reserves_and_the_inverse_goes_back_to_none(theatre: Theatre) -> None:
    done = theatre.perform("lambda-concurrency", a_function(theatre, "throttled"), {"reserved": 5})
    assert (done.status, done.effects, done.failure) == ("Success", (PUT,), "")
    assert (done.before.state["reserved"], done.after.state["reserved"]) == ("none", 5)
    assert done.action.holds(done.parameters, done.after.state)
    back = theatre.undo(done)
    assert (back.status, back.effects, back.after.state) == ("Success", (DELETE,), done.before.state)


@pytest.mark.parametrize(("was", "wanted", "effect"), [(3, 0, PUT), (3, "none", DELETE)])
def test_the_inverse_goes_back_to_the_number_before(theatre: Theatre, was: int, wanted: object, effect: str) -> None:
    function = a_function(theatre, f"reserved-{wanted}")
    reserve(theatre, function.id, was)
    done = theatre.perform("lambda-concurrency", function, {"reserved": wanted})
    assert (done.status, done.effects, done.after.state["reserved"]) == ("Success", (effect,), wanted)
    assert theatre.undo(done).after.state == done.before.state


def test_without_the_tag_nothing_happens(theatre: Theatre) -> None:
    done = theatre.perform("lambda-concurrency", a_function(theatre, "not-ours-either", tags={"AutoRemediate": "no"}), {"reserved": 5})
    assert (done.status, done.effects, done.after.state["reserved"]) == ("Failed", (), "none")


def test_a_lost_answer_is_told_and_not_tried_again(theatre: Theatre) -> None:
    theatre.simulator.mishaps.plan(Mishap("reserve", How.FAIL_AFTER, "lambda-concurrency", "the answer was lost"))
    done = theatre.perform("lambda-concurrency", a_function(theatre, "unlucky-too"), {"reserved": 5})
    assert (done.status, done.effects) == ("Failed", (PUT,))
    assert "the answer was lost" in done.failure


@pytest.mark.parametrize("given", [{}, {"reserved": -1}, {"reserved": 1001}, {"reserved": "5"}, {"reserved": True}, {"reserved": 1.5}])
def test_what_it_refuses(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="a number from 0 to 1000, or none"):
        catalogue()["lambda-concurrency"].parameters(FUNCTION, {"reserved": "none"}, given)


@pytest.mark.parametrize("now", [5, "none"])
def test_what_is_so_already_is_not_done(now: object) -> None:
    with pytest.raises(ValueError, match=f"reserved {now} already"):
        catalogue()["lambda-concurrency"].parameters(FUNCTION, {"reserved": now}, {"reserved": now})
