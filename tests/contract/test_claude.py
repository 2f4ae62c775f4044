"""The promise that rests on the Claude adapter: whatever Claude does, the incident gets its analysis, in time, and it says why."""

import time
from typing import Any

import pytest

from analysis.service import analyse
from analysis.thinking.assembled import Assembled
from analysis.thinking.thinker import Thinker
from claude.question import Question, T, Turn
from tests.fakes.claude_side import an_adapter, standing_in
from tests.fakes.memory import MemoryBudget
from tests.unit.analysis.stories import REDACT, House, a_settings, cpu_incident, cpu_night, crash_alert, crash_incident, crash_night
from watchkeeper.models import Analysis, Engine, Evidence, Phase, Route, Severity, Step


def analysed(house: House, url: str, budget: MemoryBudget | None = None, key: str = "sk-test", **settings: Any) -> Analysis:
    """One incident, with the real adapter and the stand-in behind it."""
    facts = a_settings(**settings)
    thinker = Thinker(an_adapter(url, key), budget or MemoryBudget(), facts, REDACT, clock=house.clock)
    house.think = Assembled(thinker, house.blobs)
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
    assert [proposal.action for proposal in analysis.proposed] == ["ec2-restart", "asg-set-capacity"]
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
        analysis = analysed(House(cpu_night()), url, claude_triage_model="claude-next", claude_deep_model="claude-next")
    assert (standin.requests, analysis.notes[0]) == ([], "Claude was not asked: the price of claude-next is not known")


def test_the_purse_is_charged_what_was_used_and_no_more() -> None:
    house, budget = House(cpu_night()), MemoryBudget()
    with standing_in() as (_, url):
        analysis = analysed(house, url, budget)
    assert budget.spent[f"incident:{house.incident.id}"] == pytest.approx(analysis.cost_usd, abs=1e-6)
    assert analysis.cost_usd < 0.01


def test_a_grave_incident_is_triaged_looked_into_with_tools_and_read_again() -> None:
    house, budget = House(cpu_night(), cpu_incident(severity=Severity.SEV1)), MemoryBudget()
    with standing_in() as (standin, url):
        wishes = [{"name": "collect", "input": {"collector": "ec2"}}, {"name": "read_evidence", "input": {"evidence_id": "E2"}}]
        standin.behave("ok", script=[wishes])
        analysis = analysed(house, url, budget)
    assert [seen.status for seen in standin.requests] == [200] * 4
    assert (analysis.engine, analysis.route, analysis.cause.value) == (Engine.CLAUDE, Route.DEEP, "cpu_saturation")
    steps = house.incidents.rows(house.incident.id, Step)
    assert [step.phase for step in steps if step.tool] == [Phase.EXECUTE_TOOL] * 2
    brought = [step.evidence_id for step in steps if step.tool == "collect"]
    new = max(house.incidents.rows(house.incident.id, Evidence), key=lambda one: int(one.id[1:]))
    assert (brought, new.collector) == ([new.id], "ec2")
    assert analysis.tokens_in <= 16_000
    assert budget.spent[f"incident:{house.incident.id}"] == pytest.approx(analysis.cost_usd, abs=1e-6)


@pytest.mark.parametrize("mode", ["overloaded", "refusal", "truncated", "invalid_json"])
def test_whatever_happens_to_the_deep_look_the_triage_stands(mode: str) -> None:
    house = House(cpu_night(), cpu_incident(severity=Severity.SEV1))
    with standing_in() as (standin, url):
        adapter, first = an_adapter(url), standin.requests

        class Failing:
            ready, ask = adapter.ready, adapter.ask

            def turn(self, question: Question[T], seconds: float) -> Turn[T]:
                assert first, "the triage came before"
                standin.behave(mode)
                return adapter.turn(question, min(seconds, 3.0))

        house.think = Assembled(Thinker(Failing(), MemoryBudget(), a_settings(), REDACT, clock=house.clock), house.blobs)
        analyse(house.asked, "m1", house.wiring())
    analysis = house.incidents.rows(house.incident.id, Analysis)[-1]
    assert (analysis.engine, analysis.route, analysis.model) == (Engine.CLAUDE, Route.TRIAGE, "claude-haiku-5-5")
