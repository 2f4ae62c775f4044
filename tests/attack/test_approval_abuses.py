"""Every way to approve what one may not, as far as it ends at the door or in the answering service: none becomes an answer.

The second half, what gets as far as remediation and is turned away there, follows below its own heading.
"""

import json
import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.unit.console.world import CARD, CHANNEL, ROSE, SIGNING, TOKENS, Event, World, event
from watchkeeper.buttons import Button
from watchkeeper.ids import token
from watchkeeper.models import Approval, Status
from watchkeeper.people import People
from watchkeeper.signatures import slack_mark

Abuse = Callable[[World], Event]
BORROWED = "borrowed-token-for-tests-0123456789abcdef"


def signed(world: World, body: str, at: str = "", secret: str = SIGNING, **but: str) -> Event:
    """Any body, signed at any time with any secret."""
    said = at or str(int(world.clock().timestamp()))
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": said,
        "x-slack-signature": slack_mark(body.encode(), said, secret),
    }
    return event("/slack/interactions", body, headers | {name.replace("_", "-"): value for name, value in but.items()})


def press(**but: Any) -> Abuse:
    """A press that Slack has signed, with this about it."""
    return lambda world: world.sent(world.payload(**but))


def form(world: World) -> str:
    return str(world.sent(world.payload())["body"])


def changed(**fields: Any) -> Abuse:
    """A good press that arrives when the incident has gone on."""

    def make(world: World) -> Event:
        request = world.sent(world.payload())
        world.change(**fields)
        return request

    return make


def without(header: str) -> Abuse:
    def make(world: World) -> Event:
        request = world.sent(world.payload())
        del request["headers"][header]
        return request

    return make


def with_header(name: str, value: str) -> Abuse:
    return lambda world: world.sent(world.payload(), **{name: value})


def aged(seconds: float) -> Abuse:
    """A press that was recorded, and is sent again later."""

    def make(world: World) -> Event:
        request = world.sent(world.payload())
        world.clock.tick(seconds)
        return request

    return make


def stamped(said: str) -> Abuse:
    """With a time of its own, rightly signed over it."""
    return lambda world: signed(world, form(world), at=said)


def restamped(world: World) -> Event:
    """An old request under a new time: the signature is over the old one."""
    request = world.sent(world.payload())
    world.clock.tick(600)
    request["headers"]["x-slack-request-timestamp"] = str(int(world.clock().timestamp()))
    return request


def edited(world: World) -> Event:
    """Reject made Approve on the way."""
    request = world.sent(world.payload(Button.REJECT))
    return request | {"body": request["body"].replace(Button.REJECT, Button.APPROVE)}


def two_signatures(world: World) -> Event:
    request = world.sent(world.payload())
    right = request["headers"].pop("x-slack-signature")
    return request | {"multiValueHeaders": {"x-slack-signature": ["v0=" + "0" * 64, right]}}


def twice(world: World) -> Event:
    return signed(world, f"{form(world)}&{form(world)}")


def one_more_field(world: World) -> Event:
    return signed(world, f"{form(world)}&ask_id={world.plan.ask_id}")


def in_the_address(world: World) -> Event:
    payload = json.dumps(world.payload())
    return signed(world, "x=1") | {"queryStringParameters": {"payload": payload}}


def a_name_twice(world: World) -> Event:
    text = json.dumps(world.payload())
    return signed(world, "payload=" + text[:-1].replace('"', "%22").replace(" ", "") + ",%22user%22:{%22id%22:%22U0ADA%22}}")


def elsewhere(channel: str = CHANNEL, message: str = CARD, inside: str = "") -> Abuse:
    """A button in another place: of a copied message, of somebody else's, of our own replies."""
    container = {"type": "message", "message_ts": message, "channel_id": inside or channel, "is_ephemeral": False}
    return press(channel={"id": channel, "name": "x"}, container=container)


def another_app(world: World) -> Event:
    world.people = world.people.but(slack_app="A0OURS")
    return world.sent(world.payload())


def no_workspace(world: World) -> Event:
    world.people = People(people=world.people.people)
    return world.sent(world.payload())


def two_actions(world: World) -> Event:
    payload = world.payload()
    return world.sent(payload | {"actions": payload["actions"] * 2})


