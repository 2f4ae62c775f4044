"""The guardian as remediation asks it: paid for beforehand, asked once, its answer read as an enemy's. It can only take away."""

import json
import random
from datetime import UTC, datetime
from typing import Any

import pytest

from remediation.guardian import LONGEST_REASON, ONCE, LambdaGuardian, opinion_of
from tests.fakes.guardian import StrictLambda
from tests.fakes.memory import MemoryBudget
from tests.unit.guardian.plans import a_plan
from watchkeeper.errors import Throttled
from watchkeeper.links import defanged
from watchkeeper.models import Objection, Opinion

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
PURSE = "guardian-2026-11-20"
WORST = 0.12
NO_OBJECTION = {"objection": "none", "reasons": [], "model": "claude-opus-5-5", "usd": 0.015}


def a_guardian(client: StrictLambda, budget: Any = None, cap: float = 1.0, name: str = "watchkeeper-guardian") -> LambdaGuardian:
    return LambdaGuardian(client, name, budget or MemoryBudget(), cap, lambda: NOON, ask_usd=WORST)


def test_it_is_shown_the_plan_and_nothing_else_and_what_it_says_comes_back() -> None:
    client = StrictLambda().says(NO_OBJECTION)
    opinion = a_guardian(client).ask(a_plan())
    assert opinion == Opinion.model_validate(NO_OBJECTION)
    [request] = client.invoked
    assert json.loads(request["Payload"]) == a_plan().model_dump(mode="json")
    assert (request["FunctionName"], request["InvocationType"]) == ("watchkeeper-guardian", "RequestResponse")


def test_without_a_function_there_is_no_guardian_and_nothing_is_paid() -> None:
    client, budget = StrictLambda(), MemoryBudget()
    assert a_guardian(client, budget, name="").ask(a_plan()).objection is Objection.ABSENT
    assert (client.invoked, dict(budget.spent)) == ([], {})


def test_the_worst_is_set_aside_and_what_was_not_spent_comes_back() -> None:
    budget = MemoryBudget()
    a_guardian(StrictLambda().says(NO_OBJECTION), budget).ask(a_plan())
    assert dict(budget.spent) == {PURSE: pytest.approx(0.015)}


def test_over_budget_it_is_down_and_nobody_is_asked() -> None:
    client, budget = StrictLambda().says(NO_OBJECTION), MemoryBudget()
    guardian = a_guardian(client, budget, cap=0.13)
    assert [guardian.ask(a_plan()).objection for _ in range(2)] == [Objection.NONE, Objection.DOWN]
    assert len(client.invoked) == 1
    assert "over budget" in guardian.ask(a_plan()).reasons[0]


class ClosedPurse(MemoryBudget):
    """A table that has no time for anybody: before the question, or only after it."""

    def __init__(self, *, opens: bool) -> None:
        super().__init__()
        self.opens = opens

    def reserve(self, purses: Any, usd: float) -> str:
        if not self.opens:
            raise Throttled("dynamodb:UpdateItem on analyses: too many workers want the same purse")
        return super().reserve(purses, usd)

    def settle(self, purses: Any, reserved_usd: float, spent_usd: float) -> None:
        raise Throttled("dynamodb:UpdateItem on analyses: too many workers want the same purse")


def test_a_purse_that_does_not_open_is_down_and_nobody_is_asked() -> None:
    client = StrictLambda().says(NO_OBJECTION)
    assert a_guardian(client, ClosedPurse(opens=False)).ask(a_plan()).objection is Objection.DOWN
    assert not client.invoked


def test_an_answer_that_was_paid_for_counts_though_the_change_could_not_be_given_back() -> None:
    client = StrictLambda().says({**NO_OBJECTION, "objection": "refuse", "reasons": ["no"]})
    assert a_guardian(client, ClosedPurse(opens=True)).ask(a_plan()).objection is Objection.REFUSE


@pytest.mark.parametrize(
    ("client", "says", "spent"),
    [
        (StrictLambda(times_out=True), "lambda:InvokeFunction on watchkeeper-guardian: Read timeout", WORST),
        (StrictLambda(fault=("AccessDeniedException", 403)), "not allowed: lambda:InvokeFunction on watchkeeper-guardian.", 0.0),
        (StrictLambda(fault=("ResourceNotFoundException", 404)), "lambda:InvokeFunction on watchkeeper-guardian", 0.0),
        (StrictLambda(fault=("TooManyRequestsException", 429)), "lambda:InvokeFunction on watchkeeper-guardian", 0.0),
        (StrictLambda(fault=("ServiceException", 500)), "lambda:InvokeFunction on watchkeeper-guardian", WORST),
        (StrictLambda(answer=b'{"errorMessage": "x"}', function_error="Unhandled"), "Its function failed.", WORST),
        (StrictLambda(answer=b"null"), "Its answer is no opinion.", WORST),
        (StrictLambda(answer=b""), "Its answer is no opinion.", WORST),
        (StrictLambda(answer=b'"none"'), "Its answer is no opinion.", WORST),
        (StrictLambda(answer=b"[" * 19_000), "Its answer is no opinion.", WORST),
        (StrictLambda(answer=b'{"objection": "none", "reasons": "' + b"x" * 30_000 + b'"}'), "Its answer is no opinion.", WORST),
        (StrictLambda().says({"objection": "approve"}), "Its answer is no opinion.", WORST),
        (StrictLambda().says({**NO_OBJECTION, "mode": "auto"}), "Its answer is no opinion.", WORST),
    ],
)
def test_every_failure_is_down_with_one_sentence_and_an_honest_price(client: StrictLambda, says: str, spent: float) -> None:
    budget = MemoryBudget()
    opinion = a_guardian(client, budget).ask(a_plan())
    assert (opinion.objection, len(opinion.reasons)) == (Objection.DOWN, 1)
    assert opinion.reasons[0].startswith(says)
    assert opinion.usd == spent
    assert budget.spent[PURSE] == pytest.approx(spent)
    assert len(client.invoked) == 1


