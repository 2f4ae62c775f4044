"""What comes damaged still comes in: a field dropped or of another type, text that is no JSON, characters that queues refuse."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reception.door import answer
from reception.envelopes import MOST_UNPACKED, opened
from reception.sources.registry import Received, Source, sources
from reception.understanding import understand
from tests.unit.reception.test_door import signed
from tests.unit.reception.world import SAMPLE_TIME, World, alarm, at, packed, read, sample
from watchkeeper.models import Alert
from watchkeeper.storage.layout import row_item

ON_THE_QUEUE = [
    "cloudwatch-alarm-raw.json", "cloudwatch-alarm-metric-math.json", "cloudwatch-alarm-composite.json",
    "cloudwatch-alarm-emulator.json", "unrecognised.json",
]  # fmt: skip
RETYPED = [None, True, 7, -1.5, 1e308, "", "text", "\ud800", [], ["text", 3, None], {}, {"name": {"value": [1]}}, float("nan"), 10**400]
DROPPED = object()


def paths(value: Any, before: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place within a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path for key, item in inner for path in [(*before, key), *paths(item, (*before, key))]]


def damaged(value: Any, path: tuple[Any, ...], by: Any) -> Any:
    """A copy with what lies at this path dropped or replaced."""
    copy = json.loads(json.dumps(value))
    place = copy
    for key in path[:-1]:
        place = place[key]
    if by is DROPPED:
        del place[path[-1]]
    else:
        place[path[-1]] = by
    return copy


def damages(body: Any) -> list[Any]:
    return [damaged(body, path, by) for path in paths(body) for by in (DROPPED, *RETYPED)]


def storable(alert: Alert) -> bool:
    """The table and the queue would take it."""
    item = row_item("INC-1", alert)
    return alert.title != "" and alert.service != "" and len(item["doc"]["S"].encode()) < 300_000 and "\x00" not in alert.model_dump_json()


@pytest.mark.parametrize("name", ON_THE_QUEUE)
def test_one_damaged_field_costs_no_alert(name: str) -> None:
    body = opened(sample(name)["Records"][0]["body"]).body
    for broken in damages(body):
        # read by the sources themselves first, so that the net under them cannot hide a mistake of theirs
        inside = opened(json.dumps(broken)).body
        source = next((s for s in sources().values() if s.recognises and s.recognises(inside)), sources()["unrecognised"])
        list(source.read(inside, Received(at=SAMPLE_TIME, home=World().wiring.home)))
        (alert,) = read(json.dumps(broken))
        assert storable(alert), broken


def test_one_damaged_field_of_a_log_delivery_costs_no_alert() -> None:
    body = opened(json.dumps(sample("logs-subscription.json"))).body
    for broken in damages(body):
        (alert,) = read(json.dumps(packed(broken)))
        assert storable(alert), broken


def test_one_damaged_field_of_a_webhook_is_no_fault_of_ours() -> None:
    for broken in damages(json.loads(sample("webhook-generic.json")["body"])):
        reply = answer(signed(json.dumps(broken).encode()), World().wiring)
        assert reply["statusCode"] == 202, (broken, reply)


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
