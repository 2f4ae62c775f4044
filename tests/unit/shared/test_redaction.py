"""Secrets become stable placeholders; ordinary lines stay as they are. The cases of evals/redaction are read, all made up."""

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.redaction import HOSTILE, case_of, cases, left, ordinary
from watchkeeper.redaction import KINDS, OPTIONAL, PLACEHOLDER, Redactor

FOLDER = Path(__file__).parents[3] / "evals" / "redaction"
CASES = list(cases(FOLDER))
redact = Redactor(key=b"a key of this test")
everything = Redactor(key=b"a key of this test", also=("ip", "phone"))
AWS_KEY = "AKIA" + "IOSFODNN7EXAMPLE"


def test_every_kind_has_at_least_four_cases() -> None:
    counts = {kind.name: sum(case.kind == kind.name for case in CASES) for kind in (*KINDS, *OPTIONAL)}
    assert len(counts) >= 25
    assert {name: count for name, count in counts.items() if count < 4} == {}
    assert {case.kind for case in CASES} == set(counts)


@pytest.mark.parametrize("kind", sorted({case.kind for case in CASES}))
def test_nothing_of_a_secret_remains(kind: str) -> None:
    assert [(case.text, left(case, everything)) for case in CASES if case.kind == kind and left(case, everything)] == []


def test_ordinary_lines_stay_as_they_are() -> None:
    lines = ordinary(FOLDER)
    touched = [line for line in lines if redact(line) != line]
    assert len(lines) >= 500
    assert len(touched) <= 0.005 * len(lines), touched


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("url-password", "postgres://app:hunter2@db:5432/shop"),
        ("aws-access-key", f"password={AWS_KEY}"),
        ("secret", f'password="before {AWS_KEY} after"'),
        ("cookie", "Cookie: a=b; token=abcdefgh12345678"),
        ("authorization", "Authorization: Basic YWRhOmxvdmVsYWNl"),
        ("secret", "DB_PASSWORD=correct-horse"),
    ],
)
def test_where_kinds_overlap_one_placeholder_stands_for_all(kind: str, line: str) -> None:
    """The specific kind names what is its own, the wider one what holds more; a placeholder is no secret."""
    once = redact(line)
    assert [match.group()[1:-10] for match in PLACEHOLDER.finditer(once)] == [kind]
    assert redact(once) == once


def test_what_surrounds_the_secret_stays() -> None:
    assert redact("DB_PASSWORD=correct-horse retries=3").startswith("DB_PASSWORD=[secret:")
    assert redact("Login(user=ada,password=hunter2) 200").endswith("]) 200")
    assert redact("postgres://app:hunter2@db:5432/shop").endswith("]@db:5432/shop")


def test_one_secret_has_one_placeholder_and_another_key_another() -> None:
    placeholder = redact("password=hunter22").removeprefix("password=")
    assert placeholder in redact("login with password=hunter22 failed")
    assert placeholder in redact('{"db": {"password": "hunter22"}}')
    assert Redactor(key=b"another")("password=hunter22") != "password=" + placeholder


@pytest.mark.parametrize(
    "line",
    [
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/db-AbC123",
        "trace 4bf92f3577b34da6a3ce929d0e0e4736 commit da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "order_id=4111111111111111",
        "order 1234567890123456 shipped",
        "0c9f4b1e-6f7a-4b54-9f4b-6c1d2e3f4a5b in account 123456789012",
        "mail root@ip-10-0-0-1.ec2.internal or noreply@shop.io, clone git@github.com:shop/app.git",
        'password: ${DB_PASSWORD} secret="{{ vault }}" token: <your token> api_key=%s',
        "IBAN DE88 3704 0044 0532 0130 00 has a wrong check digit, and so has card 4111 1111 1111 1112",
        "from 203.0.113.77, call +44 20 7946 0958",
        "exit code 137 (OutOfMemoryError: Container killed due to memory usage)",
    ],
)
def test_what_is_known_to_be_safe_stays(line: str) -> None:
    assert redact(line) == line


def test_addresses_and_telephones_go_only_where_asked() -> None:
    line = "from 203.0.113.77 at 03:00:00, call +44 20 7946 0958, lo 127.0.0.1 and ::1, mac aa:bb:cc:dd:ee:ff"
    assert Redactor(b"k", also=("ip",))(line).count("[ip:") == 1
    assert everything(line).count("[phone:") == 1


@pytest.mark.parametrize("case", CASES[::7], ids=lambda case: case.kind)
def test_redacting_a_case_twice_is_redacting_it_once(case: object) -> None:
    once = everything(getattr(case, "text", ""))
    assert everything(once) == once


PIECES = st.sampled_from(
    [
        AWS_KEY,
        "password=",
        "[secret:0a1b2c3d]",
        "[",
        "]",
        "://a:",
        "@b.dev",
        '"',
        "\\",
        "hunter22",
        " ",
        "\n",
        "\0",
        ";pwd=",
        "ab@cd.io",
        "eyJ",
        ".",
    ]
)


@given(st.lists(st.one_of(PIECES, st.text(max_size=6)), max_size=14).map("".join))
@settings(max_examples=300, deadline=None)
def test_redacting_twice_is_redacting_once(text: str) -> None:
    once = everything(text)
    assert everything(once) == once


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_surroundings_save_an_access_key(before: str, after: str) -> None:
    assert AWS_KEY not in redact(f"{before} {AWS_KEY} {after}")


@given(st.text(max_size=60))
def test_a_hint_is_never_missing(text: str) -> None:
    """Where a pattern matches, its hint is there: the fast way sees what the slow one sees."""
    lowered = text.lower()
    for kind in (*KINDS, *OPTIONAL):
        if kind.hints and kind.pattern.search(text.replace("\u017f", "").replace("\u212a", "").replace("\u0130", "")):
            assert any(hint in lowered for hint in kind.hints)


def test_every_case_is_hinted() -> None:
    """The same over the cases, whose patterns do match."""
    for case in CASES:
        lowered = case.text.lower()
        for kind in (*KINDS, *OPTIONAL):
            if kind.hints and not any(hint in lowered for hint in kind.hints):
                assert not kind.pattern.search(case.text), (kind.name, case.text)


@pytest.mark.parametrize("unit", HOSTILE)
def test_a_hostile_line_does_not_stop_the_clock(unit: str) -> None:
    """Ten times the line may take ten times as long; a pattern that is read again from each character takes a hundred times."""
    taken = [min(_seconds(unit, size) for _ in range(3)) for size in (10_000, 100_000)]
    assert taken[1] < max(0.6, 50 * taken[0])


def _seconds(unit: str, size: int) -> float:
    began = time.process_time()
    everything((unit * (size // len(unit) + 1))[:size])
    return time.process_time() - began


def test_half_a_character_is_no_obstacle() -> None:
    assert "hunter" not in redact("password=hunter2\ud83d")


def test_the_notation_of_cases_hides_and_shows() -> None:
    case = case_of("github-token", "clone ⟦gh|p_{base62:36}⟧ now")
    assert case.text.startswith("clone ghp_")
    assert case.text == f"clone {case.secrets[0]} now"
    assert case == case_of("github-token", "clone ⟦gh|p_{base62:36}⟧ now")
