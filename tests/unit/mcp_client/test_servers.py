"""The client against a strict server made of the SDK's own, and against one that lies: what comes of it, and what never does."""

import json
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import anyio
import mcp_types as types
import pytest

from mcp_client.door import Door
from mcp_client.errors import Down, McpFailed, Strange, Unlike
from mcp_client.servers import Offer, Offers, Servers
from mcp_client.session import MOST_TEXT
from tests.fakes.mcp_side import PLAIN, SECRET, Lie, Strict, all_of, lying_server, registered, said, strict_server, tool
from watchkeeper.mcp_servers import McpServer


def dial(*servers: McpServer, **but: Any) -> Servers:
    return Servers(lambda: all_of(*servers), lambda: {"mcp": SECRET}, **but)


def names(offers: Offers) -> list[str]:
    return [one.tool.name for one in offers.tools]


@pytest.fixture(scope="module")
def server() -> Iterator[Strict]:
    with strict_server(Strict()) as running:
        yield running


@pytest.fixture
def strict(server: Strict) -> Strict:
    server.tools = [tool("search_code"), tool("list_commits"), tool("merge"), tool("delete_everything")]
    server.answer = lambda name, given: said(f"{name} of {given}")
    server.page, server.refused = 50, 0
    server.calls.clear()
    server.requests.clear()
    return server


def first(servers: Servers) -> Offer:
    return servers.offers(5).tools[0]


def test_what_the_team_lists_is_offered_and_nothing_else(strict: Strict) -> None:
    offers = dial(registered(strict.url)).offers(5)
    assert names(offers) == ["search_code", "list_commits", "merge"]
    assert [one.action for one in offers.tools] == ["", "", "github-revert"]
    assert offers.missing == ()


def test_a_tool_is_called_and_the_secret_goes_with_it(strict: Strict) -> None:
    servers = dial(registered(strict.url))
    assert servers.call(first(servers), {"q": "x"}, 5).text == "search_code of {'q': 'x'}"
    assert strict.calls == [("search_code", {"q": "x"})]
    assert strict.refused == 0


def test_a_list_in_pages_is_read_whole(strict: Strict) -> None:
    strict.tools, strict.page = [tool(f"search_{n}") for n in range(7)], 2
    assert len(dial(registered(strict.url)).offers(5).tools) == 7


@pytest.mark.parametrize(("legacy", "packed"), [(True, True), (True, False), (False, False)])
def test_both_generations_of_the_protocol_are_spoken(*, legacy: bool, packed: bool) -> None:
    with strict_server(Strict(tools=[tool("search_code")]), legacy=legacy, packed=packed) as strict:
        servers = dial(registered(strict.url))
        assert servers.call(first(servers), {"q": "x"}, 5).text
        initialized = any("mcp-session-id" in headers for headers in strict.requests)
        assert initialized is legacy


def test_annotations_mean_nothing(strict: Strict) -> None:
    harmless = types.ToolAnnotations(read_only_hint=True)
    strict.tools = [tool("merge", "Only reads.", annotations=harmless), tool("drop_all", annotations=harmless)]
    offers = dial(registered(strict.url)).offers(5)
    assert [(one.tool.name, one.action) for one in offers.tools] == [("merge", "github-revert")]


def test_a_tool_that_acts_is_never_called(strict: Strict) -> None:
    servers = dial(registered(strict.url))
    acts = next(one for one in servers.offers(5).tools if one.action)
    with pytest.raises(AssertionError):
        servers.call(acts, {"q": "x"}, 5)
    assert strict.calls == []


@pytest.mark.parametrize("then", [[], [tool("search_code", schema={**PLAIN, "required": []})]])
def test_a_tool_that_changed_since_it_was_offered_is_not_called(then: list[types.Tool], strict: Strict) -> None:
    servers = dial(registered(strict.url))
    offer = first(servers)
    strict.tools = then
    with pytest.raises(Unlike):
        servers.call(offer, {"q": "x"}, 5)
    assert strict.calls == []
    assert len(servers.offers(5).tools) == len(then)  # looked at anew, not left alone


def test_only_text_is_taken_and_the_rest_is_counted(strict: Strict) -> None:
    image = types.ImageContent(type="image", data="AAAA", mime_type="image/png")
    link = types.ResourceLink(type="resource_link", name="x", uri="http://169.254.169.254/latest")
    strict.answer = lambda *_: types.CallToolResult(content=[types.TextContent(type="text", text="one"), image, link, image])
    servers = dial(registered(strict.url))
    result = servers.call(first(servers), {"q": "x"}, 5)
    assert (result.text, result.aside) == ("one", {"image": 2, "resource_link": 1})


