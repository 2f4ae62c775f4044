"""A topic that posts over HTTPS: what is taken, what is refused, and that our RSA agrees with a library's."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

from reception.rsa import key_of, signed_by
from reception.sns_signature import SnsSignature, content, is_of_sns
from watchkeeper.errors import BadSignature

NOW = datetime(2026, 11, 20, 3, 0, 10, tzinfo=UTC)
TOPIC = "arn:aws:sns:eu-west-1:123456789012:alerts"
HOST = "https://sns.eu-west-1.amazonaws.com"
PEM = f"{HOST}/SimpleNotificationService-{'0a' * 16}.pem"
MESSAGE = {
    "Type": "Notification", "MessageId": "7c5d", "TopicArn": TOPIC, "Subject": "ALARM", "Message": '{"AlarmName": "café"}',
    "Timestamp": "2026-11-20T03:00:04.871Z", "SignatureVersion": "2", "SigningCertURL": PEM,
}  # fmt: skip
CONFIRM = {
    "Type": "SubscriptionConfirmation", "MessageId": "7c5d", "TopicArn": TOPIC, "Message": "You have chosen to subscribe", "Token": "2336",
    "SubscribeURL": f"{HOST}/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=2336", "Timestamp": "2026-11-20T03:00:04.871Z",
    "SignatureVersion": "2", "SigningCertURL": PEM,
}  # fmt: skip


@cache
def key(bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def certificate(of: Any) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(of.public_key()).serial_number(7)
    dated = made.not_valid_before(NOW - timedelta(days=1)).not_valid_after(NOW + timedelta(days=1))
    return dated.sign(of, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def signature(signed: bytes, by: hashes.HashAlgorithm | None = None) -> str:
    return base64.b64encode(key().sign(signed, padding.PKCS1v15(), by or hashes.SHA256())).decode()


def signed(message: dict[str, Any], **but: Any) -> bytes:
    """The message with a true signature over what it says, and then these fields changed; None drops one."""
    whole = message | {"Signature": signature(content(message))} | but
    return json.dumps({name: value for name, value in whole.items() if value is not None}).encode()


def resigned(message: dict[str, Any], **but: Any) -> bytes:
    """The message with these fields changed, and a true signature over that."""
    return signed(message | but)


class Certificates:
    """SNS's certificates, and what was fetched of them."""

    def __init__(self, pem: bytes = b"") -> None:
        self.pem, self.fetched = pem or certificate(key()), list[str]()

    def __call__(self, url: str) -> bytes:
        self.fetched.append(url)
        return self.pem


def check(raw: bytes, secrets: tuple[str, ...] = (TOPIC,), fetch: Callable[[str], bytes] | None = None) -> datetime:
    return SnsSignature(fetch=fetch or Certificates()).verify(raw, {}, secrets, NOW)


@pytest.mark.parametrize(
    ("raw", "secrets"),
    [
        pytest.param(signed(MESSAGE), (TOPIC,), id="a notification"),
        pytest.param(signed({n: v for n, v in MESSAGE.items() if n != "Subject"}), (TOPIC,), id="without a subject"),
        pytest.param(signed(MESSAGE, UnsubscribeURL=f"{HOST}/?Action=Unsubscribe"), (TOPIC,), id="with a field that is not signed"),
        pytest.param(signed(MESSAGE), (f"arn:aws:sns:eu-west-1:123456789012:other, {TOPIC}",), id="one of two topics"),
        pytest.param(signed(MESSAGE), ("arn:aws:sns:eu-west-1:123456789012:other", TOPIC), id="on the list before"),
        pytest.param(signed(CONFIRM), (TOPIC,), id="a confirmation"),
        pytest.param(resigned(CONFIRM, Type="UnsubscribeConfirmation"), (TOPIC,), id="the end of one"),
    ],
)
def test_taken_with_the_time_that_was_signed(raw: bytes, secrets: tuple[str, ...]) -> None:
    assert check(raw, secrets).isoformat() == "2026-11-20T03:00:04.871000+00:00"


OTHER_TOPIC = "arn:aws:sns:eu-west-1:210987654321:alerts"


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        pytest.param(b"", "body", id="empty"),
        pytest.param(b"\xff", "body", id="not text"),
        pytest.param(b"[" * 100_000, "body", id="too deep"),
        pytest.param(b"[]", "Type", id="a list"),
        pytest.param(signed(MESSAGE, Type="Other"), "Type", id="another type"),
        pytest.param(signed(MESSAGE, Type=["Notification"]), "Type", id="a type that is no text"),
        pytest.param(signed(MESSAGE, Message=None), "Message", id="a signed field dropped"),
        pytest.param(signed(MESSAGE, Message={"a": 1}), "Message", id="a signed field retyped"),
        pytest.param(resigned(MESSAGE, TopicArn=OTHER_TOPIC), "TopicArn", id="a topic that is not on the list"),
        pytest.param(resigned(MESSAGE, TopicArn="alerts"), "TopicArn", id="no topic"),
        pytest.param(signed(MESSAGE, SignatureVersion="1"), "SignatureVersion", id="version 1"),
        pytest.param(
            signed(MESSAGE, SignatureVersion="1", Signature=signature(content(MESSAGE), hashes.SHA1())),  # noqa: S303 - what is refused
            "SignatureVersion", id="version 1 as SNS signs it",
        ),
        pytest.param(signed(MESSAGE, SignatureVersion=None), "SignatureVersion", id="no version"),
        pytest.param(signed(MESSAGE, Signature=None), "Signature", id="unsigned"),
        pytest.param(signed(MESSAGE, Signature="é"), "Signature", id="a signature that is not ASCII"),
        pytest.param(signed(MESSAGE, Signature=signature(b"other")), "Signature", id="somebody else's signature"),
        pytest.param(signed(MESSAGE, Signature=signature(content(MESSAGE), hashes.SHA512())), "Signature", id="another hash"),
        pytest.param(signed(MESSAGE, Signature="AA=="), "Signature", id="a short signature"),
        pytest.param(signed(MESSAGE, Message="other"), "Signature", id="another message"),
        pytest.param(signed(MESSAGE, Subject="other"), "Signature", id="another subject"),
        pytest.param(signed(MESSAGE, Timestamp="2026-11-20T03:00:05.871Z"), "Signature", id="another time"),
        pytest.param(resigned(CONFIRM, SubscribeURL="https://evil.example/"), "SubscribeURL", id="a confirmation that leads elsewhere"),
        pytest.param(signed(CONFIRM, Token="other"), "Signature", id="another token"),
    ],
)  # fmt: skip
def test_refused(raw: bytes, field: str) -> None:
    with pytest.raises(BadSignature) as refused:
        check(raw)
    assert (refused.value.field, refused.value.status) == (field, 401)


