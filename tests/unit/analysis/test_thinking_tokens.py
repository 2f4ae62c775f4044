"""The prompt's budget: a triage never takes more than 4,000 tokens and a deep look never more than 12,000, whatever the evidence is
and whatever the model does with the tools. The bill follows our own count here, or is a little less."""

import json
import random
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from analysis.case import Case
from analysis.thinking.built_in import BuiltIn
from analysis.thinking.conversation import DEEP_PROMPT, READER_PROMPT, TRIAGE_PROMPT, Told, deep, triage
from analysis.thinking.inquiry import Inquiry
from analysis.thinking.journal import Journal
from analysis.thinking.phases import ECHO_TOKENS, LEAST_RESULT
from analysis.thinking.purses import Till
from analysis.thinking.shapes import Deep, Objections, Triage
from analysis.thinking.showing import Showing, all_of_it
from analysis.thinking.tokens import size, tokens, tokens_of
from analysis.thinking.tools import Shelf, Tool, Toolbox, Toolboxes
from analysis.thought import Matter
from claude.models import CAPS, Role
from claude.question import Question, ToolUse
from tests.fakes.memory import MemoryBudget
from tests.fakes.words import NIGHT
from tests.unit.analysis.stories import cpu_alert, cpu_incident
from tests.unit.analysis.thinking_stories import SAID, FakeModel, Room, a_draft, a_matter, a_shelf, drawn, evidence, hypotheses, use
from watchkeeper.models import Cause, Citation, Severity

COLLECTORS = ("alert", "metric", "logs", "changes", "ec2", "ecs", "guides", "past", "onset", "mcp")
SCRIPTS = ("plain ascii log line with words 0123456789 ", '{}[]"\\\t<>&|;:,', "漢字かな交じり文", "éüßñ øå ", "🙂🚀\x00\x07\x1b")