def test_an_answer_is_cut_at_its_bound(strict: Strict) -> None:
    strict.answer = lambda *_: said("word " * 20 + "\n", *["line\n" * 30_000] * 3)
    servers = dial(registered(strict.url))
    result = servers.call(first(servers), {"q": "x"}, 5)
    assert result.cut
    assert len(result.text.encode()) <= MOST_TEXT


def test_a_tool_that_says_that_it_failed_is_no_trouble_with_the_server(strict: Strict) -> None:
    strict.answer = lambda *_: said("no such repository", is_error=True)
    servers = dial(registered(strict.url))
    assert servers.call(first(servers), {"q": "x"}, 5).failed
    assert servers.call(first(servers), {"q": "x"}, 5).failed


def test_what_the_server_calls_its_output_schema_is_not_run(strict: Strict) -> None:
    """A pattern that takes a backtracking engine for ever, held against an answer made for it."""
    trap = {"type": "object", "properties": {"x": {"type": "string", "pattern": "^(a+)+$"}}}
    strict.tools = [tool("search_code", output_schema=trap)]
    strict.answer = lambda *_: said("done", structured_content={"x": "a" * 40 + "!"})
    servers = dial(registered(strict.url))
    assert servers.call(first(servers), {"q": "x"}, 5).text == "done"


def test_a_wrong_secret_is_said_as_such(strict: Strict) -> None:
    offers = Servers(lambda: all_of(registered(strict.url)), lambda: {"mcp": "wrong"}).offers(5)
    assert "refuses us with HTTP 401" in offers.missing[0]


def test_a_secret_that_is_not_there_is_said_and_nothing_is_sent(strict: Strict) -> None:
    offers = Servers(lambda: all_of(registered(strict.url)), dict).offers(5)
    assert "tools secret: mcp" in offers.missing[0]
    assert strict.requests == []