NAME = f"SimpleNotificationService-{'0a' * 16}.pem"
BAD_ADDRESSES = [
    f"http://sns.eu-west-1.amazonaws.com/{NAME}",
    f"https://sns.us-east-1.amazonaws.com/{NAME}",
    f"https://sns.eu-west-1.amazonaws.com.cn/{NAME}",
    f"https://sns.eu-west-1.amazonaws.com.evil.example/{NAME}",
    f"https://sns.eu-west-1.amazonaws.com@evil.example/{NAME}",
    f"https://evil.example@sns.eu-west-1.amazonaws.com/{NAME}",
    f"https://sns.eu-west-1.amazonaws.com:8443/{NAME}",
    f"https://sns-eu-west-1.s3.amazonaws.com/{NAME}",
    f"https://evil.example/sns.eu-west-1.amazonaws.com/{NAME}",
    f"{HOST}/{NAME}?x=1",
    f"{HOST}/{NAME}#x",
    f"{HOST}/../{NAME}",
    f"{HOST}/folder/{NAME}",
    f"{HOST}/SimpleNotificationService-xyz.pem",
    f"{HOST}/\n{NAME}",
    f" {HOST}\\/{NAME}",
    "",
]


@pytest.mark.parametrize("url", BAD_ADDRESSES)
def test_no_other_address_is_even_asked(url: str) -> None:
    certificates = Certificates()
    with pytest.raises(BadSignature) as refused:
        check(signed(MESSAGE, SigningCertURL=url), fetch=certificates)
    assert (refused.value.field, certificates.fetched) == ("SigningCertURL", [])


def test_a_topic_that_is_not_on_the_list_makes_us_fetch_nothing() -> None:
    certificates = Certificates()
    for secrets in (("",), (), (OTHER_TOPIC,)):
        with pytest.raises(BadSignature):
            check(signed(MESSAGE), secrets, certificates)
    assert certificates.fetched == []


def test_a_certificate_is_fetched_once() -> None:
    certificates = Certificates()
    proof = SnsSignature(fetch=certificates)
    for _ in range(3):
        proof.verify(signed(MESSAGE), {}, (TOPIC,), NOW)
    assert certificates.fetched == [PEM]


def test_china_has_hosts_of_its_own() -> None:
    topic = "arn:aws-cn:sns:cn-north-1:123456789012:alerts"
    assert is_of_sns("https://sns.cn-north-1.amazonaws.com.cn/x", topic)
    assert not is_of_sns("https://sns.cn-north-1.amazonaws.com/x", topic)


@pytest.mark.parametrize(
    "pem",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", id="no certificate"),
        pytest.param(b"-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n", id="not base64"),
        pytest.param(certificate(ec.generate_private_key(ec.SECP256R1())), id="another kind of key"),
        pytest.param(certificate(key(1024)), id="a short key"),
        pytest.param(b"\xff\xfe", id="not ASCII"),
    ],
)
def test_a_certificate_that_is_none_is_refused(pem: bytes) -> None:
    with pytest.raises(BadSignature) as refused:
        key_of(pem)
    assert refused.value.field == "SigningCertURL"


@pytest.mark.parametrize("bits", [2048, 3072, 4096])
def test_keys_are_read_as_the_library_reads_them(bits: int) -> None:
    numbers = key(bits).public_key().public_numbers()
    assert key_of(certificate(key(bits))) == (numbers.n, numbers.e)


def test_every_cut_of_a_certificate_is_refused_and_none_crashes() -> None:
    whole = base64.b64decode(b"".join(certificate(key()).splitlines()[1:-1]))
    for cut in range(len(whole) - 300):
        pem = b"-----BEGIN CERTIFICATE-----\n" + base64.b64encode(whole[:cut]) + b"\n-----END CERTIFICATE-----"
        with pytest.raises(BadSignature):
            key_of(pem)


def test_every_flipped_bit_of_a_signature_is_refused() -> None:
    numbers = key().public_key().public_numbers()
    good = key().sign(b"what was signed", padding.PKCS1v15(), hashes.SHA256())
    assert signed_by((numbers.n, numbers.e), b"what was signed", base64.b64encode(good).decode())
    for bit in range(len(good) * 8):
        flipped = (int.from_bytes(good, "big") ^ (1 << bit)).to_bytes(len(good), "big")
        assert not signed_by((numbers.n, numbers.e), b"what was signed", base64.b64encode(flipped).decode())
    more = (int.from_bytes(good, "big") + numbers.n).to_bytes(len(good) + 1, "big")
    assert not signed_by((numbers.n, numbers.e), b"what was signed", base64.b64encode(more).decode())
