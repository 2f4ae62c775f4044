"""What does not help is taken back, by its own runbook, through the same gate, and a person has the story."""

from datetime import timedelta

import pytest

from tests.fakes.effects import FEW, SCALE, Effects, a_group_world, too_small
from tests.fakes.remediation import World
from watchkeeper.audit import faults
from watchkeeper.errors import Throttled
from watchkeeper.models import ExecutionStatus, Objection, Opinion, Ruling, Standing, Status, Track
from watchkeeper.team import Ladder, Mode, Order

ASKING: Order = SCALE.but(mode=Mode.APPROVE)


@pytest.fixture
def scene() -> tuple[World, Effects]:
    world, effects = a_group_world()
    too_small(world)
    return world, effects


def acted(world: World, effects: Effects) -> None:
    """Up to the verification: the group has six."""
    world.plan()
    world.clock.tick(60)
    effects.happen()
    world.look()
    assert (world.incident.status, world.inventory.seen.state["desired_capacity"]) == (Status.VERIFYING, 6)


def in_vain(world: World, effects: Effects) -> None:
    """The alarm still fires when the time is up."""
    acted(world, effects)
    world.clock.tick(600)
    world.look()


def test_what_did_not_help_is_taken_back_proven_and_told(scene: tuple[World, Effects]) -> None:
    world, effects = scene
    in_vain(world, effects)
    assert (world.incident.status, world.the_plan.undoes != "", world.runs) == (Status.REMEDIATING, True, 2)
    effects.happen()
    world.look()
    assert (world.incident.status, list(effects.done.values())) == (Status.ESCALATED, ["6", "4"])
    assert world.inventory.seen == FEW
    assert world.kinds[1:] == [
        "plan.made", "action.claimed", "action.started", "action.succeeded", "verification.failed",
        "plan.made", "action.claimed", "action.started", "action.succeeded", "verification.passed", "incident.escalated",
    ]  # fmt: skip
    assert world.last_words == (
        "asg-set-capacity on workers did not help and was taken back: The target is again as it was before. A person has to look."
    )
    assert faults(world.incidents.history(world.incident.id), world.anchors.of(world.incident.id)) == []


def test_it_counts_against_the_action(scene: tuple[World, Effects]) -> None:
    world, effects = scene
    in_vain(world, effects)
    assert [one.action for one in world.incidents.revised(Track, "target/autoscaling:group/workers").failed] == ["asg-set-capacity"]
    assert len(world.incidents.revised(Track, "account").claimed) == 2


def test_a_runbook_that_fails_after_its_work_is_taken_back_too(scene: tuple[World, Effects]) -> None:
    world, effects = scene
    world.plan()
    effects.happen("TimedOut")
    world.look()
    assert (world.incident.status, world.the_plan.undoes != "", world.runs) == (Status.REMEDIATING, True, 2)
    effects.happen()
    world.look()
    assert (world.incident.status, world.inventory.seen) == (Status.ESCALATED, FEW)


def test_a_runbook_that_failed_before_its_work_leaves_nothing_to_take_back(scene: tuple[World, Effects]) -> None:
    world, effects = scene
    world.plan()
    effects.happen("Failed", acts=False)
    world.look()
    assert (world.incident.status, world.runs, world.execution.status) == (Status.ESCALATED, 1, ExecutionStatus.FAILED)


def test_where_somebody_has_changed_it_since_a_person_is_asked(scene: tuple[World, Effects]) -> None:
    world, effects = scene
    acted(world, effects)
    world.inventory.seen = FEW.but(state={**FEW.state, "desired_capacity": 7})
    world.clock.tick(600)
    world.look()
    assert (world.incident.status, world.runs) == (Status.AWAITING_APPROVAL, 1)
    assert "is not as asg-set-capacity set it" in world.last_words
    world.handle(world.answer())
    effects.happen()
    world.look()
    assert (world.incident.status, world.inventory.seen.state["desired_capacity"]) == (Status.ESCALATED, 4)


def test_an_alarm_that_is_gone_proves_nothing_so_a_person_says_whether(scene: tuple[World, Effects]) -> None:
    world, effects = scene
    acted(world, effects)
    world.alarms.now = None
    world.look()
    assert (world.incident.status, world.runs) == (Status.AWAITING_APPROVAL, 1)
    assert "no longer exists" in world.last_words
    world.clock.tick(901)
    world.look()
    assert (world.incident.status, world.runs) == (Status.ESCALATED, 1)


