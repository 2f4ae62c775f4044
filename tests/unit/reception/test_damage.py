"""What comes damaged still comes in: a field dropped or of another type, text that is no JSON, characters that queues refuse."""

import base64
import json
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.knocking import body_of, proven_anew
from reception.door import answer
from reception.envelopes import MOST_UNPACKED, of_event, opened
from reception.sources.registry import Received, Source, sources
from reception.understanding import understand
from reception.wiring import Wiring
from tests.fakes.memory import MemorySecrets
from tests.unit.reception.world import SAMPLE_TIME, World, alarm, at, packed, read, sample
from watchkeeper.errors import BadPayload
from watchkeeper.messages import AlertsReceived
from watchkeeper.models import Alert
from watchkeeper.storage.layout import row_item

RETYPED = [None, True, 7, -1.5, 1e308, "", "text", "\ud800", [], ["text", 3, None], {}, {"name": {"value": [1]}}, float("nan"), 10**400]
DROPPED = object()
MAY_REFUSE = {
    ("generic", "alerts"),  # an empty list, as docs/integrations/webhook.md says
    ("goal", "question"),  # whoever asks waits for the answer, so they are told at once what is not understood
    ("goal", "since"),
}


def paths(value: Any, before: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place within a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path for key, item in inner for path in [(*before, key), *paths(item, (*before, key))]]


def damaged(value: Any, path: tuple[Any, ...], by: Any) -> Any:
    """A copy with what lies at this path dropped or replaced; what the path does not touch is shared."""
    copy, (key, *rest) = value.copy(), path
    if rest:
        copy[key] = damaged(value[key], tuple(rest), by)
    elif by is DROPPED:
        del copy[key]
    else:
        copy[key] = by
    return copy


def damages(body: Any) -> list[Any]:
    return [damaged(body, path, by) for path in paths(body) for by in (DROPPED, *RETYPED)]


def storable(alert: Alert) -> bool:
    """The table and the queue would take it."""
    item = row_item("INC-1", alert)
    return alert.title != "" and alert.service != "" and len(item["doc"]["S"].encode()) < 300_000 and "\x00" not in alert.model_dump_json()


def body_in(name: str) -> Any:
    """What a sample says, out of all that it is wrapped in."""
    event = sample(name)
    if "httpMethod" in event:
        return json.loads(body_of(event))
    records = event.get("Records", [{}])
    return (opened(records[0]["body"]) if "body" in records[0] else of_event(event)).body


def with_samples(*, at_the_door: bool) -> list[tuple[Source, str]]:
    """Every sample of every source that comes in this way, so that a new source is damaged as well."""
    every = [(source, name.removeprefix("events/")) for source in sources().values() for name in source.samples]
    return [(source, name) for source, name in every if ("httpMethod" in sample(name)) is at_the_door]


def inside(body: Any) -> Any:
    """The body as a source gets it, from a delivery or from the door."""
    return opened(json.dumps({"alerts": body} if isinstance(body, list) else body)).body


def read_directly(source: Source, body: Any, wiring: Wiring) -> None:
    """By the source itself, so that the net under it cannot hide a mistake of its own. It may say no only in a documented way."""
    try:
        readings = list(source.read(body, Received(at=SAMPLE_TIME, home=wiring.home)))
    except BadPayload as refused:
        if (source.name, refused.field) not in MAY_REFUSE:
            raise
    else:
        assert readings or source.passes_over, (source.name, body)


def in_turn(body: Any) -> list[Any]:
    """Each place dropped, and replaced by one of the types, the next place by the next: for what takes longer than reading."""
    every = [(path, RETYPED[number % len(RETYPED)]) for number, path in enumerate(paths(body))]
    return [damaged(body, path, by) for path, other in every for by in (DROPPED, other)]


def quick_wiring(world: World) -> Wiring:
    return replace(world.wiring, services=cache(world.wiring.services))


@pytest.mark.parametrize(("source", "name"), with_samples(at_the_door=False), ids=lambda value: getattr(value, "name", value))
def test_one_damaged_field_on_the_queue_costs_no_alert(source: Source, name: str) -> None:
    wiring = quick_wiring(World())
    for broken in map(inside, damages(body_in(name))):
        read_directly(recognising(broken), broken, wiring)
    for broken in in_turn(body_in(name)):
        readings = understand(opened(json.dumps(broken)), Received(at=SAMPLE_TIME, home=wiring.home), wiring)
        assert readings or recognising(inside(broken)).passes_over, broken
        assert all(storable(reading) for reading in readings if isinstance(reading, Alert)), broken


def recognising(body: Any) -> Source:
    return next((s for s in sources().values() if s.recognises and s.recognises(body)), sources()["unrecognised"])


