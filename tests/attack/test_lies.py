"""10,000 outputs of a model that lies in every way it can: afterwards nothing is named that is held nowhere."""

import random
import re
import string
from typing import Any

import pytest

from analysis.analyst.draft import draft
from analysis.case import Case
from analysis.check import BELOW_THE_BAR, check
from analysis.opinion import Opinion
from tests.attack.night import a_night
from watchkeeper.actions import catalogue
from watchkeeper.links import is_ours
from watchkeeper.models import Cause, Citation, ProposedAction, Severity

OUTPUTS, PARTS = 10_000, 10
CASE = a_night()
RULES = draft(CASE)
HELD = "\n".join(
    (
        *(f"{one.text}\n{one.evidence.id} {one.evidence.summary} {one.evidence.collector}" for one in CASE.exhibits),
        CASE.incident.model_dump_json(), str(sorted(catalogue())), *(f"{a.says} {a.expected_effect} {a.why_irreversible}" for a in catalogue().values()),  # noqa: E501 - a row of a table
        RULES.model_dump_json(), " ".join(cause.value for cause in Cause),
    )
)  # fmt: skip
FRAMES = (
    "The cause is {}.", "{} is saturated since then.", "It broke when {} came.", "Look at {} first.", "Run `{}` there.", "See {} for it",
    'It says "{}".', "{}", "Compare {} with {}.", "the owner ({}) knows", "as {} shows; then {}", "1. Restart {}!", "cpu={}", "**{}**",
)  # fmt: skip
LISTS = ("contributing", "missing", "steps", "prevention")
TEXTS = ("summary", "root_cause", "severity_why", "impact", "plain_words")
NAME = re.compile(r"[\w.:/@#%+-]*\d[\w.:/@#%+-]*|\b\w+(?:[._/@]\w+)+\b|\b[a-z]+[A-Z]\w*\b")
FIGURE = re.compile(r"-?\d+(?:\.\d+)?")


