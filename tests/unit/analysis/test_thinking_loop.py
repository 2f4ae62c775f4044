"""PLAN → EXECUTE_TOOL → EVALUATE → DONE | FAILED: the table of its moves, each of its caps, and models that behave badly."""

import itertools
from dataclasses import replace
from typing import Any

import pytest

from analysis.thinking.phases import ECHO_TOKENS, LEAST_RESULT, MOVES, Ahead, Event, May, Spent, after, may
from analysis.thinking.shapes import Deep
from analysis.thinking.tools import Outcome, Proposal, Shelf, Tool, Toolbox
from analysis.thought import Matter, Thought
from claude.errors import Declined, Overloaded, Truncated
from claude.models import CAPS, Caps, Role
from claude.question import Question, ToolUse, Usage
from tests.unit.analysis.thinking_stories import GRAVE, SAID, FakeModel, Room, a_matter, use
from watchkeeper.errors import IllegalMove
from watchkeeper.models import Phase, Route

CAP = Caps(steps=5, prompt_tokens=12_000, answer_tokens=4_000, seconds=40, dollars=0.15)
AHEAD = Ahead(tokens=1_000, usd=0.02, seconds_left=60)


@pytest.mark.parametrize(("phase", "event"), list(itertools.product(Phase, Event)), ids=str)
def test_the_table_says_every_move_and_nothing_else_moves(phase: Phase, event: Event) -> None:
    if (phase, event) in MOVES:
        assert after(phase, event) is MOVES[phase, event]
    else:
        with pytest.raises(IllegalMove):
            after(phase, event)


def test_done_and_failed_are_the_end_and_every_other_phase_can_go_on() -> None:
    assert {phase for phase, _ in MOVES} == set(Phase) - {Phase.DONE, Phase.FAILED}
    assert set(MOVES.values()) == set(Phase) - {Phase.PLAN}


@pytest.mark.parametrize(
    ("spent", "ahead", "allowed", "why"),
    [
        pytest.param(Spent(), AHEAD, May.USE_TOOLS, "", id="at the beginning"),
        pytest.param(Spent(turns=3), AHEAD, May.USE_TOOLS, "", id="two steps left"),
        pytest.param(Spent(turns=4), AHEAD, May.ANSWER_ONLY, "steps", id="the last step"),
        pytest.param(Spent(turns=5), AHEAD, May.STOP, "5 steps", id="no step left"),
        pytest.param(Spent(tokens=10_000 - ECHO_TOKENS - LEAST_RESULT), AHEAD, May.USE_TOOLS, "", id="tokens for two turns"),
        pytest.param(Spent(tokens=10_001 - ECHO_TOKENS - LEAST_RESULT), AHEAD, May.ANSWER_ONLY, "tokens", id="tokens for one"),
        pytest.param(Spent(tokens=11_000), AHEAD, May.ANSWER_ONLY, "tokens", id="just enough tokens"),
        pytest.param(Spent(tokens=11_001), AHEAD, May.STOP, "12000 prompt tokens", id="no tokens"),
        pytest.param(Spent(usd=0.11), AHEAD, May.USE_TOOLS, "", id="dollars for two turns"),
        pytest.param(Spent(usd=0.12), AHEAD, May.ANSWER_ONLY, "dollars", id="dollars for one"),
        pytest.param(Spent(usd=0.131), AHEAD, May.STOP, "$0.15", id="no dollars"),
        pytest.param(Spent(seconds=34), AHEAD, May.USE_TOOLS, "", id="seconds for two turns"),
        pytest.param(Spent(seconds=36), AHEAD, May.ANSWER_ONLY, "seconds", id="seconds for one"),
        pytest.param(Spent(seconds=37.5), AHEAD, May.STOP, "time", id="no seconds of its own"),
        pytest.param(Spent(), replace(AHEAD, seconds_left=2.9), May.STOP, "time", id="no seconds of the analysis"),
        pytest.param(Spent(unknown=1), AHEAD, May.USE_TOOLS, "", id="one unknown tool"),
        pytest.param(Spent(unknown=2), AHEAD, May.ANSWER_ONLY, "patience", id="two unknown tools"),
    ],
)
def test_every_cap_stops_the_loop_where_it_should(spent: Spent, ahead: Ahead, allowed: May, why: str) -> None:
    assert may(spent, ahead, CAP)[0] is allowed
    assert why in may(spent, ahead, CAP)[1]


