"""A topic over HTTPS: what it encloses is read as through the queue, and it is confirmed at SNS's own address alone.

Its signature has its own tests: tests/unit/reception/test_sns_signature.py.
"""

import json
from dataclasses import replace
from typing import Any

import pytest

from reception.door import answer
from reception.sns_signature import SnsSignature
from reception.sources.registry import sources
from reception.sources.sns import Confirmation
from tests.fakes.memory import MemorySecrets
from tests.unit.reception.sources.played import alert, body_of, but
from tests.unit.reception.test_sns_signature import Certificates, resigned
from tests.unit.reception.world import World, read, sample
from watchkeeper.errors import BadSignature, Transient
from watchkeeper.messages import AlertsReceived

NOTIFICATION, CONFIRMATION = "sns-notification.json", "sns-confirmation.json"
TOPIC = "arn:aws:sns:eu-west-1:123456789012:other-account-alarms"
HOST = "https://sns.eu-west-1.amazonaws.com"


class Answers:
    """SNS, as far as confirming goes."""

    def __init__(self, *, down: bool = False) -> None:
        self.asked: list[str] = []
        self.down = down

    def __call__(self, url: str) -> bytes:
        self.asked.append(url)
        if self.down:
            raise Transient("no answer")
        return b"<ConfirmSubscriptionResponse/>"


def knock(body: dict[str, Any], monkeypatch: pytest.MonkeyPatch, world: World, sns: Answers | None = None) -> tuple[int, dict[str, Any]]:
    """The body at the door, signed by a key of our own that stands in for SNS's."""
    ours = replace(sources()["sns"], proof=SnsSignature(fetch=Certificates()), handshake=Confirmation(fetch=sns or Answers()))
    monkeypatch.setitem(sources(), "sns", ours)
    unsigned = {name: value for name, value in body.items() if name != "Signature"}
    reply = answer(sample(NOTIFICATION) | {"body": resigned(unsigned).decode()}, world.wiring)
    return reply["statusCode"], json.loads(reply["body"])


@pytest.fixture
def world() -> World:
    return World(secrets=MemorySecrets({"webhooks": {"sns": TOPIC}}))


def test_an_alarm_inside_is_the_alarm_that_the_queue_would_have_brought() -> None:
    enclosed = alert("sns", body_of(NOTIFICATION))
    (queued,) = read(body_of(NOTIFICATION)["Message"])
    assert (enclosed.source, enclosed.key, enclosed.title) == ("cloudwatch", queued.key, queued.title)


def test_a_message_in_words_becomes_an_unrecognised_alert_with_its_subject() -> None:
    one = alert("sns", but(but(body_of(NOTIFICATION), "Message", "the disk is full"), "Subject", "Backup failed"))
    assert (one.source, one.title) == ("unrecognised", "Backup failed")


def test_a_signed_notification_is_queued(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    status, body = knock(body_of(NOTIFICATION), monkeypatch, world)
    assert (status, body["accepted"]) == (202, 1)
    assert world.outbox.take(AlertsReceived)[0].alerts[0].alarm_name == "checkout-cpu-high"


def test_a_topic_asks_and_is_confirmed(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    sns = Answers()
    assert knock(body_of(CONFIRMATION), monkeypatch, world, sns) == (200, {"status": "confirmed"})
    assert sns.asked == [body_of(CONFIRMATION)["SubscribeURL"]]
    assert world.outbox.take(AlertsReceived) == []


def test_what_sns_does_not_answer_is_asked_again(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    assert knock(body_of(CONFIRMATION), monkeypatch, world, Answers(down=True))[0] == 500


def test_a_topic_that_is_not_on_the_list_is_neither_fetched_nor_confirmed(monkeypatch: pytest.MonkeyPatch) -> None:
    sns = Answers()
    other = World(secrets=MemorySecrets({"webhooks": {"sns": TOPIC + "-of-others"}}))
    assert knock(body_of(CONFIRMATION), monkeypatch, other, sns)[0] == 401
    assert sns.asked == []


def test_an_end_is_noted_and_not_undone(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    sns = Answers()
    assert knock(body_of(CONFIRMATION) | {"Type": "UnsubscribeConfirmation"}, monkeypatch, world, sns) == (200, {"status": "noted"})
    assert sns.asked == []


GOOD = f"Action=ConfirmSubscription&TopicArn={TOPIC}&Token=2336412f37f04aa1b0f5d6a1c3e2b4d7"


@pytest.mark.parametrize(
    "url",
    [
        pytest.param(f"http://sns.eu-west-1.amazonaws.com/?{GOOD}", id="not https"),
        pytest.param(f"https://sns.us-east-1.amazonaws.com/?{GOOD}", id="another region"),
        pytest.param(f"https://sns.eu-west-1.amazonaws.com.evil.example/?{GOOD}", id="a longer host"),
        pytest.param(f"https://evil.example@sns.eu-west-1.amazonaws.com/?{GOOD}", id="a user"),
        pytest.param(f"https://sns.eu-west-1.amazonaws.com:444/?{GOOD}", id="a port"),
        pytest.param(f"https://sns-eu-west-1.s3.amazonaws.com/?{GOOD}", id="a bucket"),
        pytest.param(f"{HOST}/path?{GOOD}", id="a path"),
        pytest.param(f"{HOST}/?{GOOD}#x", id="a fragment"),
        pytest.param(f"{HOST}/?{GOOD}&AuthenticateOnUnsubscribe=true", id="one more parameter"),
        pytest.param(f"{HOST}/?{GOOD}&Action=DeleteTopic", id="a second action"),
        pytest.param(f"{HOST}/?{GOOD.replace('ConfirmSubscription', 'DeleteTopic')}", id="another action"),
        pytest.param(f"{HOST}/?{GOOD.replace(TOPIC, TOPIC + 'x')}", id="another topic"),
        pytest.param(f"{HOST}/?{GOOD}x", id="another token"),
        pytest.param("", id="none"),
    ],
)
def test_nothing_else_is_ever_fetched(url: str) -> None:
    sns = Answers()
    with pytest.raises(BadSignature):
        Confirmation(fetch=sns)(body_of(CONFIRMATION) | {"SubscribeURL": url}, {})
    assert sns.asked == []
