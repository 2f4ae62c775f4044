"""The whole way over real HTTP: distribution posts the card, a person presses its button, the console takes it and tells them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest

from console.door import answer
from console.whispers import SlackWhispers
from console.wiring import Wiring
from local.standins.http import Reply, Request, Server
from local.standins.slack import SlackWorkspace
from local.standins.slack_press import Ephemeral, NoButton
from tests.fakes.memory import MemoryAnchors
from tests.unit.console.world import SIGNING, World
from tests.unit.distribution.places import SLACK, House, house
from watchkeeper.answering import link_of
from watchkeeper.buttons import Button
from watchkeeper.messages import ApprovalAnswered
from watchkeeper.models import Feedback, Plan
from watchkeeper.publish import Publisher


@dataclass
class Gateway:
    """API Gateway, as far as a POST goes."""

    wiring: Callable[[], Wiring]

    def __call__(self, request: Request) -> Reply:
        event = {"httpMethod": request.method, "resource": request.path, "headers": request.headers, "body": request.body.decode()}
        said = answer(event, self.wiring())
        return Reply(said["statusCode"], said["body"].encode(), said["headers"])


@dataclass
class Together:
    """Distribution and the console over one table, with Slack between them."""

    home: House
    slack: SlackWorkspace

    def press(self, action: Button, user: str = "U0ADA", **changed: Any) -> int:
        card = self.slack.messages[0]
        return self.slack.press(card.ts, action, user, **changed).status

    @property
    def answers(self) -> list[ApprovalAnswered]:
        return self.home.outbox.take(ApprovalAnswered)

    @property
    def whispers(self) -> list[Ephemeral]:
        return self.slack.interactivity.ephemerals


@contextmanager
def together() -> Iterator[Together]:
    with house(SLACK) as home:
        slack, base = home.slack, World().wiring
        slack.interactivity.signing_secret = SIGNING
        hooks = home.wiring.means.settings.slack_api_url.removesuffix("/api")
        publisher = Publisher(home.incidents, home.outbox, MemoryAnchors())
        wiring = replace(
            base, incidents=home.incidents, outbox=home.outbox, publisher=publisher, whisper=SlackWhispers(hooks), clock=home.clock
        )
        with Server({"api": Gateway(lambda: wiring)}) as server:
            slack.interactivity.url, slack.interactivity.hooks_url = f"{server.url}/api/slack/interactions", hooks
            yield Together(home, slack)


@pytest.fixture
def asked() -> Iterator[Together]:
    with together() as made:
        made.home.night.opened().analysing().analysed().asked()
        plan = made.home.night.story.plan
        assert isinstance(plan, Plan)
        made.home.incidents.links[link_of(plan.ask_id)] = plan.incident_id
        assert made.home.tell() == []
        yield made


def test_a_button_of_the_posted_card_becomes_an_answer(asked: Together) -> None:
    assert asked.press(Button.APPROVE) == 200
    (said,) = asked.answers
    plan = asked.home.night.story.plan
    assert plan
    assert (said.approver, said.approved, said.ask_id, said.channel) == ("ada", True, plan.ask_id, "C0INCIDENTS")
    assert [(whisper.user, whisper.text.split(".")[0]) for whisper in asked.whispers] == [("U0ADA", "Your approval was taken")]


def test_a_stranger_presses_and_reads_why_it_does_not_count(asked: Together) -> None:
    assert asked.press(Button.APPROVE, "U0MALLORY") == 403
    assert asked.answers == []
    assert "not in people.yaml" in asked.whispers[0].text


def test_once_the_question_is_over_there_is_no_button_to_press(asked: Together) -> None:
    asked.home.night.remediating()
    asked.home.tell()
    with pytest.raises(NoButton):
        asked.press(Button.APPROVE)


def test_useful_and_explain_reach_the_thread(asked: Together) -> None:
    asked.home.night.remediating().succeeded().resolved()
    asked.home.tell()
    before = len(asked.slack.messages[0].replies)
    assert [asked.press(button) for button in (Button.EXPLAIN, Button.RIGHT)] == [200, 200]
    assert [word.right for word in asked.home.incidents.rows(asked.home.night.story.incident.id, Feedback)] == [True]
    asked.home.tell()
    (explained,) = asked.slack.messages[0].replies[before:]
    assert "What lies behind it" in explained.text


def test_an_incident_has_its_own_buttons(asked: Together) -> None:
    """What one card carries cannot be pressed in another's place."""
    channel = {"id": "C0INCIDENTS", "name": "incidents"}
    container = {"type": "message", "message_ts": "1.000001", "channel_id": "C0INCIDENTS"}
    assert asked.press(Button.APPROVE, channel=channel, container=container) == 403
    assert asked.answers == []


def test_the_page_presses_by_a_form_of_its_own(asked: Together) -> None:
    """Another website's form carries another origin, and presses nothing."""
    form = f"ts={asked.slack.messages[0].ts}&action={Button.APPROVE}&user=U0ADA".encode()
    for origin, status in (("https://evil.example", 403), ("null", 403), ("", 403), ("http://127.0.0.1:8080", 303)):
        request = Request("POST", "/press", {}, {"host": "127.0.0.1:8080", "origin": origin}, form)
        assert asked.slack(request).status == status
    assert len(asked.answers) == 1


def test_a_response_url_is_used_up(asked: Together) -> None:
    slack = asked.slack.interactivity
    path = slack.payload("C0INCIDENTS", "1.0", {"action_id": "a"}, "U0ADA")["response_url"].removeprefix(slack.hooks_url)
    said = {"response_type": "ephemeral", "text": "x"}
    assert [slack.respond(path, said)[0] for _ in range(6)] == [200] * 5 + [404]
    assert slack.respond("/actions/T0LOCAL/9/guessed", said) == (404, "no_service")