def test_it_is_asked_once_and_waited_for_twenty_seconds() -> None:
    assert (ONCE.read_timeout, ONCE.retries["total_max_attempts"]) == (20, 1)  # botocore adds to it what it takes for granted


def test_a_plan_that_no_json_can_hold_is_down_and_nobody_is_asked() -> None:
    client = StrictLambda().says(NO_OBJECTION)
    assert a_guardian(client).ask(a_plan(state={"name": "\ud800"})).objection is Objection.DOWN
    assert not client.invoked


@pytest.mark.parametrize("usd", [-5.0, 99.0, float("nan"), float("inf"), -float("inf")])
def test_no_price_that_it_names_fills_the_purse_or_empties_it(usd: float) -> None:
    budget = MemoryBudget()
    opinion = a_guardian(StrictLambda(answer=json.dumps({**NO_OBJECTION, "usd": usd}).encode()), budget).ask(a_plan())
    assert opinion.usd == WORST
    assert budget.spent[PURSE] == pytest.approx(WORST)


def test_its_reasons_are_shown_as_one_printable_line_with_no_address_to_follow() -> None:
    reasons = ["see\n https://evil.example/x <!channel>\u202e", "x" * 900, " \t", *["more"] * 9]
    opinion = opinion_of(json.dumps({"objection": "ask", "reasons": reasons}).encode())
    assert opinion
    assert opinion.reasons[0] == "see hxxps://evil[.]example/x [!channel]"
    assert [len(reason) for reason in opinion.reasons] == [39, LONGEST_REASON, 4, 4]


def test_an_objection_without_a_reason_says_so() -> None:
    opinion = opinion_of(b'{"objection": "refuse", "reasons": ["\\u200b"]}')
    assert opinion
    assert opinion.reasons == ("It gave no reason.",)


def some_json(dice: random.Random, depth: int = 0) -> Any:
    """Anything that JSON can say, often with the words of an opinion in it."""
    words = ["none", "absent", "down", "ask", "refuse", "run", "auto", "approve", "https://evil.example", "\x00\u202e<!here>", ""]
    kind = dice.randrange(9 if depth < 3 else 6)
    if kind < 6:
        plain = [None, dice.random() < 0.5, dice.randint(-(10**9), 10**9), dice.uniform(-1e9, 1e9), dice.choice(words), float("nan")]
        return plain[kind]
    if kind == 6:
        return [some_json(dice, depth + 1) for _ in range(dice.randrange(7))]
    fields = ["objection", "reasons", "model", "usd", "mode", "approved", "parameters"]
    return {dice.choice(fields): some_json(dice, depth + 1) for _ in range(dice.randrange(6))}


def near_an_opinion(dice: random.Random) -> Any:
    objection = dice.choice([*(one.value for one in Objection), some_json(dice, 2)])
    reasons = [dice.choice(["why", "https://evil.example/a?b", "<@U1>", "y" * 500, "\n\n"]) for _ in range(dice.randrange(9))]
    found = {"objection": objection, "reasons": reasons, "model": dice.choice(["m", "m" * 200]), "usd": dice.choice([0, 0.1, -1, 1e9])}
    return {name: value for name, value in found.items() if dice.random() < 0.9}


def test_ten_thousand_answers_of_a_compromised_guardian_let_nothing_more_run() -> None:
    """Whatever it answers: an objection that is known, reasons that are safe to show, a price within what was set aside."""
    dice, budget = random.Random(20261120), MemoryBudget()  # noqa: S311 - the same answers every time
    known = 0
    for number in range(10_000):
        client = StrictLambda().says(some_json(dice) if number % 2 else near_an_opinion(dice))
        opinion = a_guardian(client, budget, cap=1e9).ask(a_plan())
        known += opinion.objection is not Objection.DOWN
        assert isinstance(opinion.objection, Objection)
        assert 0 <= opinion.usd <= WORST
        assert len(opinion.reasons) <= 5
        assert all(r.isprintable() and 0 < len(r) <= LONGEST_REASON and defanged(r) == r for r in opinion.reasons), opinion.reasons
        assert opinion.model.isprintable()
        assert opinion.reasons or opinion.objection is Objection.NONE
    assert known > 1_000
    assert budget.spent[PURSE] >= 0