def some_text(chance: random.Random, size: int) -> str:
    """About so many characters of lines of every length, in one script or all."""
    signs = chance.choice([*SCRIPTS, "".join(SCRIPTS)])
    longest, lines, left = chance.choice([20, 120, 3_000, 300_000]), [], size
    while left > 0:
        length = min(left, chance.randrange(1, longest))
        lines.append((signs * (length // len(signs) + 1))[:length] + str(chance.randrange(9_999)))
        left -= length
    return "\n".join(lines)


def some_case(chance: random.Random, size: int | None = None) -> Case:
    count = chance.randrange(1, 26)
    sizes = [size if size is not None else round(chance.choice([0, 300, 4_000, 40_000, 200_000]) * chance.random()) for _ in range(count)]
    told = [
        evidence(f"E{n}", chance.choice(COLLECTORS), some_text(chance, size), some_text(chance, 200))
        for n, size in enumerate(sizes, start=1)
    ]
    title = some_text(chance, chance.choice([10, 5_000]))
    incident = cpu_incident(severity=Severity.SEV1, title=title, service=some_text(chance, 300), environment=some_text(chance, 90))
    return Case(incident, (cpu_alert(),), tuple(told))


def greedy(chance: random.Random) -> Any:
    """A model that asks for as much as it can for as long as it is let, and for rubbish too."""

    def turn(question: Question[Any], number: int) -> list[ToolUse] | dict[str, Any]:
        if not question.may_use_tools:
            return SAID
        wishes = [
            use("read_evidence", evidence_id=f"E{chance.randrange(1, 26)}", from_line=chance.choice([1, 2, 50])),
            use("search_evidence", pattern=chance.choice(["a", "log", "漢字", "no such thing", "e" * 5_000])),
            use("collect", collector=chance.choice(["metric", "logs", "ec2", "漢" * 3_000]), minutes=60),
            ToolUse("toolu_model", "漢" * 4_000, {"字" * 2_000: "x" * 9_000}),
        ]
        return chance.choices(wishes, k=chance.randrange(1, 9))

    return turn


@pytest.mark.parametrize("seed", range(60))
def test_the_caps_hold_for_any_case_and_the_greediest_model(seed: int) -> None:
    chance = drawn(seed)
    case = some_case(chance)
    quoted = [Citation(evidence_id=one.evidence.id, quote=one.text[-80:]) for one in case.exhibits if one.text][:6]
    draft = a_draft(root_cause=some_text(chance, 3_000), citations=tuple(quoted))
    model = FakeModel(deep=greedy(chance), prose=some_text(chance, 4_000), bills=chance.choice([0.7, 1.0]), takes=0.1)
    room = Room(model, settings={"budget_per_incident_usd": 5.0})
    thought = room.think(a_matter(case, draft, hypotheses(*((cause, 0.5) for cause in Cause))))
    triages, looked, reader = ([tokens_of(one) for one in model.of(shape)] for shape in (Triage, Deep, Objections))
    assert max(triages) <= 4_000
    assert sum(looked) + sum(reader) <= 12_000
    assert thought.opinion is not None
    assert len(looked) >= 2, "the greedy model got tools, and the last word was an answer"
    assert not model.of(Deep)[-1].may_use_tools


@pytest.mark.parametrize("seed", range(8))
def test_the_tools_that_a_server_offers_take_their_share_and_no_more(seed: int) -> None:
    chance = drawn(seed)
    many = [Tool(f"mcp__server__tool_{n}", some_text(chance, 5_000), {"type": "object", "properties": {"q": {}}}) for n in range(200)]

    class Server:
        def offered(self) -> Iterable[Tool]:
            return many

        def use(self, name: str, arguments: dict[str, Any], seconds: float) -> Any:
            raise AssertionError("nobody asked")

    def boxes(_: Matter, __: Shelf) -> tuple[Toolbox, ...]:
        return (Server(),)  # type: ignore[return-value]  # a server's list is as good as a tuple

    model = FakeModel(deep=greedy(chance), takes=0.1)
    room = Room(model, tools=boxes, settings={"budget_per_incident_usd": 5.0})
    room.think(a_matter(some_case(chance)))
    assert sum(tokens_of(one) for one in model.of(Deep)) + sum(tokens_of(one) for one in model.of(Objections)) <= 12_000
    assert tokens_of(model.of(Deep)[0]) <= DEEP_PROMPT


def test_a_bill_above_our_count_ends_the_loop_early() -> None:
    model = FakeModel(deep=greedy(drawn(1)), bills=2.4, takes=0.1)
    thought = Room(model, settings={"budget_per_incident_usd": 5.0}).think(a_matter(some_case(drawn(7), 9_000)))
    assert len(model.of(Deep)) == 1
    assert "prompt tokens are used up" in thought.why


def test_what_is_said_instead_of_a_withheld_line_takes_no_more_than_the_room() -> None:
    def withhold(text: str) -> tuple[str, int]:
        lines = text.splitlines()
        return "\n".join("[a line was withheld, and this is said instead]" for _ in lines), len(lines)

    many = evidence("E1", "logs", "\n".join(f"do {n}" for n in range(5_000)))
    showing = Showing(withhold)
    for room in (200, 900, 6_000):
        assert size(json.loads(showing.part(many, many.text, room))["text"]) <= room
        assert size(json.loads(showing.part(many, many.text, room, 3))["text"]) <= room
    asked = triage(Told(Case(cpu_incident(), (), (many,)), a_draft(), (), showing), "claude-haiku-5-5")
    assert tokens_of(asked) <= TRIAGE_PROMPT


def test_what_tools_bring_leaves_room_for_the_turn_that_answers() -> None:
    matter = a_matter(some_case(drawn(3), 60_000))
    told, journal = Told(matter.case, matter.draft, (), Showing(all_of_it)), Journal("A1", lambda: NIGHT, str)
    first = deep(told, "claude-sonnet-5-5", Role.DEEP, ())
    caps = replace(CAPS[Role.DEEP], prompt_tokens=2 * tokens_of(first) + ECHO_TOKENS + LEAST_RESULT)
    reads = [use("read_evidence", evidence_id=one.evidence.id) for one in matter.case.exhibits if one.text][:3]
    model = FakeModel(deep=lambda question, _: reads if question.may_use_tools else SAID, prose="字" * 400)
    tools = Toolboxes((BuiltIn(a_shelf(matter.case.exhibits), matter.ask, ()),))
    came = Inquiry(Till(model, MemoryBudget(), {}), tools, told.showing, journal, caps, lambda: 60.0, model.clock).run(first)
    assert came.said is not None
    assert [one.may_use_tools for one in model.asked] == [True, False]
    assert sum(tokens_of(one) for one in model.asked) <= caps.prompt_tokens


def test_the_shares_fit_into_the_caps_of_the_table() -> None:
    assert TRIAGE_PROMPT <= CAPS[Role.TRIAGE].prompt_tokens <= 4_000
    assert 2 * DEEP_PROMPT + READER_PROMPT <= CAPS[Role.DEEP].prompt_tokens <= 12_000
    assert CAPS[Role.ORDERED].prompt_tokens <= 12_000
    assert CAPS[Role.READER].prompt_tokens >= READER_PROMPT


def test_every_letter_counts() -> None:
    assert tokens("abc") == 1
    assert tokens("漢") == 1
    assert tokens("🙂") == 2
    assert tokens("\ud800") == 1, "half of a surrogate pair is no reason to stumble"
