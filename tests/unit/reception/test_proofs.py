"""What every source at the HTTP door takes and refuses, made from its own card and samples: no source can be forgotten here.

SNS signs with a key that only it has, so that its cases stand in test_sns_signature.py.
"""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from cli.knocking import body_of, proven_anew, source_of
from reception.door import answer
from reception.proofs import AnyOf, Hmac, Proof
from reception.sources.registry import Source, sources
from reception.wiring import Wiring
from tests.fakes.memory import MemorySecrets
from tests.unit.reception.world import ROOT, SAMPLE_TIME, World, sample
from watchkeeper.messages import AlertsReceived

OURS, OTHER = "watch:a secret, 64 signs of it at most", "watch:somebody else's"
TAKEN, REFUSED, NOT_ENABLED = {200, 202}, {401}, {404}
Event = dict[str, Any]


@dataclass(frozen=True)
class Door:
    """A source, one way to prove oneself there, and a request of it that awaits its proof."""

    source: Source
    proof: Proof
    event: Event

    def proven(self, secret: str = OURS, seconds: int = 0, raw: bytes | None = None) -> Event:
        at = SAMPLE_TIME + timedelta(seconds=seconds)
        event = self.event if raw is None else with_body(self.event, raw)
        return proven_anew(event, replace(self.source, proof=self.proof), secret, at)

    def mark(self, secret: str = OURS, at: datetime = SAMPLE_TIME) -> dict[str, str]:
        return self.proof.sign(body_of(self.event), secret, at) or {}

    def but(self, **values: str | None) -> Event:
        """A good request with headers or parameters of its proof changed; None drops one."""
        return changed(self.proven(), values)

    @property
    def signs(self) -> bool:
        """Whether the body is part of what is proven."""
        return self.proof.sign(b"one", OURS, SAMPLE_TIME) != self.proof.sign(b"other", OURS, SAMPLE_TIME)

    def secrets(self, now: str | None = OURS, before: str | None = None) -> MemorySecrets:
        stored = {self.source.name: now, f"{self.source.name}_previous": before}
        return MemorySecrets({"webhooks": {name: value for name, value in stored.items() if value is not None}})


def with_body(event: Event, raw: bytes) -> Event:
    return event | {"body": base64.b64encode(raw).decode(), "isBase64Encoded": True}


def changed(event: Event, values: Mapping[str, str | None]) -> Event:
    headers, asked = dict(event["headers"]), dict(event["queryStringParameters"] or {})
    for name, value in values.items():
        place, key = (asked, name[1:]) if name.startswith("?") else (headers, name)
        place.pop(key, None)
        if value is not None:
            place[key] = value
    return event | {"headers": headers, "multiValueHeaders": None, "queryStringParameters": asked}


def status(event: Event, secrets: MemorySecrets, world: World | None = None) -> int:
    world = world or World()
    world.secrets = secrets
    code: int = answer(event, world.wiring)["statusCode"]
    return code


def ways(proof: Proof | None) -> tuple[Proof, ...]:
    return proof.proofs if isinstance(proof, AnyOf) else (proof,) if proof else ()


def doors_of(source: Source, read: Callable[[str], Event] = sample) -> list[Door]:
    """Each way into this source, knocked on with each of its samples; the first sample comes first."""
    requests = [event for name in source.samples if "httpMethod" in (event := read(name.removeprefix("events/")))]
    return [Door(source, way, event) for event in requests for way in ways(source.proof) if way.sign(b"", OURS, SAMPLE_TIME)]


WITH_A_DOOR = [source for source in sources().values() if source.proof]
EVERY = [door for source in WITH_A_DOOR for door in doors_of(source)]
FIRST = [door for source in WITH_A_DOOR for way in ways(source.proof) for door in [d for d in doors_of(source) if d.proof is way][:1]]


def named(door: Door) -> str:
    return f"{door.source.name} by {type(door.proof).__name__}"


SIGNING = [door for door in FIRST if isinstance(door.proof, Hmac)]
TIMED = [door for door in SIGNING if door.proof.timed]
each = pytest.mark.parametrize("door", FIRST, ids=named)


