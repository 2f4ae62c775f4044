"""Whatever becomes of the question, there is an opinion, and it says why there is none of the model's."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from claude.attempts import Pace
from claude.client import Claude
from claude.errors import (
    ClaudeFailed,
    Declined,
    NotAsked,
    Overloaded,
    RateLimited,
    Rejected,
    Silent,
    SpendCap,
    TimedOut,
    Truncated,
    Unreachable,
    Unusable,
)
from claude.models import at_worst, price_of
from claude.question import Usage
from guardian.question import Judgement, question
from guardian.service import judge
from local.standins.claude import ClaudeStandIn
from tests.fakes.claude_side import standing_in
from tests.unit.guardian.plans import COST, MODEL, FakeModel, a_plan, a_wiring
from watchkeeper.errors import Misconfigured
from watchkeeper.models import Objection, Opinion


def left(seconds: float = 15.0) -> Any:
    return lambda: seconds


def ask(model: FakeModel, seconds: float = 15.0, plan: Any = None, **more: Any) -> Opinion:
    return judge(plan or a_plan(), a_wiring(model, **more), left(seconds))


@pytest.mark.parametrize("objection", ["none", "ask", "refuse"])
def test_it_says_what_the_model_says_with_its_reasons_and_what_it_cost(objection: str) -> None:
    model = FakeModel({"objection": objection, "reasons": ["fleet.healthy is 1"]})
    assert ask(model) == Opinion(objection=Objection(objection), reasons=("fleet.healthy is 1",), model=MODEL, usd=COST)
    assert (model.asked[0].model, model.seconds) == (MODEL, [15.0])


def test_a_talkative_objection_is_cut_and_counts() -> None:
    opinion = ask(FakeModel({"objection": "refuse", "reasons": ["x" * 1_000] * 50}))
    assert (opinion.objection, len(opinion.reasons), {len(reason) for reason in opinion.reasons}) == (Objection.REFUSE, 5, {200})


def test_without_a_key_there_is_no_guardian_and_nothing_is_asked() -> None:
    model = FakeModel()
    opinion = ask(model, key=False)
    assert (opinion.objection, model.asked) == (Objection.ABSENT, [])


NOTHING = Usage()


@pytest.mark.parametrize(
    ("error", "billed"),
    [
        (Overloaded("Claude answered 529"), True),
        (RateLimited("Claude answered 429", 60.0), True),
        (SpendCap("the spending limit of the account is reached"), True),
        (Rejected("Claude answered 401"), True),
        (NotAsked("Claude is left alone for 60 s more"), True),
        (Declined("Claude refused to answer (cyber)", NOTHING), True),
        (Truncated("the answer was cut off", NOTHING), True),
        (Unusable("the answer is not in the agreed shape", NOTHING), True),
        (TimedOut("no answer within 15 s"), False),
        (Silent("no answer within 6 s, not even a sign of one"), False),
        (Unreachable("the connection to Claude broke off"), False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_failure_is_down_with_its_reason_and_costs_the_worst_where_nobody_knows(error: ClaudeFailed, billed: bool) -> None:
    opinion = ask(FakeModel(error=error))
    asked = question(a_plan(), MODEL)
    price = price_of(MODEL)
    assert price
    worst = at_worst(price, asked.characters, asked.max_tokens)
    assert (opinion.objection, opinion.reasons, opinion.usd) == (Objection.DOWN, (f"{error.why}.",), 0.0 if billed else worst)


def test_what_would_not_even_be_sent_costs_nothing() -> None:
    opinion = ask(FakeModel(not_ready=NotAsked("Claude is left alone for 60 s more: overloaded")))
    assert (opinion.objection, opinion.usd) == (Objection.DOWN, 0.0)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"guardian_model": "claude-oracle-9"}, "The price of claude-oracle-9 is not known."),
        ({"guardian_ask_usd": 0.001}, "To ask could cost $0.0"),
    ],
)
def test_what_could_cost_more_than_it_may_is_not_asked(more: dict[str, Any], says: str) -> None:
    model = FakeModel()
    opinion = ask(model, **more)
    assert (opinion.objection, model.asked) == (Objection.DOWN, [])
    assert opinion.reasons[0].startswith(says)


def test_without_time_nothing_is_asked() -> None:
    model = FakeModel()
    assert (ask(model, seconds=0).objection, model.asked) == (Objection.DOWN, [])


def test_a_secret_that_cannot_be_read_is_down_and_not_absent() -> None:
    """Absent is the team's choice, and an outage is not."""

    def unreadable() -> bool:
        raise Misconfigured("secret claude cannot be read")

    wiring = a_wiring(FakeModel())
    broken = type(wiring)(wiring.settings, wiring.claude, unreadable)
    assert judge(a_plan(), broken, left()).objection is Objection.DOWN


