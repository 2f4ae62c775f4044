"""The Claude adapter, over real HTTP, against a stand-in that refuses what the Messages API refuses; and the promise that
rests on it: whatever Claude does, the incident gets its analysis, in time, and the analysis says why."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import anthropic
import httpx2
import pytest

from analysis.analyst.draft import draft
from analysis.opinion import Opinion
from analysis.prompt import question
from analysis.reasoner import Reasoner
from analysis.service import analyse
from claude import errors
from claude.attempts import Pace
from claude.client import Claude
from claude.question import Question, Usage
from local.standins.claude import ClaudeStandIn
from local.standins.http import Server
from tests.fakes.memory import MemoryBudget
from tests.unit.analysis.stories import House, a_case, a_settings, cpu_night, crash_alert, crash_incident, crash_night
from watchkeeper.models import Analysis, Engine

MODEL = "claude-haiku-5-5"
CASE = a_case(
    {
        "alert": "title: CPUUtilization is above 80",
        "metric": "metric: AWS/EC2 CPUUtilization (InstanceId=i-1), Average over 60 s; alarm line: GreaterThanThreshold 80\n"
        "3 points from a to b: min 12 at x, max 97 at y, latest 97\nfirst crossing at x with 95, 2 points in all",
    }
)
ASKED = question(CASE, draft(CASE), MODEL)


@contextmanager
def standing_in(mode: str = "ok", times: int | None = None) -> Iterator[tuple[ClaudeStandIn, str]]:
    standin = ClaudeStandIn(mode, times)
    with Server({"claude": standin}) as server:
        try:
            yield standin, f"{server.url}/claude"
        finally:
            standin.release()


def an_adapter(url: str, key: str = "sk-test", slept: list[float] | None = None) -> Claude:
    pace = Pace(ticks=time.monotonic, sleep=(slept if slept is not None else []).append, chance=lambda: 0.5)
    return Claude("anthropic", lambda: key, "eu-west-1", url, pace)


def test_an_answer_comes_back_in_its_shape_with_its_usage() -> None:
    with standing_in() as (standin, url):
        said = an_adapter(url).ask(ASKED, 20)
    assert said.value.cause.value == "cpu_saturation"
    assert said.value.citations
    assert said.usage.fresh > 100
    sent = standin.requests[0].body
    assert sent["output_config"]["format"]["schema"]["additionalProperties"] is False
    assert sent["tool_choice"] == {"type": "none"}
    assert sent["system"][0]["cache_control"] == {"type": "ephemeral"}


@pytest.mark.parametrize(
    ("mode", "error", "calls"),
    [
        ("overloaded", errors.Overloaded, 5),
        ("broken", errors.Overloaded, 5),
        ("rate_limited", errors.RateLimited, 1),
        ("spend_cap", errors.SpendCap, 1),
        ("refusal", errors.Declined, 1),
        ("context_exceeded", errors.TooLong, 1),
        ("truncated", errors.Truncated, 1),
        ("invalid_json", errors.Unusable, 1),
        ("wrong_shape", errors.Unusable, 1),
        ("not_a_message", errors.Unusable, 1),
        ("not_json", errors.Unusable, 1),
    ],
)
def test_every_way_to_fail_has_a_type_and_its_number_of_calls(mode: str, error: type[errors.ClaudeFailed], calls: int) -> None:
    with standing_in(mode) as (standin, url), pytest.raises(errors.ClaudeFailed) as failed:
        an_adapter(url).ask(ASKED, 20)
    assert type(failed.value) is error
    assert failed.value.why
    assert len(standin.requests) == calls


def test_what_was_billed_is_known_where_it_can_be() -> None:
    billed = {}
    for mode in ("overloaded", "refusal", "invalid_json"):
        with standing_in(mode) as (_, url), pytest.raises(errors.ClaudeFailed) as failed:
            an_adapter(url).ask(ASKED, 20)
        billed[mode] = failed.value.usage
    assert billed["overloaded"] == Usage()
    assert all((billed[mode] or Usage()).fresh > 100 for mode in ("refusal", "invalid_json"))


def test_a_bad_minute_is_waited_for_with_full_jitter() -> None:
    slept: list[float] = []
    with standing_in("overloaded", times=2) as (standin, url):
        assert an_adapter(url, slept=slept).ask(ASKED, 20).value.citations
    assert slept == [0.25, 0.5]
    assert standin.calls == {529: 2, 200: 1}


def test_a_short_retry_after_is_obeyed_and_a_long_one_is_not_waited_for() -> None:
    slept: list[float] = []
    with standing_in("rate_limited_briefly", times=1) as (_, url):
        assert an_adapter(url, slept=slept).ask(ASKED, 20).value.citations
    assert slept == [1.0]
    with standing_in("rate_limited_briefly") as (standin, url), pytest.raises(errors.RateLimited):
        an_adapter(url, slept=slept).ask(ASKED, 1.5)
    assert len(standin.requests) == 1


def test_a_hanging_answer_is_not_waited_for() -> None:
    began = time.monotonic()
    with standing_in("hang") as (_, url), pytest.raises(errors.TimedOut) as failed:
        an_adapter(url).ask(ASKED, 1.0)
    assert time.monotonic() - began < 5
    assert failed.value.usage is None, "it may have been billed"


def test_after_a_spend_cap_claude_is_left_alone() -> None:
    with standing_in("spend_cap") as (standin, url):
        claude = an_adapter(url)
        with pytest.raises(errors.SpendCap):
            claude.ask(ASKED, 20)
        with pytest.raises(errors.NotAsked):
            claude.ready()
        with pytest.raises(errors.NotAsked):
            claude.ask(ASKED, 20)
    assert len(standin.requests) == 1


def test_nobody_there() -> None:
    with pytest.raises(errors.Unreachable):
        an_adapter("http://127.0.0.1:1").ask(ASKED, 20)


def test_no_key_no_question() -> None:
    with standing_in() as (standin, url), pytest.raises(errors.NotAsked):
        an_adapter(url, key="").ask(ASKED, 20)
    assert standin.requests == []


def test_bedrock_needs_no_key() -> None:
    claude = Claude("bedrock", lambda: "", "eu-west-1")
    claude.ready()
    with claude._open(5) as client:
        assert isinstance(client, anthropic.AnthropicBedrock)
        assert (client.max_retries, client.aws_region) == (0, "eu-west-1")


def test_the_base_url_comes_from_the_environment_where_none_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    with standing_in() as (standin, url):
        monkeypatch.setenv("ANTHROPIC_BASE_URL", url)
        assert Claude("anthropic", lambda: "sk-test", "eu-west-1").ask(ASKED, 20).value.citations
    assert len(standin.requests) == 1


Body = dict[str, Any]


def _open_schema(body: Body) -> Body:
    schema = {key: value for key, value in body["output_config"]["format"]["schema"].items() if key != "additionalProperties"}
    return body | {"output_config": {"format": {"type": "json_schema", "schema": schema}}}


@pytest.mark.parametrize(
    ("spoil", "headers", "status"),
    [
        pytest.param(lambda body: body, {"authorization": ""}, 401, id="no key"),
        pytest.param(lambda body: body, {"anthropic-version": ""}, 400, id="no version"),
        pytest.param(lambda body: {k: v for k, v in body.items() if k != "model"}, {}, 400, id="no model"),
        pytest.param(lambda body: body | {"max_tokens": 0}, {}, 400, id="no tokens"),
        pytest.param(lambda body: body | {"temperature": 0}, {}, 400, id="a parameter that is gone"),
        pytest.param(lambda body: body | {"messages": body["messages"][1:]}, {}, 400, id="the assistant first"),
        pytest.param(lambda body: body | {"messages": body["messages"][:1] * 2}, {}, 400, id="twice the same role"),
        pytest.param(lambda body: body | {"messages": [*body["messages"][:2], *body["messages"][:1]]}, {}, 400, id="no results"),
        pytest.param(lambda body: body | {"tools": []}, {}, 400, id="tools not declared"),
        pytest.param(_open_schema, {}, 400, id="an open schema"),
    ],
)
def test_the_stand_in_refuses_what_the_real_api_refuses(spoil: Callable[[Body], Body], headers: dict[str, str], status: int) -> None:
    with standing_in() as (standin, url):
        an_adapter(url).ask(ASKED, 20)
        good = {"authorization": "Bearer sk-test", "anthropic-version": "2026-10-21"}
        body = standin.requests[0].body
        assert httpx2.post(f"{url}/v1/messages", json=body, headers=good).status_code == 200
        reply = httpx2.post(f"{url}/v1/messages", json=spoil(body), headers=good | headers)
    assert reply.status_code == status
    assert reply.json()["error"]["message"]


def test_the_stand_in_is_told_how_to_behave_over_http() -> None:
    with standing_in() as (standin, url):
        assert httpx2.post(f"{url}/control", json={"mode": "overloaded", "times": 1}).status_code == 200
        assert (standin.mode, standin.times) == ("overloaded", 1)
        assert httpx2.post(f"{url}/control", json={"mode": "sulk"}).status_code == 400


def analysed(house: House, url: str, budget: MemoryBudget | None = None, key: str = "sk-test", **settings: Any) -> Analysis:
    """One incident, with the real adapter and the stand-in behind it."""
    facts = a_settings(**settings)
    house.reason = Reasoner(an_adapter(url, key), budget or MemoryBudget(), facts)
    analyse(house.asked, "m1", house.wiring(**settings))
    found = house.incidents.row(house.incident.id, Analysis, house.asked.id)
    assert found is not None
    return found


def test_both_nights_with_the_stand_in() -> None:
    with standing_in() as (_, url):
        cpu = analysed(House(cpu_night()), url)
        crash = analysed(House(crash_night(), crash_incident(), crash_alert()), url)
    assert [(a.engine, a.cause.value, a.proposed[0].action) for a in (cpu, crash)] == [
        (Engine.CLAUDE, "cpu_saturation", "ec2-restart"),
        (Engine.CLAUDE, "crash_loop", "ecs-redeploy"),
    ]
    assert all(a.confidence >= 0.7 and a.dropped_citations == 0 and a.cost_usd > 0 for a in (cpu, crash))


@pytest.mark.parametrize(
    ("mode", "says"),
    [
        ("overloaded", "Claude answered 529"),
        ("rate_limited", "Claude answered 429: too many requests, try again in 3600 s"),
        ("spend_cap", "spending limit"),
        ("refusal", "Claude refused to answer (cyber)"),
        ("context_exceeded", "did not fit"),
        ("truncated", "cut off at 2500 tokens"),
        ("invalid_json", "not in the agreed shape"),
        ("wrong_shape", "not in the agreed shape"),
        ("not_json", "not a message"),
        ("invented_citation", "none of its 2 citations is in the evidence"),
        ("hang", "no answer within"),
    ],
)
def test_whatever_claude_does_the_incident_gets_its_analysis_in_time_and_it_says_why(mode: str, says: str) -> None:
    house, budget, began = House(cpu_night()), MemoryBudget(), time.monotonic()
    with standing_in(mode) as (_, url):
        analysis = analysed(house, url, budget, deadline_seconds=8.0)
    assert time.monotonic() - began < 8.0
    assert (analysis.engine, analysis.cause.value, analysis.confidence >= 0.7) == (Engine.DETERMINISTIC, "cpu_saturation", True)
    assert [proposal.action for proposal in analysis.proposed] == ["ec2-restart"]
    assert any(says in note for note in analysis.notes)
    assert 0 <= budget.spent[f"incident:{house.incident.id}"] <= 0.10


def test_no_key_is_said() -> None:
    with standing_in() as (standin, url):
        analysis = analysed(House(cpu_night()), url, key="")
    assert (analysis.engine, standin.requests) == (Engine.DETERMINISTIC, [])
    assert analysis.notes == ("Claude was not asked: there is no Anthropic API key in the secret",)


def test_no_budget_no_question() -> None:
    with standing_in() as (standin, url):
        analysis = analysed(House(cpu_night()), url, budget_per_incident_usd=0.0001)
    assert standin.requests == []
    assert "the incident's budget of $0.00 has no room for it" in analysis.notes[0]


def test_an_unknown_price_no_question() -> None:
    with standing_in() as (standin, url):
        analysis = analysed(House(cpu_night()), url, claude_model="claude-next")
    assert (standin.requests, analysis.notes[0]) == ([], "Claude was not asked: the price of claude-next is not known")


def test_the_purse_is_charged_what_was_used_and_no_more() -> None:
    house, budget = House(cpu_night()), MemoryBudget()
    with standing_in() as (_, url):
        analysis = analysed(house, url, budget)
    assert budget.spent[f"incident:{house.incident.id}"] == pytest.approx(analysis.cost_usd, abs=1e-6)
    assert analysis.cost_usd < 0.01


def test_the_question_is_of_the_type_it_says() -> None:
    assert isinstance(ASKED, Question)
    assert ASKED.shape is Opinion