def test_proxies_of_the_environment_are_not_used(strict: Strict, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert names(dial(registered(strict.url)).offers(5)) != []


def test_the_name_is_resolved_once_for_each_conversation_and_the_address_is_kept(strict: Strict) -> None:
    """A name that leads elsewhere when asked again: what was judged is what is connected to."""
    asked: list[str] = []

    def turning(host: str, _: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["169.254.169.254"]

    offers = dial(registered(strict.url), resolve=turning).offers(5)
    assert names(offers) != []
    assert asked == ["localhost"]


def test_a_hostile_schema_takes_its_tool_out_and_no_other(strict: Strict) -> None:
    loop = {"type": "object", "properties": {"q": {"$ref": "#/properties/q"}}}
    strict.tools = [tool("search_code", schema=loop), tool("list_commits")]
    offers = dial(registered(strict.url)).offers(5)
    assert names(offers) == ["list_commits"]
    assert "'search_code' is not offered, its schema refers to itself" in offers.missing[0]


def test_nothing_is_imported_or_asked_where_no_server_is_registered() -> None:
    assert Servers().offers(5) == Offers()


# ---------------------------------------------------------------- servers that lie


def answering(body: bytes, content_type: str = "application/json", status: int = 200, **headers: str) -> Lie:
    def lie(to: BaseHTTPRequestHandler, _: bytes) -> None:
        to.send_response(status)
        for name, value in {"content-type": content_type, "content-length": str(len(body)), **headers}.items():
            to.send_header(name.replace("_", "-"), value)
        to.end_headers()
        to.wfile.write(body)

    return lie


def silence(to: BaseHTTPRequestHandler, _: bytes) -> None:
    time.sleep(1.2)


def trickle(to: BaseHTTPRequestHandler, _: bytes) -> None:
    """A stream that never ends, a little at a time, so that no read ever waits long."""
    to.send_response(200)
    to.send_header("content-type", "text/event-stream")
    to.end_headers()
    for _beat in range(60):
        to.wfile.write(b": still here\n\n")
        to.wfile.flush()
        time.sleep(0.03)


def flood(to: BaseHTTPRequestHandler, _: bytes) -> None:
    to.send_response(200)
    to.send_header("content-type", "application/json")
    to.end_headers()
    for _piece in range(400):
        to.wfile.write(b" " * 65_536)


def endless_pages(to: BaseHTTPRequestHandler, body: bytes) -> None:
    asked = json.loads(body or b"{}")
    results: dict[str, Any] = {
        "server/discover": {
            "supportedVersions": ["2026-07-28"],
            "capabilities": {"tools": {}},
            "resultType": "complete",
            "ttlMs": 0,
            "cacheScope": "public",
        },
        "tools/list": {"tools": [], "nextCursor": str(time.monotonic_ns()), "resultType": "complete", "ttlMs": 0, "cacheScope": "public"},
    }
    answering(json.dumps({"jsonrpc": "2.0", "id": asked.get("id"), "result": results.get(asked.get("method"), {})}).encode())(to, body)


@pytest.mark.parametrize(
    ("lie", "says"),
    [
        pytest.param(answering(b"<html>hello</html>", "text/html"), "error", id="a web page"),
        pytest.param(answering(b"{]"), "error", id="garbage"),
        pytest.param(answering(b'{"jsonrpc": "2.0", "id": 99, "result": {}}'), "no answer in", id="an answer to somebody else"),
        pytest.param(answering(b"[" * 100_000), "error", id="brackets"),
        pytest.param(answering(b"", status=503), "HTTP 503", id="out of order"),
        pytest.param(answering(b"\x1f\x8b", content_encoding="gzip"), "packs its answers", id="packed"),
        pytest.param(silence, "no answer in", id="silence"),
        pytest.param(trickle, "no answer in", id="a stream without end"),
        pytest.param(flood, "longer than", id="a flood"),
        pytest.param(endless_pages, "does not end", id="a list without end"),
    ],
)
def test_a_server_that_lies_is_missing_with_a_sentence_and_in_time(lie: Lie, says: str, strict: Strict) -> None:
    with lying_server(lie) as url:
        began = time.monotonic()
        offers = dial(registered(url, "liar", timeout=0.6), registered(strict.url)).offers(5)
        took = time.monotonic() - began
    assert names(offers) == ["search_code", "list_commits", "merge"]
    assert len(offers.missing) == 1
    assert says in offers.missing[0]
    assert "hello" not in offers.missing[0]
    assert took < 3


def test_a_redirect_to_another_origin_gets_neither_request_nor_secret(strict: Strict) -> None:
    seen: list[str] = []

    def elsewhere(to: BaseHTTPRequestHandler, _: bytes) -> None:
        seen.append(to.headers.get("authorization", ""))
        answering(b"{}")(to, b"")

    with lying_server(elsewhere) as other, lying_server(answering(b"", status=307, location=other)) as url:
        offers = dial(registered(url, timeout=1)).offers(5)
    assert "gets nothing" in offers.missing[0]
    assert seen == []


def test_the_way_out_leads_to_the_registered_origin_alone(strict: Strict) -> None:
    """Whatever the SDK may one day follow: the request and the secret stay here."""
    port = int(strict.url.split(":")[2].split("/")[0])
    door = Door("http", "localhost", port, "127.0.0.1", {"authorization": f"Bearer {SECRET}"})

    async def status(url: str) -> int:
        from mcp_client.through import client_through

        async with client_through(door, 2) as http:
            return (await http.get(url, headers={"authorization": "Bearer of somebody else"})).status_code

    assert anyio.run(status, f"http://localhost:{port}/nowhere") == 404  # known there, so the right secret came
    for url in (f"http://127.0.0.1:{port}/", f"https://localhost:{port}/", "http://localhost:9/", "http://evil.example/"):
        with pytest.raises(Strange):
            anyio.run(status, url)


def test_a_server_that_is_down_is_left_alone_for_a_minute_and_then_asked_again(strict: Strict) -> None:
    now = [1000.0]
    asked: list[bytes] = []

    def out_of_order(to: BaseHTTPRequestHandler, body: bytes) -> None:
        asked.append(body)
        answering(b"", status=503)(to, body)

    with lying_server(out_of_order) as url:
        servers = dial(registered(url), ticks=lambda: now[0])
        servers.offers(5)
        before = len(asked)
        now[0] += 59
        assert "left alone for 1 s more" in servers.offers(5).missing[0]
        assert len(asked) == before > 0
        now[0] += 2
        servers.offers(5)
        assert len(asked) > before


def test_a_call_that_fails_leaves_the_server_alone(strict: Strict) -> None:
    servers = dial(registered(strict.url, timeout=0.5))
    offer = first(servers)

    def slow(*_: Any) -> types.CallToolResult:
        time.sleep(1)
        return said("late")

    strict.answer = slow
    with pytest.raises(Down):
        servers.call(offer, {"q": "x"}, 5)
    with pytest.raises(McpFailed) as failed:
        servers.call(offer, {"q": "x"}, 5)
    assert not isinstance(failed.value, Down | Strange)