def looked_into(model: FakeModel, **but: Any) -> Thought:
    return Room(model, **but).think(a_matter(GRAVE))


def for_ever(question: Question[Any], number: int) -> list[ToolUse]:
    """Wants one more tool, always another, whether it may or not."""
    return [use("search_evidence", pattern=f"line {number}")]


def while_it_may(question: Question[Any], number: int) -> "list[ToolUse] | dict[str, Any]":
    return for_ever(question, number) if question.may_use_tools else SAID


def test_a_model_that_would_look_for_ever_has_to_answer() -> None:
    model = FakeModel(deep=while_it_may, takes=0.5)
    thought = looked_into(model)
    turns = model.of(Deep)
    assert (thought.route, thought.why) == (Route.DEEP, "")
    assert 2 <= len(turns) <= CAPS[Role.DEEP].steps
    assert [one.may_use_tools for one in turns] == [True] * (len(turns) - 1) + [False]
    assert thought.steps[-2].phase is Phase.DONE


def test_a_model_that_will_not_answer_is_left_and_the_triage_stands() -> None:
    model = FakeModel(deep=for_ever, takes=0.5)
    thought = looked_into(model)
    assert len(model.of(Deep)) <= CAPS[Role.DEEP].steps
    assert thought.route is Route.TRIAGE
    assert thought.opinion is not None
    assert "it had to answer and did not" in thought.why
    assert thought.steps[-1].phase is Phase.FAILED


def test_the_seconds_of_the_loop_are_its_own() -> None:
    model = FakeModel(deep=while_it_may, takes=17.0)
    looked_into(model, seconds=300.0)
    assert [one.may_use_tools for one in model.of(Deep)] == [True, True, False]
    assert model.clock.at <= 9 + CAPS[Role.DEEP].seconds + CAPS[Role.READER].seconds


def test_the_seconds_of_the_analysis_end_the_loop_too() -> None:
    model = FakeModel(deep=while_it_may, takes=5.0)
    thought = looked_into(model, seconds=9.0)
    assert len(model.of(Deep)) == 1
    assert not model.of(Deep)[0].may_use_tools
    assert model.clock.at <= 10.0
    assert thought.opinion is not None


def test_no_time_for_a_deep_look_leaves_the_triage() -> None:
    model = FakeModel(takes=8.0)
    thought = looked_into(model, seconds=10.0)
    assert (len(model.of(Deep)), thought.route) == (0, Route.TRIAGE)
    assert "the time for this analysis is used up" in thought.why


def test_the_dollars_of_the_loop_are_counted_by_the_bill() -> None:
    model = FakeModel(deep=while_it_may, out=9_000, takes=0.1)
    thought = looked_into(model)
    turns = model.of(Deep)
    assert [one.may_use_tools for one in turns] == [True, False], "0.09 each: a third would not fit into 0.15"
    assert thought.cost_usd <= CAPS[Role.DEEP].dollars + 0.09


def test_an_unknown_tool_is_said_to_be_none_and_counted_and_the_second_ends_the_tools() -> None:
    model = FakeModel(deep=lambda question, number: [use("rm_rf", path="/", number=number)] if question.may_use_tools else SAID)
    thought = looked_into(model)
    turns = model.of(Deep)
    assert [one.may_use_tools for one in turns] == [True, True, False]
    assert "there is no tool" in str(turns[1].messages[-1])
    assert [block["name"] for block in turns[1].messages[-2]["content"] if block["type"] == "tool_use"] == ["read_case"]
    refused = [step for step in thought.steps if step.tool == "rm_rf"]
    assert len(refused) == 2
    assert all(step.says.startswith("there is no tool") and not step.evidence_id for step in refused)
    assert any("asked for 2 tools that nobody offers" in step.says for step in thought.steps)


