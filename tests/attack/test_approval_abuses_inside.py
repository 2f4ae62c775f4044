"""Abuses of an approval that reach remediation's queue: whoever can send there, nothing runs but what a person agreed to, in time.

Those that end at the door are in test_approval_abuses.py.
"""

from collections.abc import Callable
from typing import Any

import pytest

from tests.fakes.effects import FEW, SCALE, Effects, a_group_world, too_small
from tests.fakes.remediation import World
from watchkeeper.change import change
from watchkeeper.messages import ApprovalAnswered, look_again
from watchkeeper.models import Alert, Delivery, DeliveryStatus, Happening, Plan, Status
from watchkeeper.people import People, Person, Role
from watchkeeper.team import Mode, StandingOrders

PEOPLE = People(
    slack_team="T0TEAM",
    people=(
        Person(id="ada", name="Ada", slack="U0ADA", email="ada@example.com", teams=("shop",), role=Role.APPROVER),
        Person(id="bob", name="Bob", slack="U0BOB", teams=("shop",), role=Role.APPROVER),
        Person(id="eve", name="Eve", slack="U0EVE", teams=("payments",), role=Role.APPROVER),
        Person(id="vic", name="Vic", slack="U0VIC", teams=("shop",), role=Role.VIEWER),
        Person(id="root", name="Root", slack="U0ROOT", teams=("platform",), role=Role.ADMIN),
    ),
)
ONE = SCALE.but(mode=Mode.APPROVE, approvers=("shop",))
TWO = ONE.but(mode=Mode.APPROVE_TWO)
CHANNEL = "C0INCIDENTS"
Abuse = Callable[[World], None]


def asked(order: Any = ONE, **but: Any) -> tuple[World, Effects]:
    """A question that stands in Slack, for the shop's approvers."""
    world, effects = a_group_world(order, people=PEOPLE)
    card = Delivery(
        incident_id="INC-01M7WZ49C1ER8E2XA9F4D4TE0W", channel="slack-incidents", revision=1, status=DeliveryStatus.PAID,
        refs={"card": "1.2", "channel": CHANNEL}, wanted_version=1, shown_version=1, updated_at=world.clock(),
    )  # fmt: skip
    too_small(world, **but)
    world.incidents.put_delivery(card)
    world.plan()
    assert world.incident.status is Status.AWAITING_APPROVAL
    return world, effects


def said(world: World, **but: Any) -> ApprovalAnswered:
    """Ada's yes in the right channel."""
    given = {"approver": "ada", "person_id": "ada", "via": "slack", "channel": CHANNEL, "ask_id": world.the_plan.ask_id, **but}
    return world.answer(**given)


def test_a_proper_yes_runs_it() -> None:
    """Else none of what follows would prove anything."""
    world, _ = asked()
    world.handle(said(world))
    assert (world.incident.status, world.runs) == (Status.REMEDIATING, 1)


def forged(**but: Any) -> Abuse:
    return lambda world: world.handle(said(world, **but))


def drifted(world: World) -> None:
    world.inventory.seen = FEW.but(state={**FEW.state, "desired_capacity": 5})
    world.handle(said(world))


def switched_off(world: World) -> None:
    world.switch.why = "thrown by ada: storm"
    world.handle(said(world))


def forbidden_meanwhile(world: World) -> None:
    world.orders = StandingOrders(version="v2", orders=(ONE.but(mode=Mode.NEVER),))
    world.handle(said(world))


def other_number_meanwhile(world: World) -> None:
    """The order gives another number now: what would run is not what was shown."""
    world.orders = StandingOrders(version="v2", orders=(ONE.but(given={"desired": 8}),))
    world.handle(said(world))


def untagged_meanwhile(world: World) -> None:
    world.inventory.seen = FEW.but(tags={})
    world.handle(said(world))


def runbook_changed(world: World) -> None:
    world.ssm.versions["watchkeeper-asg-set-capacity"] = 2
    world.ssm.fault = {}
    world.handle(said(world))


def too_late(world: World) -> None:
    yes = said(world)
    world.clock.tick(901)
    world.handle(yes)


def after_a_no(world: World) -> None:
    world.handle(said(world, approved=False), said(world, approver="bob", person_id="bob"))


def after_it_cleared(world: World) -> None:
    world.change(cleared_at=world.clock())
    world.handle(said(world))


def of_another_incident(world: World) -> None:
    plan = world.the_plan.but(incident_id="INC-OTHER")
    world.handle(said(world, ask_id=plan.ask_id))


def an_old_plans_yes(world: World) -> None:
    """The target drifts, a new plan is asked about, and the yes to the old one is replayed."""
    yes = said(world)
    world.inventory.seen = FEW.but(state={**FEW.state, "desired_capacity": 5})
    world.handle(yes)
    world.handle(yes, yes)