@pytest.mark.parametrize(("source", "name"), with_samples(at_the_door=True), ids=lambda value: getattr(value, "name", value))
def test_one_damaged_field_at_the_door_costs_no_alert_and_is_no_fault_of_ours(source: Source, name: str) -> None:
    event, secret = sample(name), "watch:a secret"
    world = World(secrets=MemorySecrets({"webhooks": {source.name: secret}}))
    wiring = quick_wiring(world)
    vendors_alone = source.proof is None or source.proof.shell is None
    for broken in map(inside, damages(body_in(name))):
        if vendors_alone or not (source.handshake and source.handshake(broken, {})):
            read_directly(source, broken, wiring)
    if vendors_alone:
        return  # nobody else can sign it, so that it was damaged behind its door
    for broken in in_turn(body_in(name)):
        raw = base64.b64encode(json.dumps(broken).encode()).decode()
        reply = answer(proven_anew(event | {"body": raw, "isBase64Encoded": True}, source, secret, SAMPLE_TIME), wiring)
        taken = [alert for message in world.outbox.take(AlertsReceived) for alert in message.alerts]
        assert reply["statusCode"] in {200, 202} or (source.name, json.loads(reply["body"])["field"]) in MAY_REFUSE, (broken, reply)
        assert taken or source.passes_over or reply["statusCode"] != 202, broken
        assert all(map(storable, taken)), broken


@pytest.mark.parametrize("part", ["Message", "TopicArn", "Type", "Subject"])
def test_a_damaged_envelope_costs_no_alert(part: str) -> None:
    envelope = json.loads(sample("cloudwatch-alarm-sns.json")["Records"][0]["body"])
    for by in (DROPPED, *RETYPED):
        assert len(read(json.dumps(damaged(envelope, (part,), by)))) == 1


@settings(max_examples=150, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=20,
    )
)
def test_any_json_is_one_storable_alert(body: Any) -> None:
    alerts = read(json.dumps(body))
    assert len(alerts) == 1
    assert all(map(storable, alerts))


@settings(max_examples=150, deadline=None)
@given(st.text(min_size=1))
def test_any_text_is_one_storable_alert(body: str) -> None:
    alerts = read(body)
    assert len(alerts) == 1
    assert all(map(storable, alerts))


@pytest.mark.parametrize(
    "body",
    ["", "not json", "[" * 100_000, '{"a":' * 500 + "1" + "}" * 500, "9" * 5000, '"\\ud800"', "\x00\x01\x02", "[1, 2]", "null"],
    ids=["empty", "words", "unclosed depth", "depth", "digits", "half a surrogate", "control characters", "a list", "null"],
)
def test_a_poison_record_becomes_an_unrecognised_incident(body: str) -> None:
    world = World()
    world.deliver(body)
    assert world.incident().source == "unrecognised"


def test_control_characters_are_shown_and_not_sent() -> None:
    (alert,) = read(json.dumps(alarm(AlarmDescription="bell\x07 null\x00 half\ud83d\tand a tab\nand a line")))
    assert alert.description.startswith("bell� null� half�\tand a tab\nand a line")


def test_a_line_of_200_kb_is_cut_and_kept_whole() -> None:
    world = World()
    line = "ERROR " + "x" * 200_000
    (alert,) = read(json.dumps(packed({"logGroup": "/checkout/app", "logEvents": [{"message": line}]})), world)
    assert len(alert.log_excerpt) == 8_000
    assert alert.log_excerpt.endswith("…")
    assert alert.raw
    assert line.encode() in world.blobs.get(alert.raw)


def test_a_secret_at_the_cut_is_replaced_before_it_is_cut() -> None:
    about = "y" * 3_985 + " password=correct-horse-battery"
    (alert,) = read(json.dumps(alarm(AlarmDescription=about)))
    assert "correct" not in alert.description
    assert len(alert.description) <= 4_000


def test_a_bomb_of_zeros_unpacks_no_further_than_its_bound() -> None:
    bomb = packed({"logGroup": "/g", "logEvents": [{"message": "0" * (2 * MOST_UNPACKED)}]})
    (alert,) = read(json.dumps(bomb))
    assert alert.source == "unrecognised"


def test_junk_instead_of_packed_lines_is_an_alert() -> None:
    assert read(json.dumps({"awslogs": {"data": "not base64!"}}))[0].source == "unrecognised"


def test_a_thousand_dimensions_and_labels_still_fit() -> None:
    many = [{"name": f"InstanceId{n}", "value": "v" * 900} for n in range(1000)]
    (alert,) = read(json.dumps(alarm(Trigger={"MetricName": "m", "Dimensions": many}, **at("03:00:04"))))
    assert storable(alert)


def test_a_hostile_line_does_not_stop_the_clock() -> None:
    """Redaction is linear: a pattern that began with an unbounded run took minutes for any of these."""
    for unit in ("a.", "eyJaaaaaaaa-", "1-", "a@", "x://a:", "password "):
        read(json.dumps(alarm(AlarmDescription=unit * (100_000 // len(unit)))))


def test_a_mistake_in_a_reader_costs_no_alert() -> None:
    def mistaken(_: object, __: object) -> list[Alert]:
        raise ZeroDivisionError

    wiring = World().wiring
    known = Source("mistaken", mistaken, ())
    (alert,) = understand(opened('{"title": "it burns"}'), Received(at=SAMPLE_TIME, home=wiring.home), wiring, known)
    assert isinstance(alert, Alert)
    assert (alert.source, alert.title) == ("unrecognised", "it burns")
