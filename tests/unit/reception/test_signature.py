"""Each kind of proof by itself, with the vectors that vendors have published."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from reception.proofs import AnyOf, Basic, Bearer, Hmac, Proof, QueryToken, SharedHeader
from reception.signature import SIGNATURE, TIMESTAMP, sign
from watchkeeper.errors import BadSignature

NOW = datetime(2026, 11, 20, 3, 0, 4, tzinfo=UTC)
T = int(NOW.timestamp())
RAW = b'{"title": "caf\xc3\xa9"}'
OWN = Hmac(SIGNATURE, prefix="v1=", timestamp_header=TIMESTAMP, signed="{timestamp}:{body}", several=True)
GITHUB = Hmac("X-Hub-Signature-256", prefix="sha256=")
SLACK = Hmac("X-Slack-Signature", prefix="v0=", timestamp_header="X-Slack-Request-Timestamp", signed="v0:{timestamp}:{body}")
PAGERDUTY = Hmac("X-PagerDuty-Signature", prefix="v1=", several=True)
SLACK_BODY = (
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA"
    b"&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J"
    b"%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
)


def lower(headers: Mapping[str, str] | None) -> dict[str, str]:
    return {name.lower(): value for name, value in (headers or {}).items()}


def holds(proof: Proof) -> None:
    """What any proof keeps to: it takes what it signs, under either secret, and nothing that differs in one place."""
    good = lower(proof.sign(RAW, "new", NOW))
    assert proof.verify(RAW, good, ("new", "old"), NOW) == NOW
    assert proof.verify(RAW, lower(proof.sign(RAW, "old", NOW)), ("new", "old"), NOW) == NOW
    assert proof.words
    wrong = [{}, lower(proof.sign(RAW, "", NOW)), lower(proof.sign(RAW, "wrong", NOW))]
    for name, value in good.items():
        others = ("", value[:-1], value[1:], value + "0", "é", "\ud800", value.swapcase(), "v9=" + value)
        wrong += [good | {name: other} for other in others if other != value]
    for sent in wrong:
        with pytest.raises(BadSignature):
            proof.verify(RAW, sent, ("new", "old", ""), NOW)
    for secrets in ((), ("",)):
        with pytest.raises(BadSignature):
            proof.verify(RAW, lower(proof.sign(RAW, "", NOW)), secrets, NOW)


@pytest.mark.parametrize(
    ("proof", "raw", "headers", "secret", "at"),
    [
        pytest.param(
            GITHUB, b"Hello, World!",
            {"x-hub-signature-256": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"},
            "It's a Secret to Everybody", NOW, id="GitHub, 'Validating webhook deliveries'",
        ),
        pytest.param(
            Hmac("X-Hub-Signature", prefix="sha256="), b"Hello World!",
            {"x-hub-signature": "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9"},
            "It's a Secret to Everybody", NOW, id="Jira, 'Securing webhooks'",
        ),
        pytest.param(
            SLACK, SLACK_BODY,
            {
                "x-slack-signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
                "x-slack-request-timestamp": "1531420618",
            },
            "8f742231b10e8888abcd99yyyzzz85a5", datetime.fromtimestamp(1531420618, UTC), id="Slack, 'Verifying requests from Slack'",
        ),
        pytest.param(
            Hmac("X-Mark"), b"what do ya want for nothing?",
            {"x-mark": "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"}, "Jefe", NOW, id="RFC 4231, case 2",
        ),
        pytest.param(
            Hmac("X-Mark", algorithm="sha1"), b"what do ya want for nothing?",
            {"x-mark": "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"}, "Jefe", NOW, id="RFC 2202, case 2",
        ),
        pytest.param(
            Basic(), b"", {"authorization": "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="}, "Aladdin:open sesame", NOW, id="RFC 7617",
        ),
    ],
)  # fmt: skip
def test_published_vectors(proof: Proof, raw: bytes, headers: dict[str, str], secret: str, at: datetime) -> None:
    assert proof.verify(raw, headers, (secret,), at) == at
    assert lower(proof.sign(raw, secret, at)) == headers
    for other in (raw + b" ", b""):
        if other != raw and isinstance(proof, Hmac):
            with pytest.raises(BadSignature):
                proof.verify(other, headers, (secret,), at)


def test_pagerduty_sends_a_signature_for_each_of_its_secrets() -> None:
    one, two = (lower(PAGERDUTY.sign(RAW, secret, NOW))["x-pagerduty-signature"] for secret in ("old", "new"))
    for both in (f"{one},{two}", f"{two},{one}", f"{one}, {two}", f"v2=00,{two}"):
        assert PAGERDUTY.verify(RAW, {"x-pagerduty-signature": both}, ("new",), NOW) == NOW
    for neither in (one, f"{one},{one}", f"{two[3:]},{one}", ",", "v1=,v1="):
        with pytest.raises(BadSignature):
            PAGERDUTY.verify(RAW, {"x-pagerduty-signature": neither}, ("new",), NOW)


GOOD = f"v1={sign(RAW, str(T), 'new')}"


def headers(signature: str | None = GOOD, timestamp: str | None = str(T)) -> dict[str, str]:
    sent = {SIGNATURE: signature, TIMESTAMP: timestamp}
    return {name.lower(): value for name, value in sent.items() if value is not None}


def at(seconds: int) -> dict[str, str]:
    return lower(OWN.sign(RAW, "new", NOW + timedelta(seconds=seconds)))


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(headers(), id="signed"),
        pytest.param(at(-299), id="299 s ago"),
        pytest.param(at(-300), id="300 s ago"),
        pytest.param(at(299), id="299 s ahead"),
        pytest.param(headers(f"v1={'0' * 64}, {GOOD}"), id="the second of two is right"),
        pytest.param(headers(f"{GOOD},v2=whatever"), id="beside a scheme that we do not know"),
        pytest.param(headers(f"v1={sign(RAW, str(T), 'old')}"), id="with the secret before"),
    ],
)
def test_taken(sent: dict[str, str]) -> None:
    assert OWN.verify(RAW, sent, ("new", "old"), NOW) == datetime.fromtimestamp(int(sent[TIMESTAMP.lower()]), UTC)


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        pytest.param({}, TIMESTAMP, id="nothing"),
        pytest.param(headers(signature=None), SIGNATURE, id="unsigned"),
        pytest.param(headers(signature=""), SIGNATURE, id="empty signature"),
        pytest.param(headers(GOOD[3:]), SIGNATURE, id="without v1="),
        pytest.param(headers(GOOD.replace("v1", "v0")), SIGNATURE, id="another scheme"),
        pytest.param(headers(f"v1={sign(RAW, str(T), 'wrong')}"), SIGNATURE, id="wrong secret"),
        pytest.param(headers(f"v1={sign(RAW, str(T), '')}"), SIGNATURE, id="empty secret"),
        pytest.param(headers("v1=é" + "0" * 62), SIGNATURE, id="not ASCII"),
        pytest.param(headers("v1=\ud800"), SIGNATURE, id="half a surrogate"),
        pytest.param(headers(f"v1={sign(RAW[:-1], str(T), 'new')}"), SIGNATURE, id="another body"),
        pytest.param(headers(timestamp=str(T + 1)), SIGNATURE, id="another time than signed"),
        pytest.param(at(-301), TIMESTAMP, id="301 s ago"),
        pytest.param(at(301), TIMESTAMP, id="301 s ahead"),
        *(
            pytest.param(headers(timestamp=junk), TIMESTAMP, id=f"time {junk[:12]!r}")
            for junk in ("", "soon", "-1", "1e9", "1795143604.5", "١٧٩٥١٤٣٦٠٤", "9" * 5000, "\x00", " ")
        ),
    ],
)
def test_refused(sent: dict[str, str], field: str) -> None:
    with pytest.raises(BadSignature) as refused:
        OWN.verify(RAW, sent, ("new", "old", ""), NOW)
    assert (refused.value.field, refused.value.status) == (field.lower(), 401)


@pytest.mark.parametrize(
    "proof",
    [
        OWN, GITHUB, SLACK, PAGERDUTY, Hmac("X-Mark", algorithm="sha512", encoding="base64"), SharedHeader("X-Token"), Bearer(), Basic(),
        QueryToken("token"), AnyOf((Bearer(), Basic())),
    ],
    ids=lambda proof: type(proof).__name__,
)  # fmt: skip
def test_every_kind_of_proof_takes_its_own_and_nothing_else(proof: Proof) -> None:
    """So that a kind that no source uses yet is not worse than the others."""
    holds(proof)


def test_any_of_several_will_do_and_the_first_is_asked_for() -> None:
    either = AnyOf((Bearer(), Basic()))
    for proof in either.proofs:
        assert either.verify(RAW, lower(proof.sign(RAW, "a:b", NOW)), ("a:b",), NOW) == NOW
    with pytest.raises(BadSignature) as refused:
        either.verify(RAW, {}, ("a:b",), NOW)
    assert "Bearer" in str(refused.value)
