"""Names with a star, and nothing else special."""

import pytest

from watchkeeper.matching import named, unsaid_or_named


@pytest.mark.parametrize(
    ("value", "patterns", "matches"),
    [
        ("checkout", ["checkout"], True),
        ("checkout", ["Checkout"], False),
        ("checkout-cpu", ["checkout"], False),
        ("checkout-cpu", ["checkout-*"], True),
        ("checkout-", ["checkout-*"], True),
        ("checkout", ["checkout-*"], False),
        ("anything", ["*"], True),
        ("", ["*"], True),
        ("a.c", ["a?c"], False),
        ("abc", ["a*c"], False),
        ("a*c", ["a*c"], True),
        ("b", ["a", "b*"], True),
        ("b", [], False),
    ],
)
def test_a_name_matches_its_patterns(value: str, patterns: list[str], *, matches: bool) -> None:
    assert named(value, patterns) is matches


def test_an_empty_list_says_nothing_and_so_matches() -> None:
    assert unsaid_or_named("checkout", [])
    assert unsaid_or_named("checkout", iter(["checkout"]))
    assert not unsaid_or_named("checkout", ["storefront"])