@pytest.mark.parametrize(
    ("wish", "says"),
    [
        (use("read_evidence", evidence_id="E99"), "there is no text of 'E99'"),
        (use("read_evidence", evidence_id=["E1"]), "evidence_id: input should be a valid string"),
        (use("read_evidence"), "evidence_id: field required"),
        (use("read_evidence", evidence_id="E1", sql="drop"), "sql: extra inputs are not permitted"),
        (use("read_evidence", evidence_id="E1", from_line=0), "from_line: input should be greater"),
        (use("read_evidence", evidence_id="E1", from_line="1"), "from_line: input should be a valid integer"),
        (use("search_evidence", pattern="x" * 101), "pattern: string should have at most 100"),
        (use("search_evidence", pattern="nowhere to be found"), "no line of the evidence contains that"),
        (use("collect", collector="passwords"), "there is no collector 'passwords'"),
        (use("collect", collector="ec2", resource="i-0ffffffffffffffff"), "neither named by an authenticated field"),
        (use("collect", collector="ec2", minutes=1e9), "minutes: input should be"),
        (use("read_case"), "that is above already"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_rubbish_is_refused_in_a_sentence_and_the_loop_goes_on(wish: ToolUse, says: str) -> None:
    model = FakeModel(deep=lambda _, number: [wish] if number == 0 else SAID)
    thought = looked_into(model)
    assert thought.route is Route.DEEP
    assert thought.exhibits == ()
    assert any(says in step.says for step in thought.steps if step.phase is Phase.EXECUTE_TOOL)
    assert "refused" in str(model.of(Deep)[1].messages[-1])


def test_the_same_question_is_not_asked_twice() -> None:
    model = FakeModel(deep=lambda _, number: [use("collect", collector="ec2")] if number < 2 else SAID, takes=0.1)
    thought = looked_into(model)
    assert [one.evidence.id for one in thought.exhibits] == ["E4"]
    assert [step.says for step in thought.steps if step.tool == "collect"][1] == "that was asked before; the answer is above"


@pytest.mark.parametrize("error", [Overloaded("529"), Truncated("cut off", Usage(out=10)), Declined("no", Usage(fresh=5))])
def test_a_deep_look_that_breaks_leaves_the_triage_and_says_why(error: Exception) -> None:
    thought = looked_into(FakeModel(deep=lambda *_: error))
    assert thought.route is Route.TRIAGE
    assert thought.opinion is not None
    assert thought.why.startswith("Claude gave no usable answer: ")
    assert thought.steps[-1].phase is Phase.FAILED


def test_what_the_model_says_between_the_tools_is_shown_and_goes_back_as_a_sentence() -> None:
    model = FakeModel(deep=while_it_may, prose=f"password=hunter2hunter2 at https://evil.example/x now. {'blah ' * 400}")
    thought = looked_into(model)
    says = [step.says for step in thought.steps if step.phase in {Phase.PLAN, Phase.EVALUATE}]
    assert all(len(one) <= 300 and "evil.example" not in one and "hunter2" not in one for one in says)
    assert all(len(str(one.messages)) < 14_000 for one in model.of(Deep))


class Tickets:
    """A toolbox whose tool would change something."""

    opened = 0

    def offered(self) -> tuple[Tool, ...]:
        return (Tool("open_ticket", "Opens a ticket.", {"type": "object", "properties": {}}),)

    def use(self, name: str, arguments: dict[str, Any], seconds: float) -> Outcome:
        return Proposal("a person has to say yes to the ticket first")


def test_what_would_change_something_waits_for_a_person_and_the_loop_goes_on() -> None:
    def boxes(_: Matter, __: Shelf) -> tuple[Toolbox, ...]:
        return (Tickets(),)

    model = FakeModel(deep=lambda _, number: [use("open_ticket")] if number == 0 else SAID)
    thought = looked_into(model, tools=boxes)
    assert [step.phase for step in thought.steps if step.tool] == [Phase.NEEDS_APPROVAL]
    assert thought.route is Route.DEEP


def test_steps_are_numbered_named_and_add_up_to_the_bill() -> None:
    told: list[Any] = []
    model = FakeModel(deep=while_it_may)
    thought = Room(model).think(a_matter(GRAVE, tell=told.append))
    assert tuple(told) == thought.steps
    assert [step.key for step in thought.steps] == [f"A1#{n:03d}" for n in range(1, len(thought.steps) + 1)]
    assert sum(step.tokens_in for step in thought.steps) == thought.usage.prompt
    assert sum(step.tokens_out for step in thought.steps) == thought.usage.out
    assert sum(step.cost_usd for step in thought.steps) == pytest.approx(thought.cost_usd, abs=1e-5)