def a_menu(world: World) -> Event:
    payload = world.payload()
    return world.sent(payload | {"actions": [payload["actions"][0] | {"type": "static_select"}]})


def drifted(world: World) -> Event:
    """The target changed and people were asked anew: the old button is still on somebody's screen."""
    request = world.sent(world.payload())
    world.change(world.plan.but(state_hash="c" * 64))
    return request


def expired(world: World) -> Event:
    world.clock.tick(timedelta(minutes=14).total_seconds())
    return world.sent(world.payload())


def never_asked(world: World) -> Event:
    world.change(world.plan.but(expires_at=None))
    return world.sent(world.payload())


def ones_own(world: World) -> Event:
    world.change(world.plan.but(proposer="ada"))
    return world.sent(world.payload())


def after_ones(yes: bool) -> Abuse:
    """The same person once more."""

    def make(world: World) -> Event:
        plan, at = world.plan, world.clock()
        hashes = {"args_hash": plan.args_hash, "state_hash": plan.state_hash}
        world.change(Approval(plan_id=plan.id, approver="ada", approved=yes, via="cli", at=at, **hashes))
        return world.sent(world.payload())

    return make


def undelivered(world: World) -> Event:
    """No card of this incident was ever posted."""
    for key in [key for key in world.incidents.lying[world.incident.id] if key.startswith("DELIVERY#")]:
        del world.incidents.lying[world.incident.id][key]
    return world.sent(world.payload())


def called(body: dict[str, Any] | None = None, token: str = TOKENS["ada"], **headers: str) -> Abuse:
    """A call of the API, with the right question in it unless another is given."""

    def make(world: World) -> Event:
        said = {"ask_id": world.plan.ask_id, "answer": "approve"} | (body or {})
        return world.call("/approvals", said, token, **headers)

    return make


def too_late(world: World) -> Event:
    world.change(status=Status.RESOLVED)
    return called()(world)


def shared(world: World) -> Event:
    """Two people with one token: nobody knows whose answer it is."""
    world.secrets.lying["console"] |= {"api_token_ada": BORROWED, "api_token_rose": BORROWED}
    return world.call("/approvals", {"ask_id": world.plan.ask_id, "answer": "approve"}, BORROWED)


def guessable(world: World) -> Event:
    world.secrets.lying["console"] |= {"api_token_ada": "ada"}
    return world.call("/approvals", {"ask_id": world.plan.ask_id, "answer": "approve"}, "ada")


def ask_id_twice(world: World) -> Event:
    return world.call("/approvals", f'{{"ask_id": "x", "ask_id": "{world.plan.ask_id}", "answer": "approve"}}')


def token_in_the_address(world: World) -> Event:
    request = world.call("/approvals", {"ask_id": world.plan.ask_id, "answer": "approve"})
    del request["headers"]["authorization"]
    return request | {"queryStringParameters": {"authorization": f"Bearer {TOKENS['ada']}", "token": TOKENS["ada"]}}


def by_slacks_signature(world: World) -> Event:
    """What opens one door does not open the other."""
    body = json.dumps({"ask_id": world.plan.ask_id, "answer": "approve"})
    made = signed(world, body, content_type="application/json")
    return made | {"resource": "/approvals"}


def by_a_token(world: World) -> Event:
    return event("/slack/interactions", form(world), {"authorization": f"Bearer {TOKENS['ada']}"})


def not_base64(world: World) -> Event:
    return world.sent(world.payload()) | {"isBase64Encoded": True}


