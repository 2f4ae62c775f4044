"""What people can do through the console, and what they are told. What they cannot do is in tests/attack/test_approval_abuses.py."""

import base64
import json
import time
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from console.door import answer
from console.pressing import left
from tests.fakes.memory import MemorySecrets
from tests.unit.console.world import TOKENS, Thrown, World
from watchkeeper.buttons import Button, analysis_value
from watchkeeper.change import Change
from watchkeeper.errors import Misconfigured, Stale, Throttled
from watchkeeper.messages import IncidentChanged, Message
from watchkeeper.models import Approval, Feedback, Status


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.parametrize(("button", "approved"), [(Button.APPROVE, True), (Button.REJECT, False)])
def test_a_press_becomes_one_message_with_all_that_remediation_judges_by(world: World, button: Button, *, approved: bool) -> None:
    assert world.press(button)["statusCode"] == 200
    (said,) = world.answers
    plan = world.plan
    assert (said.plan_id, said.args_hash, said.state_hash, said.ask_id) == (plan.id, plan.args_hash, plan.state_hash, plan.ask_id)
    assert (said.approver, said.person_id, said.approved, said.via, said.channel) == ("ada", "ada", approved, "slack", "C0INCIDENTS")
    assert said.resource_group == world.incident.group
    assert [words.split(" was taken")[0] for _, words in world.whispered] == ["Your approval" if approved else "Your rejection"]


def test_slack_gets_an_empty_answer_so_that_the_card_stays_as_it_is(world: World) -> None:
    assert world.press()["body"] == ""


def test_it_answers_within_its_time(world: World) -> None:
    """Slack waits 3 s, of which the answer to the presser may take 2. Ours, without the network, is a tenth of what is left."""
    request = world.sent(world.payload())
    began = time.perf_counter()
    assert world.ask(request)["statusCode"] == 200
    assert time.perf_counter() - began < 0.3


@pytest.mark.parametrize(
    ("began", "seconds"),
    [
        pytest.param(None, 2.0, id="nobody says when"),
        pytest.param(0.1, 2.0, id="warm"),
        pytest.param(1.8, 1.0, id="after a cold start"),
        pytest.param(2.7, 0.3, id="hardly any time"),
        pytest.param(90.0, 0.3, id="a clock that is wrong"),
        pytest.param(-90.0, 2.0, id="a clock that is wrong the other way"),
    ],
)
def test_what_is_told_the_presser_takes_no_longer_than_slack_waits(world: World, began: float | None, seconds: float) -> None:
    at = world.clock()
    told = {} if began is None else {"requestContext": {"requestTimeEpoch": int((at.timestamp() - began) * 1000)}}
    assert left(told, at) == pytest.approx(seconds, abs=0.01)


def test_the_same_request_twice_is_one_answer(world: World) -> None:
    request = world.sent(world.payload())
    assert [world.ask(request)["statusCode"] for _ in range(3)] == [200] * 3
    assert len(world.answers) == 1


def test_the_body_may_come_packed(world: World) -> None:
    request = world.sent(world.payload())
    packed = base64.b64encode(request["body"].encode()).decode()
    assert world.ask(request | {"body": packed, "isBase64Encoded": True})["statusCode"] == 200
    assert len(world.answers) == 1


def test_two_signing_secrets_count_while_one_is_being_changed(world: World) -> None:
    stored = world.secrets.lying["console"]
    world.secrets.lying["console"] = stored | {
        "slack_signing_secret": "new",
        "slack_signing_secret_previous": stored["slack_signing_secret"],
    }
    assert world.press()["statusCode"] == 200


def test_the_api_answers_the_same_question(world: World) -> None:
    reply = world.ask(world.call("/approvals", {"ask_id": world.plan.ask_id, "answer": "reject"}))
    assert (reply["statusCode"], json.loads(reply["body"])["as"]) == (202, "ada")
    (said,) = world.answers
    assert (said.approver, said.approved, said.via, said.channel) == ("ada", False, "api", "")


