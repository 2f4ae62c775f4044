"""Long evidence in few lines: letter by letter, in their order, the telling ones first, and always within the room."""

import json

import pytest

from analysis.thinking.digest import LONGEST_LINE, digest, page, shares
from analysis.thinking.tokens import size
from tests.unit.analysis.thinking_stories import drawn

NOISE = [f"2026-11-20T02:{n // 60:02d}:{n % 60:02d}Z /checkout/app INFO GET /cart/{n} 200" for n in range(900)]


def shown(text: str) -> list[str]:
    return [line for line in text.splitlines() if not (line.startswith("[") and line.endswith("lines left out]"))]


def test_what_fits_is_shown_as_it_is() -> None:
    assert digest("one\ntwo", 100) == "one\ntwo"


def test_the_cited_line_is_there_wherever_it_stands() -> None:
    lines = [*NOISE[:450], "a quiet line that the rules cite", *NOISE[450:]]
    told = digest("\n".join(lines), 600, ("line that the rules cite",))
    assert "a quiet line that the rules cite" in shown(told)


def test_head_tail_and_the_first_of_each_telling_kind_come_before_the_rest() -> None:
    lines = [*NOISE]
    lines[100:100] = ["change at 2026-11-20T02:41:00Z: up from about 20 to 97", "ERROR no 17 refused", "ERROR no 18 refused"]
    told = shown(digest("\n".join(lines), 800))
    assert told[:2] == NOISE[:2]
    assert "change at 2026-11-20T02:41:00Z: up from about 20 to 97" in told
    assert "ERROR no 17 refused" in told
    assert told[-1] == NOISE[-1]


def test_what_is_left_out_is_counted_where_it_was() -> None:
    told = digest("\n".join(NOISE), 700).splitlines()
    left_out = sum(int(line.split()[0][1:]) for line in told if line.endswith("lines left out]"))
    assert left_out + len(shown("\n".join(told))) == len(NOISE)


def test_a_long_line_is_cut_to_where_it_tells_and_stays_a_piece_of_it() -> None:
    line = f"{'x' * 4_000} Connection refused by orders {'y' * 4_000}"
    told = digest(line, 500)
    assert told in line
    assert "refused by orders" in told
    assert len(told) <= LONGEST_LINE


@pytest.mark.parametrize("seed", range(40))
def test_any_text_is_digested_within_the_room_in_order_and_letter_by_letter(seed: int) -> None:
    chance = drawn(seed)
    signs = 'abc XYZ 0123456789 \t"\\{}[]é漢🙂\x00\x07'
    lines = ["".join(chance.choices(signs, k=chance.choice([0, 5, 40, 400, 2_000]))) for _ in range(chance.choice([1, 30, 900]))]
    text, room = "\n".join(lines), chance.choice([0, 30, 120, 900, 6_000])
    quotes = tuple(line[:40] for line in chance.sample(lines, 1) if line)
    told = digest(text, room, quotes)
    assert told == digest(text, room, quotes)
    assert size(told) <= max(room, 2)
    at = 0
    for line in shown(told):
        at = text.find(line, at)
        assert at >= 0


@pytest.mark.parametrize("seed", range(30))
def test_a_page_reads_on_to_the_end(seed: int) -> None:
    chance = drawn(seed)
    lines = [f"{n} {'w' * chance.randrange(200)}" for n in range(chance.randrange(1, 80))]
    text, first, read = "\n".join(lines), 1, list[str]()
    while first <= len(lines):
        told = page(text, first, 900)
        assert size(told) <= 900
        got = [line for line in told.splitlines() if not line.startswith("[")]
        read += got
        first += len(got)
        assert got
        assert told.endswith(f"more from line {first}]") == (first <= len(lines))
    assert read == lines


def test_the_room_is_shared_by_weight_and_nothing_is_wasted() -> None:
    assert shares([1_000, 1_000], [3, 1], 400) == [300, 100]
    assert shares([50, 1_000, 1_000], [3, 1, 1], 450) == [50, 200, 200]
    assert shares([10, 10], [1, 1], 1_000) == [10, 10]
    assert shares([], [], 5) == []
    assert json.dumps(shares([5, 5], [1, 1], 0)) == "[0, 0]"
