"""A person's question at remediation: nothing is done for it without a word on exactly that, and nobody is woken by its end."""

from typing import Any

import pytest

from remediation.gate import judge
from tests.fakes.remediation import AUTO, World, an_analysis
from tests.fakes.words import NIGHT
from tests.unit.remediation.test_gate import a_case
from watchkeeper.errors import IllegalMove
from watchkeeper.models import Approval, Cause, Ruling, Status
from watchkeeper.states import Move, move
from watchkeeper.team import Mode, StandingOrders

YES = Approval(plan_id="p", args_hash="a", state_hash="s", approver="ada", approved=True, via="cli", at=NIGHT)
NOTHING: dict[str, Any] = {"proposed": (), "cause": Cause.UNKNOWN}


def asked(*, orders: StandingOrders | None = None, **analysis: Any) -> World:
    """A question whose analysis came to this, under orders that let everything run."""
    world = World() if orders is None else World(orders=orders)
    world.opened(an_analysis(**analysis), source="goal", severity="sev4", alarm_name="", title="Why is checkout slow?")
    world.plan()
    return world


def test_what_runs_by_itself_for_an_alarm_is_asked_for_a_question() -> None:
    case = a_case()
    assert judge(case).ruling is Ruling.RUN
    question = a_case(incident=case.incident.but(source="goal"))
    assert judge(question).ruling is Ruling.ASK
    assert [one.check for one in judge(question).reasons if one.ruling is Ruling.ASK] == ["question"]
    assert judge(a_case(incident=question.incident, approvals=(YES,))).ruling is Ruling.RUN


def test_a_fitting_action_waits_for_a_person_and_runs_once_they_agree() -> None:
    world = asked()
    assert (world.incident.status, world.runs) == (Status.AWAITING_APPROVAL, 0)
    world.handle(world.answer())
    assert (world.incident.status, world.runs) == (Status.REMEDIATING, 1)


@pytest.mark.parametrize("analysis", [NOTHING, {"proposed": ()}])
def test_with_nothing_to_do_it_is_answered_and_over(analysis: dict[str, Any]) -> None:
    world = asked(**analysis)
    assert (world.incident.status, world.incident.due, world.incident.firing) == (Status.RESOLVED, None, ())
    assert world.incident.resolved_at == world.clock()
    assert world.kinds[-1] == "question.answered"
    assert world.last_words.startswith("The question is answered: ")
    assert world.last_words.endswith("Nothing was done.")


def test_what_the_orders_forbid_is_said_and_the_question_is_over() -> None:
    world = asked(orders=StandingOrders(orders=(AUTO.but(mode=Mode.NEVER),)))
    assert (world.incident.status, world.runs) == (Status.RESOLVED, 0)
    assert "forbids it" in world.last_words
    assert world.the_plan.verdict.ruling is Ruling.REFUSE


def test_a_no_and_no_answer_end_it_too() -> None:
    declined, forgotten = asked(), asked()
    declined.handle(declined.answer(approved=False))
    forgotten.clock.tick(3_600)
    forgotten.look()
    for world in (declined, forgotten):
        assert (world.incident.status, world.runs, world.kinds[-1]) == (Status.RESOLVED, 0, "question.answered")


def test_a_question_for_which_something_was_done_and_failed_is_a_persons() -> None:
    world = asked()
    world.handle(world.answer())
    world.clock.tick(601)
    world.look()
    assert world.incident.status is Status.ESCALATED


def test_an_alarm_with_nothing_to_do_is_a_persons_as_before() -> None:
    world = World()
    world.opened(an_analysis(**NOTHING))
    world.plan()
    assert (world.incident.status, world.kinds[-1]) == (Status.ESCALATED, "incident.escalated")


def test_only_what_is_looked_into_or_waits_can_be_answered() -> None:
    assert {status for status in Status if _may(status)} == {Status.INVESTIGATING, Status.AWAITING_APPROVAL}


def _may(status: Status) -> bool:
    try:
        return move(status, Move.ANSWERED) is Status.RESOLVED
    except IllegalMove:
        return False
