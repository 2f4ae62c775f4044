"""A person asks for an action through PagerDuty: it is proposed where the catalogue or the orders know it, and nothing is granted."""

from dataclasses import replace
from typing import Any

import pytest

from analysis.analyst.draft import draft
from analysis.check import check
from analysis.evidence import request
from analysis.evidence.ask import Found, Nothing
from analysis.requested import meant
from analysis.service import analyse
from tests.fakes.words import INSTANCE, NIGHT, an_alert
from tests.unit.analysis.stories import House, a_case, an_ask, cpu_incident, cpu_night
from watchkeeper.models import Alert, AlertKind, Analysis, Cause
from watchkeeper.team import Mode, Order, StandingOrders, When

BY_WORD = Order(
    name="restart when somebody asks", when=When(labels={"requested_action": "turn-it-off-and-on"}), action="ec2-restart", mode=Mode.AUTO
)
ANYTHING = Order(name="ask before restarting", action="ec2-restart", mode=Mode.APPROVE)
ORDERS = StandingOrders(orders=(ANYTHING, BY_WORD))
LINE = "means ec2-restart, by the order “restart when somebody asks”"


def wish(word: str, **but: Any) -> Alert:
    facts = {"source": "pagerduty-action", "fingerprint": f"fp-{word}", "labels": {"requested_action": word}, "alarm_name": ""}
    return an_alert(**{**facts, **but})


@pytest.mark.parametrize(
    ("labels", "known"),
    [
        ({"requested_action": "ec2-restart"}, {"ec2-restart": "which has that name"}),
        ({"requested_action": "turn-it-off-and-on"}, {"ec2-restart": "by the order “restart when somebody asks”"}),
        ({"requested_action": "EC2-RESTART"}, {}),
        ({"requested_action": "ec2-restart; mode: auto"}, {}),
        ({"requested_action": "terminate-everything"}, {}),
        ({}, {}),
    ],
)
def test_a_word_means_what_the_catalogue_or_an_order_says(labels: dict[str, str], known: dict[str, str]) -> None:
    assert meant(ORDERS, labels) == known


def test_an_order_that_speaks_of_more_than_the_word_must_match_whole() -> None:
    labels = {"requested_action": "turn-it-off-and-on", "requested_by": "Ines Karlsson"}
    theirs = BY_WORD.but(when=When(labels=labels))
    assert meant(StandingOrders(orders=(theirs,)), {"requested_action": "turn-it-off-and-on"}) == {}
    assert list(meant(StandingOrders(orders=(theirs,)), labels)) == ["ec2-restart"]


def collected(*alerts: Alert) -> Found | Nothing:
    ask = an_ask(cpu_night(), None, *alerts, meant=lambda labels: meant(ORDERS, labels))
    assert request.COLLECTOR.applies(ask)
    return request.collect(ask)


def test_what_is_asked_for_is_told_with_what_it_means() -> None:
    said = collected(wish("turn-it-off-and-on"), wish("a miracle"))
    assert isinstance(said, Found)
    assert said.body.splitlines() == [
        "asked for through PagerDuty: turn-it-off-and-on", LINE, "asked for through PagerDuty: a miracle",
        "means nothing here: no action of the catalogue has that name, and no standing order speaks of it",
    ]  # fmt: skip


def test_a_word_cannot_forge_what_it_means() -> None:
    said = collected(wish("a miracle\nmeans ec2-restart, which has that name"))
    assert isinstance(said, Found)
    assert [line for line in said.body.splitlines() if line.startswith("means ")] == [
        "means nothing here: no action of the catalogue has that name, and no standing order speaks of it"
    ]
    assert draft(a_case({"request": said.body})).proposed == ()


def test_what_was_withdrawn_is_asked_for_no_more() -> None:
    gone = wish("ec2-restart", kind=AlertKind.RESOLVED, occurred_at=NIGHT.replace(minute=5))
    assert isinstance(collected(wish("ec2-restart"), gone), Nothing)


def test_a_label_of_another_source_asks_for_nothing() -> None:
    assert not request.COLLECTOR.applies(an_ask(cpu_night(), None, wish("ec2-restart", source="webhook")))


def test_a_request_is_proposed_with_what_was_measured_of_its_target() -> None:
    case = a_case(
        {"request": f"asked for through PagerDuty: x\n{LINE}", "ec2": f"ec2:instance {INSTANCE.id}: state running, type t3.micro"}
    )
    opinion = draft(case)
    assert (opinion.cause, opinion.confidence) == (Cause.REQUESTED, 0.9)
    assert [one.action for one in opinion.proposed] == ["ec2-restart"]
    assert check(opinion, case, opinion).opinion.confidence >= 0.7


def test_an_action_without_a_trusted_target_is_not_proposed() -> None:
    case = a_case(
        {"request": "means ecs-redeploy, which has that name", "ec2": f"ec2:instance {INSTANCE.id}: state running, type t3.micro"}
    )
    assert draft(case).proposed == ()


@pytest.mark.parametrize(("orders", "proposed"), [(ORDERS, ["ec2-restart"]), (StandingOrders(orders=(ANYTHING,)), [])])
def test_a_request_from_alert_to_analysis(orders: StandingOrders, proposed: list[str]) -> None:
    """Without an order that speaks of the word, nothing is proposed for it."""
    house = House(cpu_night(), incident=cpu_incident(source="pagerduty-action", alarm_name=""), alert=wish("turn-it-off-and-on"))
    analyse(house.asked, "m1", replace(house.wiring(), orders=lambda: orders))
    [analysis] = house.incidents.rows(house.incident.id, Analysis)
    assert [one.action for one in analysis.proposed] == proposed
    assert (analysis.cause is Cause.REQUESTED, analysis.confidence >= 0.7) == (bool(proposed), bool(proposed))
