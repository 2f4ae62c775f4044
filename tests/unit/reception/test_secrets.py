"""Secrets at the door: remembered, read anew when somebody fails to prove himself, and never so often that it can be abused."""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError

from reception.door import answer
from reception.wiring import Wiring
from tests.unit.reception.test_door import BODY, signed
from tests.unit.reception.world import SECRET, World
from watchkeeper.errors import Misconfigured
from watchkeeper.storage.secrets import RENEW_SECONDS, SecretsManager


@dataclass
class CountingClient:
    """Secrets Manager's client: what it holds, how often it was asked, and whether it answers."""

    holds: dict[str, str] = field(default_factory=lambda: {"generic": SECRET})
    asked: int = 0
    down: bool = False

    def get_secret_value(self, **_: Any) -> dict[str, str]:
        self.asked += 1
        if self.down:
            raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow down"}}, "GetSecretValue")
        return {"SecretString": json.dumps(self.holds)}


@dataclass
class Seconds:
    """A clock of seconds that a test moves."""

    at: float = 1000.0

    def __call__(self) -> float:
        return self.at


@dataclass
class Safe:
    """A door whose secrets come from a counted store."""

    client: CountingClient = field(default_factory=CountingClient)
    seconds: Seconds = field(default_factory=Seconds)

    def __post_init__(self) -> None:
        self.secrets = SecretsManager(self.client, self.seconds)
        world = World()
        known = {name: getattr(world.wiring, name) for name in Wiring.__dataclass_fields__}
        self.wiring = Wiring(**known | {"secrets": lambda: self.secrets})

    def knock(self, secret: str = SECRET) -> int:
        status: int = answer(signed(BODY, secret=secret), self.wiring)["statusCode"]
        return status


def test_secrets_are_read_once_for_many_requests() -> None:
    safe = Safe()
    assert [safe.knock() for _ in range(50)] == [202] * 50
    assert safe.client.asked == 1


def test_a_new_secret_counts_with_its_first_request() -> None:
    safe = Safe()
    safe.knock()
    safe.client.holds = {"generic": "new", "generic_previous": SECRET}
    assert [safe.knock("new"), safe.knock(), safe.knock("new")] == [202, 202, 202]
    assert safe.client.asked == 2


def test_a_source_counts_as_soon_as_it_is_enabled() -> None:
    safe = Safe(CountingClient(holds={}))
    assert safe.knock() == 404
    safe.client.holds = {"generic": SECRET}
    assert safe.knock() == 404
    safe.seconds.at += RENEW_SECONDS
    assert safe.knock() == 202


def test_who_guesses_cannot_make_us_hammer_the_store() -> None:
    safe = Safe()
    for _ in range(500):
        assert safe.knock("a guess") == 401
    assert safe.client.asked == 2
    safe.seconds.at += RENEW_SECONDS - 1
    assert safe.knock("a guess") == 401
    assert safe.client.asked == 2
    safe.seconds.at += 1
    assert safe.knock("a guess") == 401
    assert safe.client.asked == 3


def test_a_guess_does_not_shut_out_who_is_right() -> None:
    safe = Safe()
    assert [safe.knock(secret) for secret in ("a guess", SECRET, "a guess", SECRET)] == [401, 202, 401, 202]


def test_a_store_that_fails_is_our_fault_and_asked_no_more_often() -> None:
    """Not 401: a sender that drops what was refused would lose an alert to our own bad minute."""
    safe = Safe()
    safe.knock()
    safe.client.down = True
    assert safe.knock("new") == 500
    assert [safe.knock("new") for _ in range(20)] == [401] * 20
    assert safe.knock() == 202
    assert safe.client.asked == 2


@pytest.mark.parametrize("past", ["get", "renewed"])
def test_without_a_name_nothing_is_asked(past: str) -> None:
    client = CountingClient()
    assert getattr(SecretsManager(client), past)("") == {}
    assert client.asked == 0


def test_each_secret_has_a_turn_of_its_own() -> None:
    client = CountingClient()
    secrets = SecretsManager(client, Seconds())
    for name in ("one", "two", "one", "two"):
        secrets.renewed(name)
    assert client.asked == 2


def test_a_secret_that_is_no_json_is_named_and_not_shown() -> None:
    class Odd(CountingClient):
        def get_secret_value(self, **_: Any) -> dict[str, str]:
            return {"SecretString": "hunter2"}

    with pytest.raises(Misconfigured) as error:
        SecretsManager(Odd()).get("webhooks")
    assert "webhooks" in str(error.value)
    assert "hunter2" not in str(error.value)
