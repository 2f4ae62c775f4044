"""The HTTP door, from API Gateway's event to its answer."""

import base64
import json
import subprocess
import sys
from typing import Any

import pytest

from reception.door import answer
from reception.signature import sign
from tests.unit.reception.world import ROOT, SAMPLE_TIME, SECRET, World, sample
from watchkeeper.errors import NotAllowed, Throttled
from watchkeeper.messages import AlertsReceived, AnalysisAsked, Message
from watchkeeper.models import AlertKind

NOW = str(int(SAMPLE_TIME.timestamp()))
BODY = b'{"title": "Disk of db-1 is 91 % full", "service": "checkout"}'


def signed(raw: bytes, secret: str = SECRET, at: str = NOW, *, packed: bool = False, **but: Any) -> dict[str, Any]:
    event = sample("webhook-generic.json")
    headers = {"X-Watchkeeper-Signature": f"v1={sign(raw, at, secret)}", "X-Watchkeeper-Timestamp": at}
    return event | {
        "headers": headers,
        "multiValueHeaders": None,
        "body": base64.b64encode(raw).decode() if packed else raw.decode("utf-8", "surrogateescape"),
        "isBase64Encoded": packed,
        **but,
    }


def said(reply: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    assert reply["headers"]["content-type"] == "application/json"
    return reply["statusCode"], json.loads(reply["body"])


def test_the_sample_is_accepted_and_queued() -> None:
    world = World()
    status, body = said(answer(sample("webhook-generic.json"), world.wiring))
    (message,) = world.outbox.take(AlertsReceived)
    (alert,) = message.alerts
    assert (status, body) == (202, {"accepted": 1, "alert_ids": [alert.key], "fingerprints": [alert.fingerprint]})
    assert (alert.title, alert.severity, alert.service) == ("Checkout latency p99 is above 2 s (3.4 s)", "sev2", "checkout")
    assert [(r.type, r.id, r.trusted) for r in alert.resources] == [
        ("ecs:service", "shop/checkout", True),
        ("ec2:instance", "i-0123456789abcdef0", True),
    ]
    assert message.trace_id


def test_several_alerts_in_one_base64_body() -> None:
    world = World()
    status, body = said(answer(sample("webhook-generic-many.json"), world.wiring))
    (message,) = world.outbox.take(AlertsReceived)
    assert (status, body["accepted"]) == (202, 3)
    assert [alert.kind for alert in message.alerts] == [AlertKind.FIRING, AlertKind.FIRING, AlertKind.RESOLVED]
    assert [alert.severity.value for alert in message.alerts] == ["sev3", "sev2", "sev3"]


def test_health_asks_for_nothing() -> None:
    assert said(answer({"httpMethod": "GET", "resource": "/health", "path": "/health"}, World().wiring)) == (200, {"status": "ok"})


@pytest.mark.parametrize(
    ("event", "status", "field"),
    [
        pytest.param(signed(BODY, secret="wrong"), 401, "x-watchkeeper-signature", id="wrong secret"),
        pytest.param(signed(BODY) | {"headers": None}, 401, "x-watchkeeper-timestamp", id="no headers"),
        pytest.param(signed(BODY, at=str(int(NOW) - 301)), 401, "x-watchkeeper-timestamp", id="too old"),
        pytest.param(signed(b'{"title": "x",}'), 400, "body", id="malformed"),
        pytest.param(signed(b"x" * 10) | {"body": "x" * 5_000_000}, 413, "body", id="5 MB"),
        pytest.param(signed(b"x" * 1_000_001, packed=True), 413, "body", id="a byte too many, packed"),
        pytest.param(signed(b"x" * 10) | {"body": "A" * 5_000_000, "isBase64Encoded": True}, 413, "body", id="5 MB, packed"),
        pytest.param(signed(BODY) | {"isBase64Encoded": True}, 400, "body", id="not base64"),
        pytest.param(signed(b""), 400, "body", id="empty"),
        pytest.param(signed(b"", body=None), 400, "body", id="no body"),
        pytest.param(signed(b"\xff\xfe\xfd", packed=True), 400, "body", id="not UTF-8"),
        pytest.param(signed(b'"words"'), 400, "body", id="not an object"),
        pytest.param(signed(b"[" * 2000), 400, "body", id="too deep"),
        pytest.param(signed(b"[]"), 400, "alerts", id="an empty list"),
        pytest.param(signed(json.dumps([{"title": "x"}] * 101).encode()), 400, "alerts", id="too many"),
        pytest.param(signed(BODY, pathParameters={"source": "nobody"}), 404, "source", id="unknown source"),
        pytest.param(signed(BODY, pathParameters={"source": "cloudwatch"}), 404, "source", id="a source without a door"),
        pytest.param(signed(BODY, httpMethod="GET"), 405, "method", id="wrong method"),
        pytest.param(signed(BODY, httpMethod="POST", resource="/health"), 405, "method", id="POST health"),
    ],
)
def test_refused(event: dict[str, Any], status: int, field: str) -> None:
    world = World()
    got, body = said(answer(event, world.wiring))
    assert (got, body["field"]) == (status, field)
    assert body["error"]
    assert "Traceback" not in body["error"]
    assert world.outbox.sent == []


def test_malformed_json_says_where() -> None:
    assert said(answer(signed(b'{"title": \n "x",}'), World().wiring))[1]["error"].endswith("line 2, column 6")


def test_the_signature_is_judged_before_the_body() -> None:
    assert answer(signed(b"not json", secret="wrong"), World().wiring)["statusCode"] == 401


@pytest.mark.parametrize("name", ["x-watchkeeper-signature", "X-WATCHKEEPER-SIGNATURE", "X-Watchkeeper-Signature"])
def test_header_names_come_in_any_case(name: str) -> None:
    headers = {name: f"v1={sign(BODY, NOW, SECRET)}", "X-WATCHKEEPER-timestamp": NOW}
    assert answer(signed(BODY) | {"headers": headers}, World().wiring)["statusCode"] == 202


def test_a_header_sent_twice_counts_twice() -> None:
    several = {"X-Watchkeeper-Signature": ["v1=00", f"v1={sign(BODY, NOW, SECRET)}"], "X-Watchkeeper-Timestamp": [NOW]}
    assert answer(signed(BODY) | {"headers": {}, "multiValueHeaders": several}, World().wiring)["statusCode"] == 202


def test_both_secrets_count_while_one_is_being_changed() -> None:
    world = World()
    world.secrets.lying["webhooks"] = {"generic": "new", "generic_previous": SECRET}
    assert answer(signed(BODY, secret="new"), world.wiring)["statusCode"] == 202
    assert answer(signed(BODY, secret=SECRET), world.wiring)["statusCode"] == 202
    world.secrets.lying["webhooks"] = {"generic": "new"}
    assert answer(signed(BODY, secret=SECRET), world.wiring)["statusCode"] == 401


def test_bytes_that_are_signed_are_the_bytes_that_were_sent() -> None:
    raw = '{"title": "Café ☕ is closed"}'.encode()
    assert answer(signed(raw, packed=True), World().wiring)["statusCode"] == 202
    assert answer(signed(raw) | {"body": raw.decode()}, World().wiring)["statusCode"] == 202


def test_a_replay_within_the_window_is_accepted_and_changes_nothing() -> None:
    world = World()
    for _ in range(3):
        assert answer(signed(BODY), world.wiring)["statusCode"] == 202
        world.clock.tick(60)
    messages = world.outbox.take(AlertsReceived)
    assert len({message.id for message in messages}) == 1
    for message in messages:
        world.deliver(message.model_dump_json())
    assert world.incident().alert_count == 1
    assert len(world.outbox.take(AnalysisAsked)) == 1


def test_a_body_without_a_title_is_taken_as_far_as_it_can_be_read() -> None:
    world = World()
    assert answer(signed(b'{"alertname": "HostDown", "priority": "p1", "app": "checkout"}'), world.wiring)["statusCode"] == 202
    (alert,) = world.outbox.take(AlertsReceived)[0].alerts
    assert (alert.source, alert.title, alert.severity, alert.service) == ("unrecognised", "HostDown", "sev1", "checkout")
    assert alert.labels == {"unrecognised": "yes", "door": "generic"}


def test_secrets_do_not_reach_the_queue() -> None:
    world = World()
    raw = json.dumps(
        {"title": "login of ann@example.com failed", "log_excerpt": "password=hunter2hunter2", "labels": {"k": "api_key=0123456789"}}
    )
    answer(signed(raw.encode()), world.wiring)
    queued = world.outbox.sent[0].model_dump_json()
    assert not any(secret in queued for secret in ("ann@", "hunter2", "0123456789"))


class Broken:
    """An outbox that fails."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def send(self, _: list[Message]) -> None:
        raise self.error


@pytest.mark.parametrize("error", [Throttled("slow down"), NotAllowed("sqs:SendMessage", "intake")])
def test_what_cannot_be_queued_is_not_accepted(error: Exception) -> None:
    world = World()
    world.outbox = Broken(error)  # type: ignore[assignment]  # an Outbox, not the fake one
    reply = answer(signed(BODY), world.wiring)
    assert (reply["statusCode"], reply["headers"]["retry-after"]) == (503, "5")
    assert "send it again" in reply["body"]


@pytest.mark.parametrize("error", [ValueError("a secret detail"), KeyError("x")])
def test_our_own_fault_says_nothing_of_our_inside(error: Exception) -> None:
    world = World()
    world.outbox = Broken(error)  # type: ignore[assignment]  # an Outbox, not the fake one
    status, body = said(answer(signed(BODY), world.wiring))
    assert status == 500
    assert "secret detail" not in json.dumps(body)


def test_a_source_without_a_secret_is_not_enabled_and_says_what_to_set() -> None:
    world = World()
    world.secrets.lying.clear()
    status, body = said(answer(signed(BODY), world.wiring))
    assert (status, body["field"]) == (404, "source")
    assert "put its secret under `generic` into the webhook secret" in body["error"]


def test_a_sample_can_be_signed_anew() -> None:
    made = subprocess.run(  # noqa: S603 - our own script, by our own interpreter
        [sys.executable, str(ROOT / "events" / "sign.py"), str(ROOT / "events" / "webhook-generic.json"), "another"],
        capture_output=True, check=True, text=True,
    )  # fmt: skip
    world = World()
    world.secrets.lying["webhooks"] = {"generic": "another"}
    event = json.loads(made.stdout)
    world.clock.tick(int(event["headers"]["X-Watchkeeper-Timestamp"]) - int(NOW))
    assert answer(event, world.wiring)["statusCode"] == 202
