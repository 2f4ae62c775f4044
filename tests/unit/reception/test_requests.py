"""An action that somebody asks for in PagerDuty, at reception: an incident of its own, whatever is open, muted or held."""

import json
from datetime import timedelta
from typing import Any

import pytest

from cli.knocking import proven_anew
from reception.door import answer
from reception.sources.registry import sources
from tests.fakes.memory import MemorySecrets
from tests.unit.reception.test_questions import QUIET, of
from tests.unit.reception.world import SECRET, World, alarm, sample
from watchkeeper.messages import AlertsReceived, AnalysisAsked
from watchkeeper.models import Status
from watchkeeper.quiet import Correlation, Noise

SOURCE = "pagerduty-action"


def a_world(**but: Any) -> World:
    return World(secrets=MemorySecrets({"webhooks": {SOURCE: SECRET}}), **but)


def press(world: World, **but: Any) -> None:
    """The sample's request through the door and through the queue."""
    event = sample("pagerduty-action.json")
    event = {**event, "body": json.dumps({**json.loads(event["body"]), **but})}
    assert answer(proven_anew(event, sources()[SOURCE], SECRET, world.clock()), world.wiring)["statusCode"] == 202
    for message in world.outbox.take(AlertsReceived):
        world.deliver(message.model_dump_json())


@pytest.mark.parametrize("quiet", QUIET)
def test_nothing_keeps_a_request_back(quiet: dict[str, Any]) -> None:
    world = a_world(**quiet)
    world.deliver(alarm())
    assert of(world, "cloudwatch") == [], "else this would prove nothing"
    press(world)
    assert [one.status for one in of(world, SOURCE)] == [Status.OPEN]


@pytest.mark.parametrize("first", ["alarm", "request"])
def test_a_request_is_analysed_by_itself_though_an_alarm_of_the_same_service_is_open(first: str) -> None:
    """It would be lost in the other incident: what has joined one is not analysed again."""
    world = a_world(noise=Noise(correlation=Correlation(threshold=0.3, within=timedelta(hours=1))))
    for one in sorted(("alarm", "request"), key=lambda one: one != first):
        press(world, incident={"id": "Q1K3R7ZP0WATCH", "service": "checkout"}) if one == "request" else world.deliver(alarm())
    [asked_for], [alarmed] = of(world, SOURCE), of(world, "cloudwatch")
    assert {asked.incident_id for asked in world.outbox.take(AnalysisAsked)} == {asked_for.id, alarmed.id}


def test_the_same_request_twice_is_one_and_another_action_another() -> None:
    world = a_world()
    press(world)
    press(world)
    press(world, action="restart", requested_at="2026-11-20T03:01:00Z")
    assert len(of(world, SOURCE)) == 2