AT_THE_DOOR: dict[str, tuple[Abuse, int]] = {
    "unsigned": (without("x-slack-signature"), 401),
    "no time": (without("x-slack-request-timestamp"), 401),
    "forged": (with_header("x_slack_signature", "v0=" + "0" * 64), 401),
    "empty signature": (with_header("x_slack_signature", ""), 401),
    "signed with another secret": (lambda world: signed(world, form(world), secret="another"), 401),
    "signed with nothing": (lambda world: signed(world, form(world), secret=""), 401),
    "another version of the signature": (lambda world: signed(world, form(world), x_slack_signature="v1=" + "0" * 64), 401),
    "a signature that is not ASCII": (with_header("x_slack_signature", "v0=é" + "0" * 63), 401),
    "two signatures": (two_signatures, 401),
    "edited on the way": (edited, 401),
    "replayed after five minutes": (aged(301), 401),
    "replayed under a new time": (restamped, 401),
    "signed in the future": (lambda world: signed(world, form(world), at=str(int(world.clock().timestamp()) + 301)), 401),
    "a time that is junk": (stamped("yesterday"), 401),
    "a time in other digits": (stamped("١٧٩٥١٤٣٦٦٠"), 401),
    "a time with a fraction": (stamped("1795143660.0"), 401),
    "a negative time": (stamped("-1795143660"), 401),
    "an endless time": (stamped("1" * 5_000), 401),
    "a token in place of a signature": (by_a_token, 401),
    "said to be base64 and is not": (not_base64, 400),
    "JSON in place of a form": (with_header("content_type", "application/json"), 415),
    "no content type": (without("content-type"), 415),
    "a huge body": (lambda world: signed(world, "payload=" + "x" * 600_000), 413),
    "two payload fields": (twice, 400),
    "a field beside the payload": (one_more_field, 400),
    "the payload in the address": (in_the_address, 400),
    "no form": (lambda world: signed(world, "{}"), 400),
    "a payload that is no JSON": (lambda world: signed(world, "payload=approve"), 400),
    "a payload without end": (lambda world: signed(world, "payload=" + "[" * 100_000), 400),
    "a name twice in the payload": (a_name_twice, 400),
    "another kind of interaction": (press(type="view_submission"), 400),
    "two buttons at once": (two_actions, 400),
    "a menu in place of a button": (a_menu, 400),
    "a button that is not ours": (press(button="launch"), 400),
    "no workspace": (press(team=None), 400),
    "GET": (lambda world: world.sent(world.payload()) | {"httpMethod": "GET"}, 405),
    "no token": (lambda world: world.call("/approvals", {"ask_id": world.plan.ask_id, "answer": "approve"}, authorization=""), 401),
    "a wrong token": (called(token="x" * 40), 401),
    "a token with an end more": (called(token=TOKENS["ada"] + "x"), 401),
    "a token that is not ASCII": (called(token="é" * 40), 401),
    "another scheme": (called(authorization=f"Basic {TOKENS['ada']}"), 401),
    "a token of two people": (shared, 401),
    "a token that can be guessed": (guessable, 401),
    "a token in the address": (token_in_the_address, 401),
    "Slack's signature at the API": (by_slacks_signature, 401),
    "a huge call": (called({"ask_id": "x" * 20_000}), 413),
    "a form at the API": (called(content_type="application/x-www-form-urlencoded"), 415),
    "edited parameters": (called({"parameters": {"InstanceId": ["i-0aaaaaaaaaaaaaaaa"]}}), 400),
    "hashes of one's own": (called({"args_hash": "a" * 64, "state_hash": "c" * 64}), 400),
    "in another's name": (called({"as": "grace"}), 400),
    "through a channel of one's own": (called({"via": "slack", "channel": CHANNEL}), 400),
    "an answer that is none": (called({"answer": True}), 400),
    "one name twice at the API": (ask_id_twice, 400),
}
IN_THE_SERVICE: dict[str, tuple[Abuse, int]] = {
    "another workspace": (press(team={"id": "T0OTHER"}), 403),
    "a guest of a shared channel": (lambda world: world.sent(world.payload() | {"user": {"id": "U0ADA", "team_id": "T0OTHER"}}), 403),
    "another app": (another_app, 403),
    "no workspace in people.yaml": (no_workspace, 403),
    "a stranger": (press(user="U0MALLORY"), 403),
    "a display name for an id": (press(user="ada"), 403),
    "a viewer": (press(user="U0VERA"), 403),
    "a responder": (press(user="U0RITA"), 403),
    "an approver of another team": (press(user=ROSE.slack), 403),
    "an admin of another team": (press(user="U0GRACE"), 403),
    "another channel": (elsewhere(channel="C0RANDOM"), 403),
    "two channels at once": (elsewhere(inside="C0RANDOM"), 403),
    "another message of the channel": (elsewhere(message="1795143600.999999"), 403),
    "one of our own replies": (elsewhere(message="1795143600.000002"), 403),
    "a message without a name": (elsewhere(message=""), 403),
    "a card that was never posted": (undelivered, 403),
    "one's own plan": (ones_own, 403),
    "one who has left": (called(token=TOKENS["gone"]), 403),
    "a viewer's token": (called(token=TOKENS["vera"]), 403),
    "another team's token": (called(token=TOKENS["rose"]), 403),
    "another team's admin by token": (called(token=TOKENS["grace"]), 403),
    "the same person's second yes": (after_ones(yes=True), 200),
    "a yes after one's own no": (after_ones(yes=False), 200),
    "a question that was never asked": (press(value=token("ask", "nobody")), 200),
    "an incident for a question": (press(value="INC-01M7WZ49C1ER8E2XA9F4D4TE0W"), 200),
    "a plan for a question": (press(value="plan-1"), 200),
    "another row for a question": (press(value="../automation/1"), 200),
    "nothing for a question": (press(value=""), 200),
    "the target has drifted": (drifted, 200),
    "an expired button": (expired, 200),
    "a plan that nobody was asked about": (never_asked, 200),
    "an incident that is resolved": (changed(status=Status.RESOLVED), 200),
    "an incident that a person has": (changed(status=Status.ESCALATED), 200),
    "a plan that runs already": (changed(status=Status.REMEDIATING), 200),
    "another plan by now": (changed(plan_id="plan-2"), 200),
    "too late at the API": (too_late, 409),
    "a wrong question at the API": (called({"ask_id": token("ask", "nobody")}), 409),
}  # fmt: skip