def a_parameter_edited_in_the_table(world: World) -> None:
    """Somebody who can write the row makes the plan one for eight, and keeps the hash that was agreed to."""
    plan: Plan = world.the_plan
    edited = plan.but(parameters={**plan.parameters, "Desired": ["8"]})
    world.incidents.write(change(world.incident, [], world.clock(), rows=[edited], quiet=True))
    world.handle(said(world))


ABUSES: dict[str, Abuse] = {
    "nobody of this name": forged(approver="mallory", person_id="mallory"),
    "a name without a person": forged(person_id=""),
    "signed with another's name": forged(approver="bob", person_id="ada"),
    "a stage as a person": forged(approver="remediation", person_id="remediation"),
    "another team's approver": forged(approver="eve", person_id="eve"),
    "an admin who is in no such team": forged(approver="root", person_id="root"),
    "a viewer": forged(approver="vic", person_id="vic"),
    "another channel": forged(channel="C0RANDOM"),
    "no channel": forged(channel=""),
    "another question's id": forged(ask_id="0" * 36),
    "another plan": forged(plan_id="another"),
    "other arguments": forged(args_hash="0" * 64),
    "another state": forged(state_hash="0" * 64),
    "an unprintable name": forged(approver="ada\u202e", person_id="ada"),
    "the state drifted": drifted,
    "after the kill switch": switched_off,
    "forbidden meanwhile": forbidden_meanwhile,
    "another number meanwhile": other_number_meanwhile,
    "the tag was taken off": untagged_meanwhile,
    "the runbook was changed": runbook_changed,
    "too late": too_late,
    "after a no": after_a_no,
    "after it cleared": after_it_cleared,
    "of another incident": of_another_incident,
    "the yes to an old plan": an_old_plans_yes,
    "a parameter edited in the table": a_parameter_edited_in_the_table,
}


@pytest.mark.parametrize("name", ABUSES)
def test_an_abuse_runs_nothing(name: str) -> None:
    world, effects = asked()
    ABUSES[name](world)
    world.handle(look_again(world.incident.id, "g", "test", world.clock()))
    assert (world.runs, effects.happen()) == (0, []), name


def twice_the_same(world: World) -> None:
    world.handle(said(world), said(world))


def twice_through_two_doors(world: World) -> None:
    world.handle(said(world), said(world, via="cli", channel=""))


def one_and_a_stranger(world: World) -> None:
    world.handle(said(world), said(world, approver="mallory", person_id="mallory"))


def one_and_another_team(world: World) -> None:
    world.handle(said(world), said(world, approver="eve", person_id="eve"))


def one_then_a_no(world: World) -> None:
    world.handle(said(world), said(world, approver="bob", person_id="bob", approved=False))


def one_then_drift_then_the_other(world: World) -> None:
    world.handle(said(world))
    second = said(world, approver="bob", person_id="bob")
    world.inventory.seen = FEW.but(state={**FEW.state, "desired_capacity": 5})
    world.handle(second)


@pytest.mark.parametrize(
    "abuse",
    [twice_the_same, twice_through_two_doors, one_and_a_stranger, one_and_another_team, one_then_a_no, one_then_drift_then_the_other],
)
def test_two_people_are_two_people(abuse: Abuse) -> None:
    world, _ = asked(TWO)
    abuse(world)
    assert world.runs == 0


def test_two_who_are_two_run_it() -> None:
    world, _ = asked(TWO)
    world.handle(said(world))
    assert (world.incident.status, world.runs) == (Status.AWAITING_APPROVAL, 0)
    world.handle(said(world, approver="bob", person_id="bob"))
    assert (world.incident.status, world.runs) == (Status.REMEDIATING, 1)


@pytest.mark.parametrize("name", ["ada", "Ada", "ADA@example.com", "U0ADA"])
def test_who_asked_for_it_may_not_agree_to_it_by_any_of_their_names(name: str) -> None:
    world, _ = a_group_world(ONE, people=PEOPLE)
    wished = Alert.model_validate(
        {"source": "pagerduty-action", "kind": "firing", "title": "PagerDuty asks", "fingerprint": "fp-cpu", "occurred_at": world.clock(),
         "labels": {"requested_by": name, "requested_action": "scale-group"}}
    )  # fmt: skip
    incident = too_small(world, source="pagerduty-action")
    told = [Happening(actor="reception", kind="alert.accepted", says="It came.")]
    world.incidents.write(change(incident, told, world.clock(), rows=[wished], quiet=True))
    world.plan()
    world.handle(said(world, via="cli", channel=""))
    assert (world.incident.status, world.runs) == (Status.AWAITING_APPROVAL, 0)
    assert "may not agree to it" in world.last_words
    world.handle(said(world, via="cli", channel="", approver="bob", person_id="bob"))
    assert world.runs == 1


def test_each_of_them_is_on_record() -> None:
    world, _ = asked()
    for name in ("mallory", "eve"):
        world.handle(said(world, approver=name, person_id=name))
    assert world.kinds.count("approval.rejected") == 2
