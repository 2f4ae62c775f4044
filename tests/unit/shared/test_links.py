"""Addresses of others are taken apart, ours stay, and doing it again changes nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.links import defanged, foreign_removed, is_ours


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("see https://evil.example/x", "see hxxps://evil[.]example/x"),
        ("www.evil.example and evil.com", "www[.]evil[.]example and evil[.]com"),
        ("<!channel> <@U123> <https://evil.example|click>", "[!channel] [@U123] [hxxps://evil[.]example|click]"),
        ("<!<!channel>>", "[![!channel]]"),
        ("write to ada@evil.com", "write to ada[@]evil[.]com"),
        ("ftp://evil.com/a", "ftp[://]evil[.]com/a"),
        ("app/pool.py:88 in java.io.IOException", "app/pool.py:88 in java.io.IOException"),
        ("_a.shop.example.com CNAME _b.acm-validations.aws.", "_a.shop.example.com CNAME _b.acm-validations.aws."),
        ("ecs.amazonaws.com UpdateService", "ecs.amazonaws.com UpdateService"),
        ("loot.s3.amazonaws.com", "loot[.]s3[.]amazonaws[.]com"),
    ],
)
def test_nothing_is_left_to_click(text: str, shown: str) -> None:
    assert defanged(text) == shown


@given(st.text(alphabet="ab.:/@<>!|[] hxtps-com", max_size=60))
def test_twice_is_once(text: str) -> None:
    assert defanged(defanged(text)) == defanged(text)


@pytest.mark.parametrize(
    ("url", "ours"),
    [
        ("https://eu-west-1.console.aws.amazon.com/x", True),
        ("https://docs.aws.amazon.com/a", True),
        ("https://github.com/acme/checkout/pull/482", True),
        ("https://github.com/acme/checkout-evil", False),
        ("https://github.com/acme/checkout/../../evil", False),
        ("https://console.aws.amazon.com.evil.com/", False),
        ("https://docs.aws.amazon.com@evil.com/", False),
        ("http://docs.aws.amazon.com/a", False),
        ("https://docs.aws.amazon.com:444/", False),
    ],
)
def test_whose_address_it_is(url: str, *, ours: bool) -> None:
    assert is_ours(url, ("acme/checkout",)) is ours
    assert foreign_removed(f"see {url} now", ("acme/checkout",))[1] == (0 if ours else 1)