@pytest.fixture
def logged() -> Iterator[list[str]]:
    """All that is logged meanwhile, every field of it."""
    lines: list[str] = []

    class Lines(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(repr(record.__dict__))

    handler, log = Lines(), logging.getLogger("watchkeeper")
    log.addHandler(handler)
    yield lines
    log.removeHandler(handler)


@pytest.mark.parametrize("abuse", [*AT_THE_DOOR, *IN_THE_SERVICE])
def test_no_abuse_becomes_an_answer(abuse: str, logged: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Turned away by the status that belongs to it, counted, logged without what was brought, and nothing of the incident changed."""
    make, status = (AT_THE_DOOR | IN_THE_SERVICE)[abuse]
    world = World()
    request = make(world)
    before = world.incidents.load(world.incident.id)
    reply = world.ask(request)
    assert reply["statusCode"] == status, reply["body"]
    assert world.outbox.sent == []
    assert world.incidents.load(world.incident.id) == before
    assert "AnswersRefused" in capsys.readouterr().out
    assert [line for line in logged if "'status'" in line or "too late" in line]
    for secret in (SIGNING, BORROWED, *TOKENS.values(), "hooks.slack.com"):
        assert secret not in "".join(logged) + reply["body"]


@pytest.mark.parametrize("abuse", IN_THE_SERVICE)
def test_whoever_is_known_by_slack_reads_why(abuse: str) -> None:
    """A sentence for them alone; an API caller reads it in the answer."""
    world = World()
    request = IN_THE_SERVICE[abuse][0](world)
    reply = world.ask(request)
    says = world.whispered[0][1] if request["resource"].startswith("/slack") else json.loads(reply["body"])["error"]
    assert says.endswith(".")
    assert "plan-1" not in says


@pytest.mark.parametrize("abuse", AT_THE_DOOR)
def test_whoever_proves_nothing_is_told_nothing_of_the_incident(abuse: str) -> None:
    world = World()
    reply = world.ask(AT_THE_DOOR[abuse][0](world))
    assert world.whispered == []
    assert world.incident.id not in reply["body"]
    assert "INC-" not in reply["body"]


def test_the_same_presses_without_an_abuse_are_answers() -> None:
    """The table's innocent neighbours, so that it cannot pass by refusing everybody."""
    for make in (press(), lambda world: signed(world, form(world)), called()):
        world = World()
        assert world.ask(make(world))["statusCode"] in {200, 202}
        assert [said.approver for said in world.answers] == ["ada"]


def test_there_are_as_many_as_were_promised() -> None:
    assert len(AT_THE_DOOR) + len(IN_THE_SERVICE) >= 40
