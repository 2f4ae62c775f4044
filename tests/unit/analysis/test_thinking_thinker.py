"""The whole of it: a Thought comes back whatever happens, in time, and says who thought and why nobody better did."""

from dataclasses import replace
from typing import Any

import pytest

from analysis.thinking.shapes import Deep, Triage
from analysis.thinking.tools import Toolboxes
from claude import errors
from claude.question import Question, Said, T, Usage
from tests.unit.analysis.thinking_stories import GRAVE, LINE, SAID, FakeModel, Room, a_draft, a_matter, hypotheses, use
from watchkeeper.errors import Misconfigured
from watchkeeper.models import Cause, Phase, Route
from watchkeeper.team import Thinking, When

ORDER = (Thinking(name="checkout", when=When(services=("checkout",))),)


def test_the_triage_stands_where_all_agree() -> None:
    model = FakeModel()
    thought = Room(model).think()
    assert (thought.route, thought.model, thought.why) == (Route.TRIAGE, "claude-haiku-5-5", "")
    assert thought.opinion is not None
    assert (thought.opinion.summary, thought.opinion.citations[0].quote) == (SAID["summary"], LINE)
    assert [one.shape for one in model.asked] == [Triage]


def test_what_a_triage_does_not_say_is_the_drafts() -> None:
    draft = a_draft(impact="of the rules", steps=("first",), missing=("the draft's",))
    opinion = Room(FakeModel(triage={**SAID, "missing": ["the model's"]})).think(a_matter(draft=draft)).opinion
    assert opinion is not None
    assert (opinion.impact, opinion.steps, opinion.proposed) == ("of the rules", ("first",), draft.proposed)
    assert opinion.missing == ("the draft's", "the model's")


def test_a_triage_of_another_cause_proposes_nothing_and_does_not_speak_in_the_drafts_words() -> None:
    model = FakeModel(triage={**SAID, "cause": "out_of_memory"}, deep=lambda *_: errors.Overloaded("529"))
    thought = Room(model).think()
    assert thought.opinion is not None
    assert (thought.route, thought.opinion.cause, thought.opinion.proposed) == (Route.TRIAGE, Cause.OUT_OF_MEMORY, ())
    assert thought.opinion.steps != a_draft().steps
    assert "529" in thought.why


@pytest.mark.parametrize(
    ("triage", "likely", "why"),
    [
        ({**SAID, "confidence": 0.5}, (), "the triage is only 50% sure"),
        ({**SAID, "cause": "unknown"}, (), "the triage found no cause"),
        ({**SAID, "cause": "bad_deploy"}, (), "the triage says bad_deploy and the rules say cpu_saturation"),
        (SAID, hypotheses((Cause.CPU_SATURATION, 0.8), (Cause.BAD_DEPLOY, 0.75)), "the rules cannot decide"),
    ],
)
def test_a_doubt_is_looked_into_by_the_larger_model(triage: dict[str, Any], likely: Any, why: str) -> None:
    model = FakeModel(triage=triage)
    thought = Room(model).think(a_matter(likely=likely))
    assert (thought.route, thought.model) == (Route.DEEP, "claude-sonnet-5-5")
    assert [one.model for one in model.of(Deep)] == ["claude-sonnet-5-5"]
    assert any(step.phase is Phase.PLAN and why in step.says for step in thought.steps)


def test_the_largest_model_is_asked_by_order_only() -> None:
    by_order, grave = FakeModel(), FakeModel()
    assert Room(by_order, thinking=ORDER).think().route is Route.ORDERED
    Room(grave).think(a_matter(GRAVE))
    assert [one.model for one in by_order.of(Deep)] == ["claude-opus-5-5"]
    assert all("opus" not in one.model for one in grave.asked)


def test_orders_that_cannot_be_read_ask_for_nothing() -> None:
    def unreadable() -> tuple[Thinking, ...]:
        raise Misconfigured("standing-orders.yaml: not found")

    room = Room()
    matter = a_matter()
    thinker = replace(room.thinker(), thinking=unreadable)
    assert thinker(matter, Toolboxes(), {}, lambda: 50.0).route is Route.TRIAGE


