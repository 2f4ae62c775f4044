"""Secrets become stable placeholders; ordinary lines stay as they are. Every secret here is made up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.redaction import KINDS, Redactor

redact = Redactor(key=b"a key of this test")
AWS_KEY = "AKIA" + "IOSFODNN7EXAMPLE"
JWT = "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0NTY3ODkwIn0" + ".dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\n-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("kind", "line", "secret"),
    [
        ("private-key", f"key:\n{PEM}\nafter", "MIIEowIBAAKCAQEA"),
        ("private-key", PEM[:50], "MIIEow"),
        ("aws-access-key", f"signed with {AWS_KEY} at noon", AWS_KEY),
        ("presigned-url", "GET /a?X-Amz-Signature=abcdef0123456789&x=1", "abcdef0123456789"),
        ("jwt", f"token {JWT} expired", JWT),
        ("anthropic-key", "using sk-ant-api03-" + "A" * 24, "A" * 24),
        ("slack-token", "xoxb-" + "123456789012-abcdef", "123456789012-abcdef"),
        ("slack-webhook", "https://hooks.slack.com/services/T0000/B0000/" + "x" * 24, "x" * 24),
        ("github-token", "ghp_" + "b" * 36, "b" * 36),
        ("url-password", "postgres://app:hunter2@db:5432/shop", "hunter2"),
        ("authorization", "Authorization: Basic YWRhOmxvdmVsYWNl", "YWRhOmxvdmVsYWNl"),
        ("bearer", "sent bearer abcdefghijklmnopqrstuvwx", "abcdefghijklmnopqrstuvwx"),
        ("secret", "DB_PASSWORD=correct-horse", "correct-horse"),
        ("secret", '{"client_secret": "s3cr3t-value"}', "s3cr3t-value"),
        ("secret", "api-key: 0123456789", "0123456789"),
        ("email", "mail from ada.lovelace@example.co.uk bounced", "ada.lovelace@example.co.uk"),
        ("card", "paid with 4111 1111 1111 1111 today", "4111 1111 1111 1111"),
    ],
)
def test_a_secret_is_replaced_and_its_kind_stays(kind: str, line: str, secret: str) -> None:
    cleaned = redact(line)
    assert secret not in cleaned
    assert f"[{kind}:" in cleaned


def test_every_kind_has_its_example() -> None:
    marks = test_a_secret_is_replaced_and_its_kind_stays.pytestmark  # type: ignore[attr-defined]  # pytest puts it there
    assert {case[0] for case in marks[0].args[1]} == {kind.name for kind in KINDS}


@pytest.mark.parametrize(
    "line",
    [
        "CPUUtilization of i-0123456789abcdef0 is above 80",
        "arn:aws:ecs:eu-west-1:123456789012:service/shop/storefront",
        "order 1234567890123456 shipped",
        "2026-11-20T03:00:00Z ERROR payment timed out after 30000 ms",
        "password must be changed",
        "GET https://example.com/path?x=1 200",
        "the secret of the sauce",
        "exit code 137 (OutOfMemoryError: Container killed due to memory usage)",
    ],
)
def test_an_ordinary_line_stays_as_it_is(line: str) -> None:
    assert redact(line) == line


def test_what_surrounds_the_secret_stays() -> None:
    assert redact("DB_PASSWORD=correct-horse retries=3").startswith("DB_PASSWORD=[secret:")
    assert redact("DB_PASSWORD=correct-horse retries=3").endswith("] retries=3")


def test_one_secret_has_one_placeholder_and_another_key_another() -> None:
    first, second = redact("password=hunter22"), redact("login with password=hunter22 failed")
    placeholder = first.removeprefix("password=")
    assert placeholder in second
    assert Redactor(key=b"another")("password=hunter22") != first


@given(st.text())
def test_redacting_twice_is_redacting_once(text: str) -> None:
    once = redact(text)
    assert redact(once) == once


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_surroundings_save_an_access_key(before: str, after: str) -> None:
    assert AWS_KEY not in redact(f"{before} {AWS_KEY} {after}")


@pytest.mark.parametrize(
    "line", ["postgres://app:hunter2@db:5432/shop", "DB_PASSWORD=correct-horse", "Authorization: Basic YWRhOmxvdmVsYWNl"]
)
def test_a_placeholder_is_no_secret(line: str) -> None:
    """The names of kinds hold words that the patterns look for: `[url-password:…]`, `[secret:…]`."""
    once = redact(line)
    assert once.count("[") == 1
    assert redact(redact(once)) == once
