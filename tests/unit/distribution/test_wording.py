from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distribution.layout.slack import escape
from distribution.wording import clean, cut, duration, one_line, pieces, safe_url


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min"), (250, "4 min 10 s"), (3600, "1 h"), (7500, "2 h 5 min"), (90_000, "1 d 1 h"), (-5, "0 s")],
)
def test_durations_as_people_say_them(seconds: int, said: str) -> None:
    assert duration(timedelta(seconds=seconds)) == said


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://console.aws.amazon.com/x?a=b#c", "https://console.aws.amazon.com/x?a=b#c"),
        ("http://127.0.0.1:8080/#INC-1", "http://127.0.0.1:8080/#INC-1"),
        ("http://example.com", ""),
        ("javascript:alert(1)", ""),
        ("https://aws.amazon.com@evil.example/", ""),
        ("https://", ""),
        ("https://[", ""),
        ('https://a.example/"><script>|x y', "https://a.example/%22%3E%3Cscript%3E%7Cx%20y"),
    ],
)
def test_only_addresses_that_may_be_clicked(url: str, safe: str) -> None:
    assert safe_url(url) == safe


@given(st.text(), st.integers(min_value=20, max_value=200))
def test_pieces_fit_and_together_are_the_text(text: str, longest: int) -> None:
    parts = pieces(text, longest)
    assert all(len(part) <= longest for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


@given(st.text(alphabet="ab&<> "), st.integers(min_value=20, max_value=200))
def test_no_escaped_character_is_ever_parted(text: str, longest: int) -> None:
    for part in [*pieces(escape(text), longest), cut(escape(text), longest).rstrip("…")]:
        assert "&" not in part.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "")
        assert len(part) <= longest


@given(st.text())
def test_clean_text_shows_what_it_is(text: str) -> None:
    assert not any(ord(c) < 32 and c != "\n" for c in clean(text))
    assert "\n" not in one_line(text)
    assert clean(clean(text)) == clean(text)
