"""The answer for one person: only to Slack, without following anybody elsewhere, and never longer than it may take."""

import time
from collections.abc import Iterator

import pytest

from console.whispers import SECONDS, SlackWhispers
from local.standins.http import Reply, Request, Server

TOKENS = "/actions/T0LOCAL/1/abc"


@pytest.mark.parametrize(
    "url",
    [
        "", "http://hooks.slack.com/actions/T/1/x", "https://hooks.slack.com.evil.example/actions/T/1/x",
        "https://evil.example/actions/T/1/x", "https://hooks.slack.com@evil.example/x", "https://ada@hooks.slack.com/actions/T/1/x",
        "https://hooks.slack.com:8443/actions/T/1/x", "https://hooks.slack.com", "//hooks.slack.com/x", "file:///etc/passwd",
        "https://hooks.slack.com\\@evil.example/x", "https://hooks.slack.com/a/../../x", "https://h\u043eoks.slack.com/actions/x",
        "https://169.254.169.254/latest/meta-data", "https://hooks.slack.com:x/y", "https://hooks.slack.com/a\r\nhost: evil",
    ],
)  # fmt: skip
def test_only_slacks_own_addresses_are_called(url: str) -> None:
    assert not SlackWhispers("https://hooks.slack.com").is_slacks(url)


def test_slacks_own_address_is() -> None:
    assert SlackWhispers("https://hooks.slack.com").is_slacks("https://hooks.slack.com/actions/T0LOCAL/1/abc")


class Hooks:
    """Where response_urls lead to: it keeps what it got, and answers as it is told."""

    def __init__(self) -> None:
        self.got: list[dict[str, object]] = []
        self.reply = Reply(200, b"ok")
        self.sleeps = 0.0

    def __call__(self, request: Request) -> Reply:
        time.sleep(self.sleeps)
        self.got.append(request.json())
        return self.reply


@pytest.fixture
def hooks() -> Iterator[tuple[Hooks, str]]:
    made = Hooks()
    with Server({"slack": made}) as server:
        yield made, f"{server.url}/slack"


def test_only_the_presser_reads_it_and_it_mentions_nobody(hooks: tuple[Hooks, str]) -> None:
    made, url = hooks
    SlackWhispers(url)(url + TOKENS, "<!channel> is told")
    assert made.got == [{"response_type": "ephemeral", "replace_original": False, "text": "&lt;!channel&gt; is told"}]


@pytest.mark.parametrize("reply", [Reply(404, b"used_url"), Reply(500, b""), Reply(307, b"", {"location": "/slack/elsewhere"})])
def test_what_slack_does_not_take_is_no_fault_of_the_press(hooks: tuple[Hooks, str], reply: Reply) -> None:
    made, url = hooks
    made.reply = reply
    SlackWhispers(url)(url + TOKENS, "x")
    assert len(made.got) == 1


def test_nobody_there_is_no_fault_either() -> None:
    SlackWhispers("http://127.0.0.1:9")("http://127.0.0.1:9/actions/x", "x")


def test_slack_may_not_keep_us_longer_than_two_seconds(hooks: tuple[Hooks, str]) -> None:
    made, url = hooks
    made.sleeps = SECONDS + 1
    began = time.perf_counter()
    SlackWhispers(url)(url + TOKENS, "x")
    assert time.perf_counter() - began < SECONDS + 0.5
