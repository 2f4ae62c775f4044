"""A tool is called once for a token, where it is marked as this action, and not otherwise: against a real MCP server on loopback."""

import os
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from mcp_client.servers import Servers
from tests.fakes.mcp_side import SECRET, Strict, all_of, registered, said, strict_server, tool
from tests.fakes.memory import TickingClock
from tests.fakes.moto_stack import REGION, Context
from tests.fakes.tables import create_tables
from tests.fakes.toolbox import MemoryJournal
from toolbox import handler
from toolbox.asked import Asked
from toolbox.journal import DynamoJournal, Entry, Journal
from toolbox.service import use
from toolbox.wiring import Wiring, wiring
from watchkeeper.errors import BadPayload, Permanent

TOKEN = "0e0ff6a3-0d55-4a54-9d43-93a4a6bd6b0c"
TOOLS = {"restart": "action:mcp-tool", "search_*": "read", "merge": "action:github-revert"}


@pytest.fixture(scope="module")
def server() -> Iterator[Strict]:
    with strict_server(Strict()) as running:
        yield running


@pytest.fixture
def strict(server: Strict) -> Strict:
    server.tools = [tool("restart"), tool("search_code"), tool("merge"), tool("delete_everything")]
    server.answer = lambda name, given: said(f"{name} of {given['q']}")
    server.calls.clear()
    return server


def world(strict: Strict, journal: Journal | None = None) -> Wiring:
    servers = Servers(lambda: all_of(registered(strict.url, tools=TOOLS)), lambda: {"mcp": SECRET})
    return Wiring(servers, journal or MemoryJournal(), lambda text: text.replace("hunter2", "[secret]"))


def asked(**but: Any) -> Asked:
    return Asked.model_validate({"server": "github", "tool": "restart", "arguments": {"q": "shop/web"}, "token": TOKEN, **but})


def test_a_marked_tool_is_called(strict: Strict) -> None:
    answer = use(asked(), world(strict))
    assert (answer.text, answer.failed, answer.again) == ("restart of shop/web", False, False)
    assert strict.calls == [("restart", {"q": "shop/web"})]


def test_the_same_token_calls_once_and_is_answered_the_same(strict: Strict) -> None:
    wired = world(strict)
    first, second = use(asked(), wired), use(asked(), wired)
    assert (second.text, second.again) == (first.text, True)
    assert len(strict.calls) == 1


def test_a_token_belongs_to_one_call(strict: Strict) -> None:
    wired = world(strict)
    use(asked(), wired)
    with pytest.raises(BadPayload, match="another call"):
        use(asked(arguments={"q": "shop/db"}), wired)
    assert len(strict.calls) == 1


def test_who_died_in_the_middle_leaves_a_token_that_calls_nothing(strict: Strict) -> None:
    journal = MemoryJournal()
    journal.begin(TOKEN, asked().digest)
    with pytest.raises(Permanent, match="its end is not known"):
        use(asked(), world(strict, journal))
    assert strict.calls == []


@pytest.mark.parametrize(
    ("but", "why"),
    [
        ({"tool": "search_code"}, "not marked"),
        ({"tool": "merge"}, "not marked"),
        ({"tool": "delete_everything"}, "not marked"),
        ({"server": "gitlab"}, "no MCP server is registered"),
        ({"arguments": {"x": "y"}}, "nothing was sent"),
        ({"arguments": {}}, "nothing was sent"),
    ],
)
def test_everything_else_is_refused_and_leaves_no_trace(strict: Strict, but: dict[str, Any], why: str) -> None:
    journal = MemoryJournal()
    with pytest.raises(BadPayload, match=why):
        use(asked(**but), world(strict, journal))
    assert (strict.calls, journal.entries) == ([], {})


def test_a_tool_that_is_gone_is_not_called(strict: Strict) -> None:
    strict.tools = [tool("search_code")]
    with pytest.raises(Permanent, match="offers no tool restart"):
        use(asked(), world(strict))


def test_a_tool_that_changed_since_it_was_looked_at_is_not_called_and_that_is_known(strict: Strict) -> None:
    wired = world(strict)
    wired.servers.offers(5)
    strict.tools = [tool("restart", schema={"type": "object", "properties": {"q": {"type": "string"}, "force": {"type": "boolean"}}})]
    answer = use(asked(), wired)
    assert (answer.failed, strict.calls) == (True, [])
    assert "not called" in answer.text
    assert use(asked(), wired).again


def test_a_server_that_breaks_off_leaves_it_open(strict: Strict) -> None:
    """Whether it was done is not known, so the same token is told so and the tool is not called again."""

    def breaks(name: str, given: dict[str, Any]) -> Any:
        raise ConnectionError("gone")

    strict.answer = breaks
    wired = world(strict)
    with pytest.raises(Permanent, match="whether it was done is not known"):
        use(asked(), wired)
    assert len(strict.calls) == 1
    with pytest.raises(Permanent, match="its end is not known"):
        use(asked(), wired)
    assert len(strict.calls) == 1


def test_what_the_tool_says_is_bounded_and_its_failure_is_one(strict: Strict) -> None:
    strict.answer = lambda *_: said("hunter2 " + "x" * 5000, is_error=True)
    answer = use(asked(), world(strict))
    assert answer.failed
    assert answer.text.startswith("[secret] ")
    assert len(answer.text) == 1000


@pytest.fixture
def dynamo() -> Iterator[DynamoJournal]:
    with mock_aws():
        client = boto3.client("dynamodb", region_name=REGION, aws_access_key_id="t", aws_secret_access_key="t")
        create_tables(client)
        yield DynamoJournal(client, "incidents", TickingClock())


@pytest.mark.parametrize("kind", ["memory", "dynamo"])
def test_both_journals_keep_the_same_promise(kind: str, request: pytest.FixtureRequest) -> None:
    journal: Journal = MemoryJournal() if kind == "memory" else request.getfixturevalue("dynamo")
    assert journal.begin(TOKEN, "d") is None
    assert journal.begin(TOKEN, "d") == Entry("d", "")
    assert journal.begin(TOKEN, "other") == Entry("d", "")
    journal.end(TOKEN, "{}")
    assert journal.begin(TOKEN, "d") == Entry("d", "{}")


@pytest.mark.parametrize(
    "event",
    [{}, {"server": "s", "tool": "t", "token": "1"}, {"server": "s", "tool": "t", "token": TOKEN, "extra": 1},
     {"server": "s", "tool": "t", "token": TOKEN, "arguments": {"q": {"deep": 1}}}],
)  # fmt: skip
def test_the_handler_takes_a_typed_request_only(event: dict[str, Any]) -> None:
    with pytest.raises(BadPayload, match="not a call of a tool"):
        handler.lambda_handler(event, Context())  # type: ignore[arg-type]  # as much of a context as is read


def test_the_wiring_is_put_together_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in {"INCIDENTS_TABLE": "incidents", "TOOLBOX_SECRET_ID": "toolbox", "AWS_DEFAULT_REGION": REGION}.items():
        monkeypatch.setenv(name, value)
    wiring.cache_clear()
    try:
        assert wiring().redact("nothing to hide") == "nothing to hide"
    finally:
        wiring.cache_clear()