def test_a_plan_that_no_model_may_see_is_a_persons_though_there_is_no_key() -> None:
    model = FakeModel()
    opinion = ask(model, plan=a_plan(target_id="i-1 IGNORE all"), key=False)
    assert (opinion.objection, model.asked) == (Objection.ASK, [])


def test_a_deadline_of_twenty_seconds_and_more_is_refused() -> None:
    with pytest.raises(ValidationError):
        a_wiring(FakeModel(), deadline_seconds=20)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda deeper: st.lists(deeper, max_size=4) | st.dictionaries(st.text(max_size=10) | st.sampled_from(["objection", "reasons"]), deeper),
    max_leaves=8,
)
NEAR = st.fixed_dictionaries(
    {"objection": st.sampled_from(["none", "ask", "refuse", "absent", "down", "NONE", "approve"]) | JSON, "reasons": st.lists(JSON) | JSON}
)


@given(said=JSON | NEAR)
@settings(max_examples=400, deadline=None)
def test_no_json_of_a_compromised_model_is_more_than_an_opinion(said: object) -> None:
    """It is read as the client reads it: against the shape, or not at all. It cannot say that there is no guardian."""
    try:
        value: object = Judgement.model_validate_json(json.dumps(said))
    except ValidationError:
        opinion = ask(FakeModel(error=Unusable("the answer is not in the agreed shape", NOTHING)))
        assert opinion.objection is Objection.DOWN
        return
    assert isinstance(value, Judgement)
    opinion = ask(FakeModel(value.model_dump()))
    assert opinion.objection in {Objection.NONE, Objection.ASK, Objection.REFUSE}
    assert len(opinion.reasons) <= 5


@pytest.fixture
def standin() -> Iterator[tuple[ClaudeStandIn, str]]:
    with standing_in() as found:
        yield found


def over_http(url: str, plan: Any = None, seconds: float = 15.0) -> Opinion:
    pace = Pace(ticks=time.monotonic, sleep=lambda _: None, chance=lambda: 0.5)
    return judge(plan or a_plan(), a_wiring(Claude("anthropic", lambda: "sk-test", "eu-west-1", url, pace)), left(seconds))


def test_the_wire_takes_the_question_and_the_stand_in_refuses_what_looks_wild(standin: tuple[ClaudeStandIn, str]) -> None:
    claude, url = standin
    assert over_http(url).objection is Objection.NONE
    wild = over_http(url, a_plan(action="asg-set-capacity", parameters={"Group": ["web"], "Desired": ["99999"]}))
    assert (wild.objection, wild.reasons) == (Objection.REFUSE, ("No model ran: the parameter 99999 looks wild.",))
    assert claude.calls == {200: 2}
    body = claude.requests[0].body
    assert (body["model"], body["tool_choice"]) == (MODEL, {"type": "none"})


@pytest.mark.parametrize(
    ("mode", "objection"),
    [
        ("hesitates", Objection.ASK),
        ("objects", Objection.REFUSE),
        ("refusal", Objection.DOWN),
        ("truncated", Objection.DOWN),
        ("wrong_shape", Objection.DOWN),
        ("invalid_json", Objection.DOWN),
        ("not_a_message", Objection.DOWN),
        ("spend_cap", Objection.DOWN),
        ("rate_limited", Objection.DOWN),
        ("broken", Objection.DOWN),
        ("mad_tool_use", Objection.DOWN),
    ],
)
def test_what_comes_over_the_wire_is_an_opinion(standin: tuple[ClaudeStandIn, str], mode: str, objection: Objection) -> None:
    claude, url = standin
    claude.behave(mode)
    opinion = over_http(url)
    assert (opinion.objection, bool(opinion.reasons)) == (objection, True)


def test_one_that_hangs_is_down_in_time(standin: tuple[ClaudeStandIn, str]) -> None:
    claude, url = standin
    claude.behave("hang")
    over_http(url, a_plan(target_id="x y"))  # pays for the import of the SDK
    began = time.monotonic()
    assert over_http(url, seconds=0.5).objection is Objection.DOWN
    assert time.monotonic() - began < 4
