"""The one service behind every way to answer, as a truth table; and Slack's signature by Slack's own example."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.fakes.memory import MemoryIncidents
from tests.fakes.words import INSTANCE, NIGHT, an_incident
from watchkeeper.answering import Given, Question, Refusal, Turned, answer, asked, link_of, posted_there, still_asked
from watchkeeper.change import change
from watchkeeper.ids import token
from watchkeeper.messages import ApprovalAnswered
from watchkeeper.models import Approval, Delivery, Plan, Reason, Ruling, Status, Verdict
from watchkeeper.people import Person, Role
from watchkeeper.signatures import slack_mark

ADA = Person(id="ada", name="Ada", teams=("payments",), role=Role.APPROVER)
IN_TIME, LATE = NIGHT + timedelta(minutes=14), NIGHT + timedelta(minutes=15)
BY_CLI, BY_SLACK = Given(yes=True, via="cli"), Given(yes=True, via="slack", channel="C1", message="1.0")
WAITING = an_incident(status=Status.AWAITING_APPROVAL, plan_id="plan-1")
PLAN = Plan(
    id="plan-1", incident_id=WAITING.id, action="ec2-restart", target=INSTANCE, parameters={}, args_hash="a", state_hash="s",
    verdict=Verdict(ruling=Ruling.ASK, reasons=(Reason(check="order", ruling=Ruling.ASK, why="?"),), approvers=("payments",)),
    made_at=NIGHT, expires_at=LATE,
)  # fmt: skip
OPEN = Question(WAITING, PLAN)


def card(**refs: str) -> Delivery:
    return Delivery(incident_id=WAITING.id, channel="slack", wanted_version=1, updated_at=NIGHT, refs=refs)


def yes(**but: Any) -> Approval:
    said = {"plan_id": "plan-1", "args_hash": "a", "state_hash": "s", "approver": "ada", "approved": True, "via": "slack", "at": NIGHT}
    return Approval.model_validate(said | but)


@pytest.mark.parametrize(
    ("incident", "plan", "at", "ask_id", "still"),
    [
        pytest.param(WAITING, PLAN, IN_TIME, PLAN.ask_id, True, id="this question, in time"),
        pytest.param(WAITING, PLAN, IN_TIME, "", True, id="whatever is asked, in time"),
        pytest.param(WAITING, PLAN, LATE, PLAN.ask_id, False, id="in the very moment when it ends"),
        pytest.param(WAITING, PLAN.but(expires_at=None), IN_TIME, "", False, id="nobody was asked"),
        pytest.param(WAITING, PLAN.but(state_hash="t"), IN_TIME, PLAN.ask_id, False, id="the target has changed"),
        pytest.param(WAITING, PLAN.but(args_hash="b"), IN_TIME, PLAN.ask_id, False, id="other parameters"),
        pytest.param(WAITING, None, IN_TIME, "", False, id="no plan"),
        *(
            pytest.param(WAITING.but(status=status), PLAN, IN_TIME, PLAN.ask_id, False, id=status.value)
            for status in Status
            if status is not Status.AWAITING_APPROVAL
        ),
    ],
)
def test_is_it_still_asked(incident: Any, plan: Plan | None, at: Any, ask_id: str, *, still: bool) -> None:
    found = still_asked(incident, plan, at, ask_id)
    assert isinstance(found, Question) is still
    assert still or (isinstance(found, Refusal) and found.why is Turned.OVER)


@pytest.mark.parametrize(
    ("by", "given", "plan", "deliveries", "known", "why"),
    [
        pytest.param(ADA, BY_CLI, PLAN, [], [], None, id="by the command line"),
        pytest.param(ADA, BY_SLACK, PLAN, [card(card="1.0", channel="C1")], [], None, id="on the card"),
        pytest.param("anybody", BY_CLI, PLAN, [], [], None, id="a bare name, where nobody is listed"),
        pytest.param(ADA, BY_SLACK, PLAN, [], [], Turned.ELSEWHERE, id="no card"),
        pytest.param(ADA, BY_SLACK, PLAN, [card(card="2.0", channel="C1")], [], Turned.ELSEWHERE, id="another card"),
        pytest.param(ADA, BY_SLACK, PLAN, [card(card="1.0", channel="C2")], [], Turned.ELSEWHERE, id="another channel"),
        pytest.param(ADA, BY_SLACK, PLAN, [card(issue="OPS-1")], [], Turned.ELSEWHERE, id="another kind of channel"),
        pytest.param(ADA, replace(BY_SLACK, message=""), PLAN, [card(card="", channel="C1")], [], Turned.ELSEWHERE, id="no message"),
        pytest.param(ADA.but(role=Role.RESPONDER), BY_CLI, PLAN, [], [], Turned.NOT_THEIRS, id="a responder"),
        pytest.param(ADA.but(teams=("shop",)), BY_CLI, PLAN, [], [], Turned.NOT_THEIRS, id="another team"),
        pytest.param(ADA, BY_CLI, PLAN.but(proposer="ada"), [], [], Turned.NOT_THEIRS, id="one's own"),
        pytest.param(ADA, BY_CLI, PLAN.but(proposer=" ADA "), [], [], Turned.NOT_THEIRS, id="one's own, by another name of theirs"),
        pytest.param(ADA, Given(yes=False, via="cli"), PLAN.but(proposer="ada"), [], [], None, id="a no to one's own"),
        pytest.param(ADA, BY_CLI, PLAN, [], [yes()], Turned.TWICE, id="a second yes"),
        pytest.param(ADA, BY_CLI, PLAN, [], [yes(approved=False)], Turned.TWICE, id="a yes after a no"),
        pytest.param(ADA, Given(yes=False, via="cli"), PLAN, [], [yes()], None, id="a no after a yes"),
        pytest.param(ADA, BY_CLI, PLAN, [], [yes(state_hash="before")], None, id="a yes to what was before"),
        pytest.param(ADA, BY_CLI, PLAN, [], [yes(approver="grace")], None, id="somebody else's yes"),
    ],
)
def test_is_it_taken(by: Any, given: Given, plan: Plan, deliveries: Any, known: Any, why: Turned | None) -> None:
    found = answer(Question(WAITING, plan), by, given, IN_TIME, deliveries, known)
    assert (found.why if isinstance(found, Refusal) else None) is why


def test_the_message_is_bound_to_what_was_shown() -> None:
    said = answer(OPEN, ADA, BY_SLACK, IN_TIME, [card(card="1.0", channel="C1")])
    assert said == ApprovalAnswered(
        incident_id=WAITING.id, resource_group=WAITING.group, plan_id="plan-1", args_hash="a", state_hash="s", approver="ada",
        approved=True, via="slack", at=IN_TIME, person_id="ada", ask_id=PLAN.ask_id, channel="C1",
    )  # fmt: skip


def test_the_same_yes_to_another_state_is_another_message() -> None:
    """A queue that folds what it has seen would lose it otherwise."""
    said = answer(OPEN, ADA, BY_CLI, IN_TIME)
    assert isinstance(said, ApprovalAnswered)
    assert len({said.id, said.but(state_hash="t").id, said.but(args_hash="b").id, said.but(approved=False).id}) == 4
    assert said.id == said.but(via="api", at=NIGHT).id


def test_a_question_is_found_by_its_link_and_by_nothing_else() -> None:
    incidents = MemoryIncidents()
    incidents.write(change(WAITING.but(version=0), [], NIGHT, rows=[PLAN], links=[link_of(PLAN.ask_id)], quiet=True))
    assert isinstance(asked(incidents, PLAN.ask_id, IN_TIME), Question)
    for other in (token("ask"), PLAN.id, WAITING.id, "", "x" * 3_000, PLAN.ask_id.upper(), f"{PLAN.ask_id}\n"):
        assert isinstance(asked(incidents, other, IN_TIME), Refusal)


def test_where_it_was_shown() -> None:
    deliveries = [card(card="1.0", channel="C1"), card(issue="OPS-1")]
    assert [posted_there(deliveries, channel) for channel in ("C1", "C2", "")] == [True, False, False]
    assert [posted_there(deliveries, "C1", message) for message in ("1.0", "2.0")] == [True, False]


def test_slacks_signature_by_slacks_own_example() -> None:
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar"
        b"&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com"
        b"%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    wanted = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    assert slack_mark(body, "1531420618", "8f742231b10e8888abcd99yyyzzz85a5") == wanted
