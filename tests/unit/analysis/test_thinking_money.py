"""Nothing is asked that is not paid for beforehand in every purse; what is not used is given back; what dies stays paid."""

import threading
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import pytest

from analysis.thinking.purses import purses, whose, worst_of
from analysis.thinking.shapes import Deep
from claude.errors import Overloaded, TimedOut
from claude.models import CAPS, Role, price_of
from claude.question import Question, Said, T
from tests.fakes.memory import MemoryBudget
from tests.fakes.words import NIGHT
from tests.unit.analysis.stories import SERVICES, a_settings, cpu_incident
from tests.unit.analysis.thinking_stories import GRAVE, SAID, FakeModel, Room, a_matter, use
from watchkeeper.errors import Throttled
from watchkeeper.models import Route
from watchkeeper.team import Service

INCIDENT = cpu_incident()
PURSE = f"incident:{INCIDENT.id}"


def test_the_purses_of_an_incident_its_teams_day_and_its_month() -> None:
    settings = a_settings(budget_per_incident_usd=0.1, budget_per_day_usd=2, budget_per_month_usd=30)
    assert purses(INCIDENT, Service(name="checkout", owner="payments"), NIGHT, settings) == {
        PURSE: 0.1,
        "day:payments:2026-11-20": 2.0,
        "month:payments:2026-11": 30.0,
    }


@pytest.mark.parametrize("service", [None, SERVICES.services[0]], ids=["no service", "no owner"])
def test_what_is_nobodys_is_everyones(service: Service | None) -> None:
    assert list(purses(INCIDENT, service, NIGHT, a_settings()))[1:] == ["day:everyone:2026-11-20", "month:everyone:2026-11"]


def test_a_purse_by_its_name() -> None:
    assert whose(PURSE) == "the incident's budget"
    assert whose("day:payments:2026-11-20") == "the day's budget of payments"
    assert whose("month:a:b:2026-11") == "the month's budget of a:b"


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("budget_per_incident_usd", "the incident's budget of $0.00"),
        ("budget_per_day_usd", "the day's budget of everyone of $0.00"),
        ("budget_per_month_usd", "the month's budget of everyone of $0.00"),
    ],
)
def test_an_empty_purse_asks_nobody_and_says_which_it_is(setting: str, says: str) -> None:
    room = Room(settings={setting: 0.0001})
    thought = room.think()
    assert (room.model.asked, thought.opinion, thought.route, thought.cost_usd) == ([], None, Route.RULES, 0.0)
    assert thought.why.startswith("Claude was not asked: it could cost $0.0")
    assert says in thought.why
    assert set(room.budget.spent.values()) <= {0.0}


def test_at_the_cap_there_are_no_further_calls() -> None:
    model = FakeModel(deep=lambda question, _: [use("search_evidence", pattern="cpu")] if question.may_use_tools else SAID, out=1_000)
    room = Room(model, settings={"budget_per_incident_usd": 0.055})
    thought = room.think(a_matter(GRAVE))
    assert len(model.of(Deep)) == 1, "a second call could cost more than is left"
    assert thought.route is Route.TRIAGE
    assert "the incident's budget of $0.06 has no room for it" in thought.why
    calls = len(model.asked)
    for _ in range(20):
        room.think(a_matter(GRAVE))
    assert len(model.of(Deep)) == 1
    assert room.budget.spent[PURSE] <= 0.055
    assert len(model.asked) >= calls


def test_what_was_not_used_is_given_back_to_every_purse() -> None:
    room = Room()
    thought = room.think(a_matter(GRAVE))
    assert thought.cost_usd > 0
    assert set(room.budget.spent) == set(purses(INCIDENT, SERVICES.services[0], NIGHT, a_settings()))
    assert all(spent == pytest.approx(thought.cost_usd) for spent in room.budget.spent.values())