def test_the_kill_switch_holds_for_the_way_back(scene: tuple[World, Effects]) -> None:
    world, effects = scene
    acted(world, effects)
    world.switch.why = "thrown by ada: storm"
    world.clock.tick(600)
    world.look()
    assert (world.incident.status, world.runs) == (Status.ESCALATED, 1)
    assert "asg-set-capacity was not taken back. The kill switch: thrown by ada: storm." in world.last_words


def test_a_guardian_may_hold_it_up(scene: tuple[World, Effects]) -> None:
    world, effects = scene
    acted(world, effects)
    world.guardian.opinion = Opinion(objection=Objection.ASK, reasons=("It would be the third change today.",))
    world.clock.tick(600)
    world.look()
    assert (world.incident.status, world.runs) == (Status.AWAITING_APPROVAL, 1)
    assert world.guardian.shown[-1].undoes == "asg-set-capacity"


def test_a_yes_to_the_plan_covers_its_inverse_which_was_shown() -> None:
    world, effects = a_group_world(ASKING)
    too_small(world)
    world.plan()
    assert world.the_plan.inverse == {"Group": ["workers"], "Desired": ["4"]}
    world.handle(world.answer())
    effects.happen()
    world.look()
    world.clock.tick(600)
    world.look()
    assert (world.incident.status, world.runs) == (Status.REMEDIATING, 2)
    assert any("ada agreed to its inverse" in reason.why for reason in world.the_plan.verdict.reasons)


def test_an_alarm_that_clears_before_the_way_back_began_ends_it_where_it_is(scene: tuple[World, Effects]) -> None:
    world, effects = scene
    acted(world, effects)
    world.ssm.fault = {"StartAutomationExecution": ("ThrottlingException", 400)}
    world.clock.tick(600)
    with pytest.raises(Throttled):
        world.look()
    world.change(cleared_at=world.clock.tick(5))
    world.ssm.fault = {}
    world.clock.tick(31)
    world.look()
    assert (world.runs, list(effects.done.values())) == (1, ["6"])


def test_named_checks_have_to_hold_beside_the_alarm(scene: tuple[World, Effects]) -> None:
    world, effects = scene
    acted(world, effects)
    world.inventory.seen = world.inventory.seen.but(health={"capacity": "4 of 6 in service"})
    world.alarm_is("OK")
    world.clock.tick(90)
    world.look()
    states = [world.incident.status]
    world.inventory.seen = world.inventory.seen.but(health={"capacity": "all in service"})
    world.look()
    assert [*states, world.incident.status] == [Status.VERIFYING, Status.RESOLVED]


def test_named_checks_that_never_hold_fail_the_fix(scene: tuple[World, Effects]) -> None:
    world, effects = scene
    acted(world, effects)
    world.inventory.seen = world.inventory.seen.but(health={"capacity": "4 of 6 in service"})
    world.alarm_is("OK")
    world.clock.tick(900)
    world.look()
    assert (world.incident.status, world.the_plan.undoes != "") == (Status.REMEDIATING, True)


def test_a_failure_takes_the_order_down_its_ladder_at_once() -> None:
    earned = SCALE.but(ladder=Ladder(start=Mode.APPROVE))
    world, effects = a_group_world(earned)
    world.incidents.put_revised(Standing(name=earned.name, revision=1, rung="auto"))
    too_small(world)
    in_vain(world, effects)
    assert world.incidents.revised(Standing, earned.name).rung == "approve(1)"
    effects.happen()
    world.look()
    assert (world.incident.status, world.incidents.revised(Standing, earned.name).rung) == (Status.ESCALATED, "approve(1)")


def test_what_is_taken_back_is_ruled_on_like_anything_else(scene: tuple[World, Effects]) -> None:
    world, effects = scene
    in_vain(world, effects)
    verdict = world.the_plan.verdict
    assert (verdict.ruling, verdict.order) == (Ruling.RUN, SCALE.name)
    assert len(verdict.reasons) > 10
    assert world.clock() - world.the_plan.made_at < timedelta(seconds=1)
