"""A question at reception: heard as it is and by itself, through the door and into an incident of its own."""

import json
from datetime import timedelta
from typing import Any

import pytest

from cli.knocking import proven_anew
from reception.door import answer
from reception.sources.registry import sources
from tests.fakes.memory import MemorySecrets
from tests.unit.reception.world import SAMPLE_TIME, SECRET, World, alarm, sample
from watchkeeper.messages import AlertsReceived, AnalysisAsked
from watchkeeper.models import Alert, Incident, Status
from watchkeeper.quiet import Correlation, Minimum, Mute, Noise, Scope, Window

OTHER = "Was it the storefront or checkout that broke first?"


def a_world(**but: Any) -> World:
    return World(secrets=MemorySecrets({"webhooks": {"goal": SECRET}}), **but)


def ask(world: World, question: str = "Why is checkout slow?", **more: Any) -> dict[str, Any]:
    """Through the door and through the queue; the door's answer."""
    event = {**sample("investigation.json"), "body": json.dumps({"question": question, "by": "ada", **more})}
    reply = answer(proven_anew(event, sources()["goal"], SECRET, world.clock()), world.wiring)
    for message in world.outbox.take(AlertsReceived):
        world.deliver(message.model_dump_json())
    world.outbox.sent.clear()
    told: dict[str, Any] = json.loads(reply["body"])
    return {"status": reply["statusCode"], **told}


def of(world: World, source: str) -> list[Incident]:
    return [one for one in world.incidents.meta.values() if one.source == source]


def test_a_question_is_accepted_and_found_by_its_fingerprint() -> None:
    world = a_world()
    reply = ask(world)
    assert (reply["status"], reply["accepted"]) == (202, 1)
    incident = world.incidents.load(world.incidents.episode(reply["fingerprints"][0]).open_incident)
    assert incident is not None
    assert (incident.status, incident.source, incident.title, incident.service) == (
        Status.OPEN,
        "goal",
        "Why is checkout slow?",
        "checkout",
    )


def test_a_question_is_analysed() -> None:
    world = a_world()
    event = {**sample("investigation.json"), "body": json.dumps({"question": "Why?"})}
    answer(proven_anew(event, sources()["goal"], SECRET, world.clock()), world.wiring)
    (message,) = world.outbox.take(AlertsReceived)
    world.deliver(message.model_dump_json())
    assert [asked.incident_id for asked in world.outbox.take(AnalysisAsked)] == [world.incident().id]


def test_without_its_secret_there_is_no_such_door_and_without_proof_no_way_in() -> None:
    assert ask(World())["status"] == 404
    event = {**sample("investigation.json"), "body": '{"question": "Why?"}'}
    assert answer(event, a_world().wiring)["statusCode"] == 401


def test_sent_twice_it_is_asked_once() -> None:
    world = a_world()
    first = ask(world)
    world.clock.tick(20)
    assert ask(world)["fingerprints"] == first["fingerprints"]
    assert len(world.incidents.rows(world.incident().id, Alert)) == 1
    assert world.incident().alert_count == 1


QUIET = (
    pytest.param(
        {
            "noise": Noise(
                windows=(Window(id="w", everything=True, start=SAMPLE_TIME - timedelta(hours=1), end=SAMPLE_TIME + timedelta(hours=1)),)
            )
        },
        id="a window over everything",
    ),
    pytest.param({"noise": Noise(minimum=(Minimum(count=3),))}, id="a minimum for everything"),
    pytest.param(
        {"mutes": (Mute(id="m", scope=Scope(services=("checkout",)), until=SAMPLE_TIME + timedelta(hours=1), reason="quiet", by="ada"),)},
        id="a mute of the service",
    ),
)


@pytest.mark.parametrize("quiet", QUIET)
def test_nothing_keeps_a_question_back(quiet: dict[str, Any]) -> None:
    world = a_world(**quiet)
    world.deliver(alarm())
    assert of(world, "cloudwatch") == [], "else this would prove nothing"
    ask(world)
    assert [one.status for one in of(world, "goal")] == [Status.OPEN]


def test_a_question_and_an_alarm_of_one_service_join_in_neither_order() -> None:
    eager = Noise(correlation=Correlation(threshold=0.3, within=timedelta(hours=1)))
    for first, second in (("alarm", "question"), ("question", "alarm")):
        world = a_world(noise=eager)
        for one in (first, second):
            ask(world) if one == "question" else world.deliver(alarm())
        assert (len(of(world, "goal")), len(of(world, "cloudwatch"))) == (1, 1), (first, second)


def test_two_questions_are_two() -> None:
    world = a_world(noise=Noise(correlation=Correlation(threshold=0.3, within=timedelta(hours=1))))
    ask(world)
    ask(world, "Why is checkout slow? Really?")
    assert len(of(world, "goal")) == 2


def test_a_question_is_not_counted_as_an_outage() -> None:
    world = a_world()
    episode = world.incidents.episode(ask(world)["fingerprints"][0])
    assert (episode.seen.hours, episode.seen.fives, episode.seen.days) == ({}, {}, {})


@pytest.mark.parametrize(
    ("question", "said", "service"),
    [
        (OTHER, "", "storefront"),
        ("Why is CHECKOUT slow?", "", "checkout"),
        ("Why is checkouts slow? And pre-checkout, checkout-v2?", "", "unknown"),
        (OTHER, "checkout", "checkout"),
        ("Why is checkout slow?", "billing", "billing"),
        ("Why?", "", "unknown"),
    ],
)
def test_the_words_choose_among_the_teams_services_and_add_none(question: str, said: str, service: str) -> None:
    world = a_world()
    ask(world, question, service=said)
    assert world.incident().service == service
