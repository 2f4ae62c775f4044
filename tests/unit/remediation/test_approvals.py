"""An answer counts once, from a person, for exactly what was shown, in time. Everything else runs nothing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from remediation.approvals import as_approval
from tests.fakes.remediation import ASKING, READY, World, to_remediation
from watchkeeper.change import change
from watchkeeper.messages import ApprovalAnswered
from watchkeeper.models import Due, DueKind, Status
from watchkeeper.team import StandingOrders


@pytest.fixture
def world() -> World:
    world = World(orders=StandingOrders(version="v1", orders=(ASKING,)))
    world.opened()
    world.plan()
    assert world.incident.status is Status.AWAITING_APPROVAL
    return world


def test_a_question_has_an_end_and_shows_its_reasons(world: World) -> None:
    assert world.runs == 0
    assert world.the_plan.expires_at == world.clock() + timedelta(minutes=15)
    assert world.kinds[-2:] == ["plan.made", "approval.asked"]
    assert world.incident.due.at == world.the_plan.expires_at  # type: ignore[union-attr]  # it is due


def test_a_yes_runs_it_once_however_often_it_comes(world: World) -> None:
    yes = world.answer()
    world.handle(yes, yes, yes)
    assert (world.incident.status, world.runs) == (Status.REMEDIATING, 1)
    assert world.kinds.count("approval.given") == 1
    [given] = [r for r in world.incidents.history(world.incident.id) if r.kind == "approval.given"]
    assert given.actor == "person:ada"


def test_a_yes_is_due_at_once_for_whoever_comes_when_its_worker_dies(world: World) -> None:
    world.inventory.error = ConnectionAbortedError()
    with pytest.raises(ConnectionAbortedError):
        world.handle(world.answer())
    assert world.incident.due == Due(kind=DueKind.APPROVAL, at=world.clock())
    world.inventory.error = None
    assert world.sweep().asked == 1
    world.handle(*to_remediation(world.outbox))
    assert (world.incident.status, world.runs) == (Status.REMEDIATING, 1)


def test_a_no_ends_it(world: World) -> None:
    no = world.answer(approved=False)
    world.handle(no, no)
    assert (world.incident.status, world.runs) == (Status.ESCALATED, 0)
    assert world.last_words == "ec2-restart was not run: ada said no."
    world.handle(world.answer(approver="bob"))
    assert (world.incident.status, world.runs) == (Status.ESCALATED, 0)


def recorded(world: World, yes: ApprovalAnswered) -> None:
    """The answer was written down, and then its worker died."""
    world.incidents.write(change(world.incident, [], world.clock(), rows=[as_approval(yes, world.clock())]))


def test_a_no_after_a_yes_that_nobody_acted_on_counts(world: World) -> None:
    recorded(world, world.answer())
    world.handle(world.answer(approved=False))
    assert (world.incident.status, world.runs) == (Status.ESCALATED, 0)


def test_a_yes_that_a_dead_worker_recorded_is_acted_on_by_whoever_looks(world: World) -> None:
    recorded(world, world.answer())
    world.look()
    assert (world.incident.status, world.runs) == (Status.REMEDIATING, 1)


@pytest.mark.parametrize(
    ("forged", "why"),
    [
        ({"args_hash": "0" * 64}, "what would be done is not what was shown"),
        ({"state_hash": "0" * 64}, "the target's state is not the one that was shown"),
        ({"plan_id": "another"}, "it is for another plan"),
        ({"approver": ""}, "it names no person"),
        ({"approver": "  "}, "it names no person"),
        ({"approver": "remediation"}, "it names no person"),
        ({"approver": "Analysis "}, "it names no person"),
        ({"approver": "ada\u0000"}, "it names no person"),
        ({"approver": "a" * 121}, "it names no person"),
    ],
)
def test_a_forged_answer_is_on_record_and_runs_nothing(world: World, forged: dict[str, Any], why: str) -> None:
    false = world.answer(**forged)
    world.handle(false, false)
    assert (world.incident.status, world.runs) == (Status.AWAITING_APPROVAL, 0)
    assert world.kinds.count("approval.rejected") == 1
    assert why in world.last_words
    world.handle(world.answer())
    assert world.runs == 1


def late(world: World) -> ApprovalAnswered:
    yes = world.answer()
    world.clock.tick(900)
    return yes


def backdated(world: World) -> ApprovalAnswered:
    return late(world).but(at=world.clock() - timedelta(minutes=14))


def after_it_resolved(world: World) -> ApprovalAnswered:
    yes = world.answer()
    world.change(status=Status.RESOLVED)
    return yes


def after_it_cleared(world: World) -> ApprovalAnswered:
    world.change(cleared_at=world.clock())
    return world.answer()


def after_it_was_escalated(world: World) -> ApprovalAnswered:
    yes = world.answer()
    world.change(status=Status.ESCALATED)
    return yes


def after_the_switch(world: World) -> ApprovalAnswered:
    world.switch.why = "thrown by ada: storm"
    return world.answer()


def after_the_order_was_taken_back(world: World) -> ApprovalAnswered:
    world.orders = StandingOrders(orders=())
    return world.answer()


def after_the_tag_was_taken_off(world: World) -> ApprovalAnswered:
    world.inventory.seen = READY.but(tags={})
    return world.answer()


def after_a_restart_by_hand(world: World) -> ApprovalAnswered:
    world.inventory.seen = READY.but(state={"state": "running", "launch_time": "later"})
    return world.answer()


@pytest.mark.parametrize(
    ("abuse", "status", "on_record"),
    [
        (late, Status.ESCALATED, "approval.expired"),
        (backdated, Status.ESCALATED, "approval.expired"),
        (after_it_resolved, Status.RESOLVED, "approval.rejected"),
        (after_it_cleared, Status.RESOLVED, "incident.resolved"),
        (after_it_was_escalated, Status.ESCALATED, "approval.rejected"),
        (after_the_switch, Status.ESCALATED, "incident.escalated"),
        (after_the_order_was_taken_back, Status.ESCALATED, "incident.escalated"),
        (after_the_tag_was_taken_off, Status.ESCALATED, "incident.escalated"),
        (after_a_restart_by_hand, Status.AWAITING_APPROVAL, "approval.asked"),
    ],
)
def test_a_yes_to_a_world_that_is_no_longer_so_runs_nothing(
    world: World, abuse: Callable[[World], ApprovalAnswered], status: Status, on_record: str
) -> None:
    yes = abuse(world)
    world.handle(yes, yes)
    world.look()
    assert (world.incident.status, world.runs) == (status, 0)
    assert on_record in world.kinds


def test_a_yes_to_the_old_plan_does_not_carry_over_to_the_new_one(world: World) -> None:
    old = after_a_restart_by_hand(world)
    world.handle(old)
    assert old.plan_id != world.incident.plan_id
    world.handle(old.but(approver="bob"), old.but(plan_id=world.incident.plan_id))
    assert world.runs == 0
    world.handle(world.answer())
    assert world.runs == 1


def test_nobody_answers(world: World) -> None:
    world.clock.tick(899)
    world.look()
    assert world.incident.status is Status.AWAITING_APPROVAL
    world.clock.tick(1)
    world.look()
    assert (world.incident.status, world.runs) == (Status.ESCALATED, 0)
    assert world.kinds[-2:] == ["approval.expired", "incident.escalated"]