class Liar:
    """Draws lies by seeded chance; `told` is what it made up."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - lies are drawn by seeded chance, so that a failure comes again
        self.told: set[str] = set()

    def lie(self) -> str:
        draw, hexes = self.chance, "".join(self.chance.choices("0123456789abcdef", k=17))
        word = "".join(draw.choices(string.ascii_lowercase, k=draw.randint(9, 12)))
        made = draw.choice(
            (
                f"i-{hexes}", hexes[:12], f"#{draw.randint(1000, 9999)}", f"src/{word}.py:{draw.randint(100, 999)}", f"{word}.{word}.internal",  # noqa: E501 - a row of a table
                f"{draw.randint(98, 999_999)}.{draw.randint(11, 99)}", f"{draw.randint(101, 9999)} %", f"https://{word}.example/{word}",
                f"arn:aws:rds:eu-west-1:123456789012:db:{word}", f"npm install {word}", f"pip install {word}", f"10.{draw.randint(1, 255)}.{draw.randint(1, 255)}.7",  # noqa: E501 - a row of a table
                f"{word}_{word}", f"{word}-{word}", f"{word}:1.{draw.randint(0, 99)}.{draw.randint(100, 999)}", f"2026-12-{draw.randint(10, 28)}T04:17:00Z",  # noqa: E501 - a row of a table
                f"{draw.randint(4, 9)}:{draw.randint(10, 59)}", f"{word.title()} {word.title()}", f"www.{word}.example", f"{word}Service", f"merged by {word}",  # noqa: E501 - a row of a table
                f"<!channel> <https://{word}.example|{word}>", f"/var/lib/{word}", f"{word}@{word}.example", f"\u0456-{word}", f"i-{hexes}".replace("-", "\u2011"),  # noqa: E501 - a row of a table
            )
        )  # fmt: skip
        self.told.add(word if word in made else made)
        return f"{made[:3]}\u200b{made[3:]}" if draw.random() < 0.1 else made

    def text(self) -> str:
        draw = self.chance
        if draw.random() < 0.02:
            return "".join(
                chr(draw.choice((draw.randint(0, 0x2FF), draw.randint(0x4E00, 0x4EFF), 0x202E, 0x1F4A9)))
                for _ in range(draw.randint(0, 200))
            )
        said = draw.choice(FRAMES).replace("{}", "%s")
        whole = said % tuple(
            self.lie() if draw.random() < 0.7 else draw.choice(("97", "03:00", "i-0123456789abcdef0", "it"))
            for _ in range(said.count("%s"))
        )
        return f"{whole} " * 200 if draw.random() < 0.01 else whole

    def citation(self) -> Citation:
        draw, exhibit = self.chance, self.chance.choice(CASE.exhibits)
        line = draw.choice(exhibit.text.splitlines())
        at = draw.randrange(max(1, len(line)))
        quote = draw.choice((line, line[:at] + "x" + line[at + 1 :], self.text(), line.upper()))
        return Citation(evidence_id=draw.choice((exhibit.evidence.id, draw.choice(CASE.exhibits).evidence.id, "E99", "")), quote=quote)

    def opinion(self) -> Opinion:
        draw = self.chance
        proposed = tuple(
            ProposedAction(action=draw.choice((*catalogue(), "terminate-everything", self.lie())), why=self.text())
            for _ in range(draw.randint(0, 4))
        )
        return RULES.but(
            **{name: self.text() for name in TEXTS}, **{name: tuple(self.text() for _ in range(draw.randint(0, 4))) for name in LISTS},
            cause=draw.choice(list(Cause)), confidence=draw.random(), severity=draw.choice(list(Severity)), proposed=proposed,
            citations=tuple(self.citation() for _ in range(draw.randint(0, 5))),
        )  # fmt: skip


def words_of(opinion: Opinion) -> list[str]:
    lists = [item for name in LISTS for item in getattr(opinion, name)]
    return [*(getattr(opinion, name) for name in TEXTS), *lists, *(one.why for one in opinion.proposed)]


def nowhere(text: str) -> list[str]:
    """A second opinion on what is held, of its own making: whatever looks like a name must be written somewhere."""
    found = [name.strip(".:/-+@%") for name in NAME.findall(text)]
    return [name for name in found if name and name not in HELD and not _same_figure(name)]


def _same_figure(name: str) -> bool:
    figures = {float(figure) for figure in FIGURE.findall(HELD)}
    return bool(FIGURE.fullmatch(name)) and any(abs(float(name) - figure) < 0.51 for figure in figures if abs(figure) < 1_000)


@pytest.mark.parametrize("part", range(PARTS))
def test_ten_thousand_lies_name_nothing(part: int) -> None:
    liar, survived = Liar(part), 0
    for _ in range(OUTPUTS // PARTS):
        liar.told.clear()
        said = liar.opinion()
        checked = check(said, CASE, RULES)
        held = checked.opinion
        survived += sum(1 for text in words_of(held) if text in words_of(said))
        assert not [lie for lie in liar.told for note in checked.notes if lie in note]
        for text in words_of(held):
            assert nowhere(text) == [], text
            assert not [lie for lie in liar.told if lie in text], text
            assert all(is_ours(url) for url in re.findall(r"\w+://\S+", text))
            assert len(text) <= 1_200
            assert text.isprintable() or "\n" in text
        assert_code_decides(held, CASE)
    assert survived > OUTPUTS // PARTS, "what does hold gets through, or this would prove nothing"


def assert_code_decides(held: Opinion, case: Case) -> None:
    assert [one.action for one in held.proposed] == [one.action for one in RULES.proposed]
    assert held.severity is RULES.severity
    assert held.confidence <= min(RULES.confidence, RULES.confidence if held.cause is RULES.cause else BELOW_THE_BAR)
    for citation in held.citations:
        exhibit = case.exhibit(citation.evidence_id)
        assert exhibit
        assert citation.quote in exhibit.text


def test_the_liar_is_found_out_where_nothing_is_checked() -> None:
    """The oracle can fail: most of what it draws names something that is nowhere."""
    liar = Liar(1)
    assert sum(1 for _ in range(200) if any(nowhere(text) for text in words_of(liar.opinion()))) > 150


def test_every_kind_of_field_is_lied_in() -> None:
    said: dict[str, Any] = Liar(2).opinion().model_dump()
    assert set(said) == set(Opinion.model_fields)