def test_what_was_not_billed_costs_nothing_and_what_may_have_been_costs_the_worst() -> None:
    free, unknown = Room(FakeModel(triage=Overloaded("529"))), Room(FakeModel(triage=TimedOut("late")))
    free.think()
    late = unknown.think()
    price = price_of("claude-haiku-5-5")
    assert price is not None
    assert free.budget.spent[PURSE] == pytest.approx(0)
    assert unknown.budget.spent[PURSE] == pytest.approx(worst_of(unknown.model.asked[0], price))
    assert late.cost_usd == pytest.approx(unknown.budget.spent[PURSE])


def test_the_worst_case_is_never_less_than_the_bill() -> None:
    model = FakeModel(bills=1.0, out=CAPS[Role.TRIAGE].answer_tokens)
    thought = Room(model).think()
    price = price_of("claude-haiku-5-5")
    assert price is not None
    assert thought.cost_usd <= worst_of(model.asked[0], price)


class Died(BaseException):
    """The process is gone."""


class Mortal(FakeModel):
    def ask(self, question: Question[T], seconds: float) -> Said[T]:
        raise Died


def test_a_crash_leaves_the_money_reserved() -> None:
    room = Room(Mortal())
    with pytest.raises(Died):
        room.think()
    assert all(spent > 0 for spent in room.budget.spent.values())


@dataclass
class Waiting(FakeModel):
    """Answers only when the test says so, with the money reserved."""

    stop: threading.Event = field(default_factory=threading.Event)

    def ask(self, question: Question[T], seconds: float) -> Said[T]:
        self.stop.wait(timeout=10)
        return super().ask(question, seconds)


@pytest.mark.parametrize("fits", [0, 1, 5, 11])
def test_sixteen_workers_who_race_for_a_purse_ask_no_more_than_was_reserved(fits: int) -> None:
    probe = Room()
    probe.think()
    price = price_of("claude-haiku-5-5")
    assert price is not None
    worst = worst_of(probe.model.asked[0], price)
    budget, cap = MemoryBudget(), worst * (fits + 0.5)
    stop = threading.Event()
    models = [Waiting(stop=stop) for _ in range(16)]
    rooms = [Room(model, budget, settings={"budget_per_day_usd": cap}) for model in models]
    with ThreadPoolExecutor(16) as pool:
        running = [pool.submit(room.think, a_matter()) for room in rooms]
        refused = list(islice(as_completed(running, timeout=10), 16 - fits))
        assert len(refused) == 16 - fits
        assert budget.spent["day:everyone:2026-11-20"] <= cap
        stop.set()
        thoughts = [one.result() for one in running]
    assert sum(len(model.asked) for model in models) == fits
    assert sum(thought.opinion is not None for thought in thoughts) == fits
    assert all("the day's budget of everyone" in thought.why for thought in thoughts if thought.opinion is None)
    assert budget.spent["day:everyone:2026-11-20"] == pytest.approx(sum(thought.cost_usd for thought in thoughts))


@dataclass
class Broken(MemoryBudget):
    """A table on its bad day."""

    settles: bool = True

    def reserve(self, purses: Any, usd: float) -> str:
        if self.settles:
            raise Throttled("dynamodb:UpdateItem on analyses: slow down")
        return super().reserve(purses, usd)

    def settle(self, purses: Any, reserved_usd: float, spent_usd: float) -> None:
        raise Throttled("dynamodb:UpdateItem on analyses: slow down")


def test_a_budget_that_does_not_answer_asks_nobody() -> None:
    room = Room(budget=Broken())
    thought = room.think()
    assert (room.model.asked, thought.route) == ([], Route.RULES)
    assert "slow down" in thought.why


def test_an_answer_that_was_paid_for_is_kept_where_the_change_cannot_be_given_back() -> None:
    room = Room(budget=Broken(settles=False))
    thought = room.think()
    assert (thought.route, thought.why) == (Route.TRIAGE, "")
    assert room.budget.spent[PURSE] > thought.cost_usd


def test_a_model_without_a_price_is_not_asked() -> None:
    room = Room(settings={"claude_triage_model": "claude-next"})
    assert room.think().why == "Claude was not asked: the price of claude-next is not known"
    assert room.model.asked == []