def test_every_source_at_the_door_has_a_sample_that_knocks_on_it() -> None:
    for source in WITH_A_DOOR:
        requests = [event for name in source.samples if "httpMethod" in (event := sample(name.removeprefix("events/")))]
        assert requests, source.name
        assert [found.name for event in requests if (found := source_of(event))] == [source.name] * len(requests)
        assert source.vendor, source.name
        assert source.docs.startswith(("https://", "docs/")), source.name
        assert source.path.endswith(f"/{source.name}") or source.path in {"/pagerduty/autonomous/action", "/investigations"}
    assert len({source.path for source in WITH_A_DOOR}) == len(WITH_A_DOOR)


@pytest.mark.parametrize("door", EVERY, ids=lambda door: f"{named(door)}: {door.event['path']} {len(door.event['body'])}")
def test_a_proven_sample_is_taken(door: Door) -> None:
    assert status(door.proven(), door.secrets()) in TAKEN


@each
def test_a_flipped_bit_of_the_body_is_refused_where_the_body_is_signed(door: Door) -> None:
    raw = body_of(door.event)
    for at in (0, len(raw) // 2, len(raw) - 1):
        flipped = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
        got = status(with_body(door.proven(), flipped), door.secrets())
        assert got in (REFUSED if door.signs else {202, 400})


@each
def test_a_flipped_sign_of_the_proof_is_refused(door: Door) -> None:
    for name, value in door.mark().items():
        for at in (0, len(value) // 2, -1):
            other = value[:at] + ("0" if value[at] != "0" else "1") + (value[at:][1:] if at != -1 else "")
            assert status(door.but(**{name: other}), door.secrets()) in REFUSED, (name, other)


@each
def test_what_is_unproven_in_part_or_whole_is_refused(door: Door) -> None:
    marks = door.mark()
    absent: list[dict[str, str | None]] = [dict.fromkeys(marks), *({name: said} for name in marks for said in (None, ""))]
    for values in absent:
        assert status(changed(door.proven(), values), door.secrets()) in REFUSED, values
    nothing = door.proven() | {"headers": None, "multiValueHeaders": None, "queryStringParameters": None}
    assert status(nothing, door.secrets()) in REFUSED


@each
def test_another_secret_is_refused(door: Door) -> None:
    assert status(door.proven(OTHER), door.secrets()) in REFUSED
    stored = MemorySecrets({"webhooks": {door.source.name: OURS, "another": OTHER}})
    assert status(door.proven(OTHER), stored) in REFUSED


@each
def test_two_secrets_count_while_one_is_being_changed_and_then_one(door: Door) -> None:
    changing = door.secrets(now=OTHER, before=OURS)
    assert status(door.proven(OTHER), changing) in TAKEN
    assert status(door.proven(OURS), changing) in TAKEN
    assert status(door.proven(OURS), door.secrets(now=OTHER)) in REFUSED
    assert status(door.proven(OURS), door.secrets(now=None, before=OURS)) in TAKEN


@pytest.mark.parametrize("door", SIGNING, ids=named)
def test_of_several_signatures_one_has_to_be_right_where_several_may_be_sent(door: Door) -> None:
    assert isinstance(door.proof, Hmac)
    name, good, bad = door.proof.header, door.mark()[door.proof.header], door.mark(OTHER)[door.proof.header]
    expected = TAKEN if door.proof.several else REFUSED
    assert status(door.but(**{name: f"{bad},{good}"}), door.secrets()) in expected
    assert status(door.but(**{name: f"{good}, {bad}"}), door.secrets()) in expected
    assert status(door.but(**{name: f"{bad},{bad}"}), door.secrets()) in REFUSED


@each
def test_sent_again_it_folds_into_itself(door: Door) -> None:
    world = World(secrets=door.secrets())
    later = 60 if door.proof.timed else 6 * 3600
    for _ in range(2):
        assert answer(door.proven(), world.wiring)["statusCode"] in TAKEN
        world.clock.tick(later)
    messages = world.outbox.take(AlertsReceived)
    assert len({tuple(alert.key for alert in message.alerts) for message in messages}) <= 1
    rows = []
    for message in messages:
        world.deliver(message.model_dump_json())
        rows.append([incident.alert_count for incident in world.incidents.meta.values()])
    assert rows[:1] == rows[1:]


@each
@pytest.mark.parametrize("seconds", [-301, -300, -299, 299, 300, 301])
def test_a_time_within_five_minutes_is_taken(door: Door, seconds: int) -> None:
    expected = REFUSED if door.proof.timed and abs(seconds) > 300 else TAKEN
    assert status(door.proven(seconds=seconds), door.secrets()) in expected


@pytest.mark.parametrize("door", TIMED, ids=named)
@pytest.mark.parametrize("junk", ["soon", "-1", "1e9", "1795143604.5", "١٧٩٥١٤٣٦٠٤", "9" * 5000, "\x00", " ", "1795143604,1795143604"])
def test_a_junk_time_is_refused(door: Door, junk: str) -> None:
    assert isinstance(door.proof, Hmac)
    assert status(door.but(**{door.proof.timestamp_header: junk}), door.secrets()) in REFUSED


@each
def test_a_body_in_base64_is_the_same_body(door: Door) -> None:
    raw = body_of(door.event)
    packed, bare = with_body(door.event, raw), door.event | {"body": raw.decode(), "isBase64Encoded": False}
    for event in (packed, bare):
        assert status(replace(door, event=event).proven(), door.secrets()) in TAKEN


@each
def test_header_names_come_in_any_case(door: Door) -> None:
    event = door.proven()
    for case in (str.lower, str.upper, str.title):
        headers = {case(name): value for name, value in event["headers"].items()}
        assert status(event | {"headers": headers, "multiValueHeaders": None}, door.secrets()) in TAKEN


@each
def test_what_is_not_ascii_is_refused_and_breaks_nothing(door: Door) -> None:
    for name, value in door.mark().items():
        for other in (f"é{value[1:]}", "\ud800", value + "\x00", "\N{FULLWIDTH DIGIT ONE}" * 64, "x" * 100_000):
            assert status(door.but(**{name: other}), door.secrets()) in REFUSED, other[:20]


@each
def test_an_empty_secret_proves_nothing(door: Door) -> None:
    assert status(door.proven(""), door.secrets()) in REFUSED
    assert status(door.proven(""), door.secrets(now=OURS, before="")) in REFUSED
    for stored in (door.secrets(now=""), door.secrets(now="", before=""), door.secrets(now=None), MemorySecrets({})):
        assert status(door.proven(""), stored) in NOT_ENABLED
        assert status(door.proven(), stored) in NOT_ENABLED


@each
def test_size_is_judged_before_the_proof(door: Door) -> None:
    assert status(with_body(door.event, b"x" * 1_000_001), door.secrets()) == 413


@each
def test_an_authentic_body_that_is_no_json_is_the_senders_fault(door: Door) -> None:
    assert status(door.proven(raw=b"not json"), door.secrets()) == 400
    assert status(with_body(door.but(**dict.fromkeys(door.mark())), b"not json"), door.secrets()) in REFUSED


@each
def test_only_who_cannot_send_the_key_needs_none(door: Door) -> None:
    """API Gateway asks for the key on every path but /keyless/…, so nobody else may come in there."""
    path = f"/keyless/{door.source.name}"
    expected = NOT_ENABLED if door.source.sends_key else TAKEN
    keyless = {"path": path, "resource": "/keyless/{source}", "pathParameters": {"source": door.source.name}}
    assert status(door.proven() | keyless, door.secrets()) in expected
    keyed = {"path": f"/webhooks/{door.source.name}", "resource": "/webhooks/{source}", "pathParameters": {"source": door.source.name}}
    assert status(door.proven() | keyed, door.secrets()) in TAKEN
    bare = {"path": f"/base{door.source.path}", "resource": door.source.path, "pathParameters": None}
    assert status(door.proven() | bare, door.secrets()) in TAKEN


def the_wiring(secrets: MemorySecrets) -> Wiring:
    return World(secrets=secrets).wiring


def test_the_answer_names_what_to_send_and_never_the_secret() -> None:
    for door in FIRST:
        body = json.loads(answer(changed(door.proven(), dict.fromkeys(door.mark())), the_wiring(door.secrets()))["body"])
        assert body["field"].lower() in {name.lower() for name in door.mark()} or isinstance(door.source.proof, AnyOf)
        assert OURS not in json.dumps(body)


@pytest.mark.parametrize("source", WITH_A_DOOR, ids=lambda source: source.name)
def test_the_table_in_the_documentation_names_it_and_leads_to_its_page(source: Source) -> None:
    folder = ROOT / "docs" / "integrations"
    (row,) = [line for line in (folder / "README.md").read_text().splitlines() if line.startswith("|") and f"`{source.path}` |" in line]
    page = row.split("](")[1].split(")")[0]
    assert source.path in (folder / page).read_text()