def test_slack_and_the_api_are_one_person_and_one_answer(world: World) -> None:
    world.press()
    world.ask(world.call("/approvals", {"ask_id": world.plan.ask_id, "answer": "approve"}))
    assert len(world.answers) == 1


def test_a_yes_can_be_taken_back_while_the_plan_waits_for_another(world: World) -> None:
    plan = world.plan
    yes = Approval(
        plan_id=plan.id, args_hash=plan.args_hash, state_hash=plan.state_hash, approver="ada", approved=True, via="slack", at=world.clock()
    )
    world.change(yes)
    assert world.press(Button.REJECT)["statusCode"] == 200
    assert [said.approved for said in world.answers] == [False]


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        pytest.param({"status": Status.RESOLVED}, "it is resolved", id="resolved"),
        pytest.param({"status": Status.REMEDIATING}, "it is remediating", id="approved by another"),
        pytest.param({"plan_id": "plan-2"}, "asks about another plan now", id="another plan"),
    ],
)
def test_who_comes_too_late_is_told_so_and_slack_is_content(world: World, fields: dict[str, object], says: str) -> None:
    request = world.sent(world.payload())
    world.change(**fields)
    assert world.ask(request)["statusCode"] == 200
    assert says in world.whispered[-1][1]
    assert world.answers == []


def test_an_api_caller_who_comes_too_late_is_told_by_status(world: World) -> None:
    world.clock.tick(timedelta(minutes=20).total_seconds())
    reply = world.ask(world.call("/approvals", {"ask_id": world.plan.ask_id, "answer": "approve"}))
    assert (reply["statusCode"], "in time" in json.loads(reply["body"])["error"]) == (409, True)


def test_an_explanation_is_asked_for_once_until_something_happens(world: World) -> None:
    for _ in range(3):
        assert world.press(Button.EXPLAIN, user="U0VERA")["statusCode"] == 200
    kinds = [record.kind for record in world.incidents.history(world.incident.id)]
    assert kinds == ["approval.asked", "explanation.asked"]
    assert world.incidents.history(world.incident.id)[-1].actor == "person:vera"
    assert len(world.outbox.take(IncidentChanged)) == 1
    assert [words.split(" ")[0:4] for _, words in world.whispered][1] == ["The", "explanation", "is", "in"]
    now = world.incidents.load(world.incident.id)
    assert now
    assert now.status is Status.AWAITING_APPROVAL


@pytest.mark.parametrize(("button", "right"), [(Button.RIGHT, True), (Button.WRONG, False)])
def test_useful_is_recorded_as_the_command_line_does(world: World, button: Button, *, right: bool) -> None:
    assert world.press(button, user="U0RITA")["statusCode"] == 200
    (word,) = world.incidents.rows(world.incident.id, Feedback)
    assert (word.analysis_id, word.by, word.right) == ("analysis-1", "rita", right)
    assert world.incidents.history(world.incident.id)[-1].kind == "feedback.given"
    assert world.forgotten == ([] if right else ["sig-1"])


def test_the_same_word_again_is_no_news_and_another_one_is(world: World) -> None:
    for button in (Button.WRONG, Button.WRONG, Button.RIGHT):
        world.press(button)
    assert [record.detail["right"] for record in world.incidents.history(world.incident.id)[1:]] == [False, True]


def test_a_word_on_an_analysis_that_was_replaced_is_not_taken_for_the_new_one(world: World) -> None:
    reply = world.press(Button.RIGHT, value=analysis_value(world.incident.id, "analysis-0"))
    assert reply["statusCode"] == 200
    assert "newer analysis" in world.whispered[-1][1]
    assert world.incidents.rows(world.incident.id, Feedback) == []


def test_an_admin_stops_everything_and_nobody_else_can(world: World) -> None:
    body = {"why": "a restart loop"}
    assert world.ask(world.call("/switch", body))["statusCode"] == 403
    assert world.switch.by == []
    assert world.ask(world.call("/switch", body, token=TOKENS["grace"]))["statusCode"] == 200
    assert (world.switch.by, world.locked) == ([("grace", "a restart loop")], ["every role"])