DEAD = [
    errors.Overloaded("Claude answered 529"),
    errors.RateLimited("Claude answered 429", 3_600),
    errors.SpendCap("the spending limit is reached"),
    errors.Rejected("Claude answered 401"),
    errors.Unreachable("no connection"),
    errors.TimedOut("no answer"),
    errors.NotAsked("there is no Anthropic API key in the secret"),
]


@pytest.mark.parametrize("order", [(), ORDER], ids=["sev1", "by order"])
@pytest.mark.parametrize("error", DEAD, ids=lambda error: type(error).__name__)
def test_where_claude_is_dead_nobody_else_is_asked_and_it_is_over_in_ten_seconds(error: Exception, order: tuple[Thinking, ...]) -> None:
    model = FakeModel(triage=error, takes=3_600.0)
    thought = Room(model, thinking=order, seconds=300.0).think(a_matter(GRAVE))
    assert model.clock.at <= 10.0
    assert (thought.opinion, thought.route, len(model.asked)) == (None, Route.RULES, 1)
    assert str(error.args[0]) in thought.why
    assert [step.phase for step in thought.steps] == [Phase.FAILED]


class NoSecret(FakeModel):
    def ready(self) -> None:
        raise Misconfigured("the secret claude is not there")


class Open(FakeModel):
    def ready(self) -> None:
        raise errors.NotAsked("Claude is left alone for 900 s more: the spending limit is reached")


@pytest.mark.parametrize(("model", "why"), [(NoSecret(), "the secret claude is not there"), (Open(), "left alone for 900 s")])
def test_a_missing_secret_and_an_open_breaker_are_said_and_cost_nothing(model: FakeModel, why: str) -> None:
    room = Room(model)
    thought = room.think(a_matter(GRAVE))
    assert thought.why.startswith("Claude was not asked: ")
    assert why in thought.why
    assert (thought.opinion, thought.route, model.asked, dict(room.budget.spent)) == (None, Route.RULES, [], {})


@pytest.mark.parametrize(
    "error", [errors.Truncated("cut", Usage(fresh=9)), errors.Unusable("no JSON", Usage(fresh=9)), errors.Declined("no")]
)
def test_an_unusable_triage_leaves_the_rules_and_a_grave_case_its_deep_look(error: Exception) -> None:
    mild, grave = Room(FakeModel(triage=error)).think(), Room(FakeModel(triage=error)).think(a_matter(GRAVE))
    assert (mild.opinion, mild.route) == (None, Route.RULES)
    assert mild.why.startswith("Claude gave no usable answer: ")
    assert (grave.route, grave.why) == (Route.DEEP, "")


def test_what_was_paid_for_nothing_is_counted() -> None:
    thought = Room(FakeModel(triage=errors.Truncated("cut", Usage(fresh=900, out=2_500)))).think()
    assert (thought.usage.prompt, thought.usage.out) == (900, 2_500)
    assert thought.cost_usd == pytest.approx((900 * 0.1 + 2_500 * 0.5) / 1e6)


def test_without_time_nobody_is_asked() -> None:
    room = Room(seconds=2.0)
    thought = room.think()
    assert (room.model.asked, thought.opinion) == ([], None)
    assert thought.why == "Claude was not asked: the time for this analysis was used up"


def test_what_the_tools_brought_comes_with_the_thought() -> None:
    model = FakeModel(deep=lambda _, number: [use("collect", collector="ec2"), use("collect", collector="metric")] if number == 0 else SAID)
    thought = Room(model).think(a_matter(GRAVE))
    assert [(one.evidence.id, one.evidence.collector) for one in thought.exhibits] == [("E4", "ec2"), ("E5", "metric")]
    assert [step.evidence_id for step in thought.steps if step.tool] == ["E4", "E5"]


def test_what_was_withheld_is_said() -> None:
    def withhold(text: str) -> tuple[str, int]:
        return text.replace("ERROR", "[withheld]"), text.count("ERROR")

    thought = Room(withhold=withhold).think()
    assert "1 lines that read as instructions were withheld" in thought.steps[0].says


class Counting(FakeModel):
    def ask(self, question: Question[T], seconds: float) -> Said[T]:
        assert not question.may_use_tools
        assert 0 < seconds <= 9.0
        return super().ask(question, seconds)


def test_the_small_model_gets_no_tools_and_little_time() -> None:
    assert Room(Counting(), seconds=300.0).think().route is Route.TRIAGE
