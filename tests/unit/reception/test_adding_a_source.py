"""To add a source is to add one file and its sample: this adds one while the tests run, and it works through the door."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import reception.sources
from reception.door import answer
from reception.sources import registry
from tests.fakes.memory import MemorySecrets
from tests.unit.reception import test_proofs as matrix
from tests.unit.reception.world import World
from watchkeeper.messages import AlertsReceived

FILE = '''
"""Acme Alerts: one alert a request."""

from collections.abc import Iterator

from reception.fields import Body, moment, text
from reception.proofs import Hmac
from reception.sources.registry import Received, source
from reception.vocabulary import kind_of, severity_of
from watchkeeper.ids import token
from watchkeeper.models import Alert, AlertKind, Severity


@source(
    "acme",
    samples=("events/acme-firing.json",),
    proof=Hmac("X-Acme-Signature", prefix="sha256=", several=True),
    handshake=lambda body, headers: {"pong": "acme"} if "ping" in body else None,
    vendor="Acme Alerts",
    docs="https://docs.acme.example/webhooks",
)
def read_acme(body: Body, received: Received) -> Iterator[Alert]:
    yield Alert(
        source="acme",
        kind=kind_of(text(body, "state")) or AlertKind.FIRING,
        title=text(body, "what") or "Acme says something",
        fingerprint=token("acme", text(body, "id")),
        occurred_at=moment(body.get("when"), received.at),
        severity=severity_of(text(body, "level")) or Severity.SEV3,
    )
'''
BODY = {"id": "77", "what": "Queue of orders is not worked off", "state": "firing", "level": "high", "when": "2026-11-20T03:00:00Z"}
SAMPLE: dict[str, Any] = {
    "resource": "/webhooks/{source}", "path": "/webhooks/acme", "httpMethod": "POST", "headers": {"Content-Type": "application/json"},
    "multiValueHeaders": None, "queryStringParameters": None, "pathParameters": {"source": "acme"}, "body": json.dumps(BODY),
    "isBase64Encoded": False,
}  # fmt: skip


@pytest.fixture
def acme(tmp_path: Path) -> Iterator[registry.Source]:
    """One more file where sources are looked for, and one more sample; both gone afterwards."""
    (tmp_path / "acme.py").write_text(FILE)
    (tmp_path / "acme-firing.json").write_text(json.dumps(SAMPLE))
    reception.sources.__path__.append(str(tmp_path))
    registry.sources.cache_clear()
    try:
        yield registry.sources()["acme"]
    finally:
        reception.sources.__path__.remove(str(tmp_path))
        registry._found.pop("acme", None)
        sys.modules.pop("reception.sources.acme", None)
        registry.sources.cache_clear()


@pytest.fixture
def door(acme: registry.Source, tmp_path: Path) -> matrix.Door:
    (found,) = matrix.doors_of(acme, lambda name: json.loads((tmp_path / name).read_text()))
    return found


def test_it_is_taken_read_and_queued(door: matrix.Door) -> None:
    world = World(secrets=door.secrets())
    reply = answer(door.proven(), world.wiring)
    (message,) = world.outbox.take(AlertsReceived)
    (alert,) = message.alerts
    assert (reply["statusCode"], json.loads(reply["body"])["accepted"]) == (202, 1)
    assert (alert.source, alert.title, alert.severity) == ("acme", BODY["what"], "sev2")
    world.deliver(message.model_dump_json())
    assert world.incident().title == BODY["what"]


def test_it_has_its_own_path_and_says_how_to_enable_it(door: matrix.Door) -> None:
    assert door.source.path == "/webhooks/acme"
    reply = answer(door.proven(), World(secrets=MemorySecrets({})).wiring)
    assert (reply["statusCode"], "`acme`" in reply["body"]) == (404, True)


def test_a_ping_is_answered_and_is_no_alert_but_only_with_its_proof(door: matrix.Door) -> None:
    world = World(secrets=door.secrets())
    ping = door.proven(raw=b'{"ping": 1}')
    assert json.loads(answer(ping, world.wiring)["body"]) == {"pong": "acme"}
    assert matrix.status(matrix.with_body(door.proven(), b'{"ping": 1}'), door.secrets()) == 401
    assert world.outbox.sent == []


@pytest.mark.parametrize(
    "law",
    [
        matrix.test_a_proven_sample_is_taken,
        matrix.test_a_flipped_bit_of_the_body_is_refused_where_the_body_is_signed,
        matrix.test_a_flipped_sign_of_the_proof_is_refused,
        matrix.test_what_is_unproven_in_part_or_whole_is_refused,
        matrix.test_another_secret_is_refused,
        matrix.test_two_secrets_count_while_one_is_being_changed_and_then_one,
        matrix.test_of_several_signatures_one_has_to_be_right_where_several_may_be_sent,
        matrix.test_sent_again_it_folds_into_itself,
        matrix.test_a_body_in_base64_is_the_same_body,
        matrix.test_header_names_come_in_any_case,
        matrix.test_what_is_not_ascii_is_refused_and_breaks_nothing,
        matrix.test_an_empty_secret_proves_nothing,
    ],
    ids=lambda law: law.__name__,
)
def test_the_same_laws_hold_for_it(law: Any, door: matrix.Door) -> None:
    law(door)


def test_afterwards_it_is_gone() -> None:
    assert "acme" not in registry.sources()