def test_a_stop_that_is_not_whole_says_what_is_left_open(world: World) -> None:
    """Each layer is tried, whatever became of the other."""
    world.switch, world.unlocked = Stuck(), ("wk-runbook-ec2-restart: not allowed: iam:AttachRolePolicy",)
    reply = world.ask(world.call("/switch", {"why": "a restart loop"}, token=TOKENS["grace"]))
    said = json.loads(reply["body"])
    assert (reply["statusCode"], said["stopped"], world.locked) == (502, False, ["every role"])
    assert [failure.partition(":")[0] for failure in said["failed"]] == ["the switch", "wk-runbook-ec2-restart"]


@pytest.mark.parametrize(
    "body", [{"why": "x", "on": False}, {"release": True}, {"why": ""}, {"why": "two\nlines"}, [], "no json", {"why": 7}]
)
def test_the_switch_takes_a_reason_and_nothing_else(world: World, body: object) -> None:
    assert world.ask(world.call("/switch", body, token=TOKENS["grace"]))["statusCode"] == 400
    assert world.switch.by == []


def test_a_new_token_counts_before_the_cache_is_old(world: World) -> None:
    """The secret as it was remembered does not know her yet."""
    world.secrets = Remembering({"console": {"api_token_ada": TOKENS["ada"]}}, before={"console": {}})
    assert world.ask(world.call("/approvals", {"ask_id": world.plan.ask_id, "answer": "approve"}))["statusCode"] == 202


def test_without_a_signing_secret_slack_is_not_enabled(world: World) -> None:
    request = world.sent(world.payload())
    world.secrets.lying["console"] = {}
    assert world.ask(request)["statusCode"] == 404


@dataclass
class Remembering(MemorySecrets):
    """The Secrets port, with a cache that is older than the store."""

    before: dict[str, dict[str, str]] = field(default_factory=dict)

    def get(self, name: str) -> dict[str, str]:
        return self.before.get(name, {})

    def renewed(self, name: str) -> dict[str, str]:
        return self.lying.get(name, {})


class Stuck(Thrown):
    """A switch whose table does not answer."""

    def throw(self, who: str, why: str) -> None:
        raise Throttled("dynamodb:PutItem")


class Down:
    """The Outbox port in its worst hour."""

    sent: tuple[Message, ...] = ()

    def send(self, _: object) -> None:
        raise Throttled("sqs")


def test_our_own_fault_is_a_5xx_and_tells_nothing(world: World) -> None:
    world.outbox = Down()  # type: ignore[assignment]  # a queue that does not answer
    reply = world.press()
    assert (reply["statusCode"], "sqs" in reply["body"], world.whispered) == (500, False, [])


def test_a_people_file_that_cannot_be_read_lets_nobody_in(world: World) -> None:
    request = world.sent(world.payload())
    wiring = world.wiring

    def broken() -> object:
        raise Misconfigured("people.yaml: not YAML")

    assert answer(request, replace(wiring, people=broken))["statusCode"] == 500  # type: ignore[arg-type]  # it returns nothing at all
    assert world.answers == []


def test_somebody_else_may_change_the_incident_meanwhile(world: World) -> None:
    """The word is written under the version that lies there then."""
    write, busy = world.incidents.write, [1, 2]

    def write_late(*changes: Change) -> None:
        if busy:
            busy.pop()
            raise Stale("changed by another worker")
        write(*changes)

    world.incidents.write = write_late  # type: ignore[method-assign]  # two neighbours are faster
    assert world.press(Button.RIGHT)["statusCode"] == 200
    assert len(world.incidents.rows(world.incident.id, Feedback)) == 1


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/approvals", 405), ("POST", "/go", 404), ("GET", "/", 404)])
def test_what_is_not_there_says_so(world: World, method: str, path: str, status: int) -> None:
    reply = world.ask({"httpMethod": method, "resource": path, "headers": {}, "body": None})
    assert reply["statusCode"] == status
