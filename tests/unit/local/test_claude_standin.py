"""The stand-in for Claude refuses what the real API refuses, answers in the shape that is asked for, and behaves as it is told."""

from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from local.standins.claude_shape import shaped
from local.standins.claude_stream import streamed
from tests.fakes.claude_side import a_question, an_adapter, standing_in

Body = dict[str, Any]
USE = {"type": "tool_use", "id": "toolu_77", "name": "read_evidence", "input": {"evidence_id": "E1"}}
RESULT = {"type": "tool_result", "tool_use_id": "toolu_77", "content": "{}"}


def _open_schema(body: Body) -> Body:
    schema = {key: value for key, value in body["output_config"]["format"]["schema"].items() if key != "additionalProperties"}
    return body | {"output_config": {"format": {"type": "json_schema", "schema": schema}}}


def _with_tool(name: str, schema: Body) -> Callable[[Body], Body]:
    return lambda body: body | {"tools": [*body["tools"], {"name": name, "input_schema": schema}]}


def _said(*blocks: Body) -> Callable[[Body], Body]:
    """The conversation goes on with a tool use, and these blocks for an answer."""
    return lambda body: (
        body | {"messages": [*body["messages"], {"role": "assistant", "content": [USE]}, {"role": "user", "content": list(blocks)}]}
    )


@pytest.mark.parametrize(
    ("spoil", "headers", "status"),
    [
        pytest.param(lambda body: body, {"authorization": ""}, 401, id="no key"),
        pytest.param(lambda body: body, {"anthropic-version": ""}, 400, id="no version"),
        pytest.param(lambda body: {k: v for k, v in body.items() if k != "model"}, {}, 400, id="no model"),
        pytest.param(lambda body: body | {"max_tokens": 0}, {}, 400, id="no tokens"),
        pytest.param(lambda body: body | {"temperature": 0}, {}, 400, id="a parameter that is gone"),
        pytest.param(lambda body: body | {"thinking": {"type": "enabled"}}, {}, 400, id="a way to think that is gone"),
        pytest.param(lambda body: body | {"output_config": {"effort": "heroic"}}, {}, 400, id="an effort that there is not"),
        pytest.param(lambda body: body | {"messages": body["messages"][1:]}, {}, 400, id="the assistant first"),
        pytest.param(lambda body: body | {"messages": body["messages"][:2]}, {}, 400, id="the assistant last"),
        pytest.param(lambda body: body | {"messages": body["messages"][:1] * 2}, {}, 400, id="twice the same role"),
        pytest.param(lambda body: body | {"messages": [*body["messages"][:2], *body["messages"][:1]]}, {}, 400, id="no results"),
        pytest.param(_said({"type": "text", "text": "so what?"}), {}, 400, id="words for a result"),
        pytest.param(_said({"type": "text", "text": "here:"}, RESULT), {}, 400, id="words before a result"),
        pytest.param(_said(RESULT, RESULT), {}, 400, id="a result twice"),
        pytest.param(_said(RESULT, {"type": "text", "text": ""}), {}, 400, id="an empty text"),
        pytest.param(lambda body: body | {"tools": []}, {}, 400, id="tools not declared"),
        pytest.param(lambda body: body | {"tools": body["tools"] * 2}, {}, 400, id="a tool twice"),
        pytest.param(_with_tool("a b", {"type": "object"}), {}, 400, id="a bad name"),
        pytest.param(_with_tool("ab", {}), {}, 400, id="a tool without arguments' shape"),
        pytest.param(lambda body: body | {"tool_choice": {"type": "maybe"}}, {}, 400, id="a choice that there is not"),
        pytest.param(_open_schema, {}, 400, id="an open schema"),
    ],
)  # fmt: skip
def test_the_stand_in_refuses_what_the_real_api_refuses(spoil: Callable[[Body], Body], headers: dict[str, str], status: int) -> None:
    with standing_in() as (standin, url):
        an_adapter(url).ask(a_question(), 20)
        good = {"authorization": "Bearer sk-test", "anthropic-version": "2026-10-21"}
        body = standin.requests[0].body
        assert httpx2.post(f"{url}/v1/messages", json=body, headers=good).status_code == 200
        assert httpx2.post(f"{url}/v1/messages", json=_said(RESULT)(body), headers=good).status_code == 200
        reply = httpx2.post(f"{url}/v1/messages", json=spoil(body), headers=good | headers)
    assert reply.status_code == status
    assert reply.json()["error"]["message"]


def test_the_stand_in_is_told_how_to_behave_over_http() -> None:
    script = [[{"name": "read_evidence", "input": {"evidence_id": "E2"}}]]
    with standing_in() as (standin, url):
        assert httpx2.post(f"{url}/control", json={"mode": "overloaded", "times": 1, "script": script}).status_code == 200
        assert (standin.mode, standin.times, standin.script) == ("overloaded", 1, script)
        assert httpx2.post(f"{url}/control", json={"mode": "sulk"}).status_code == 400


def test_without_stream_it_answers_in_one_piece() -> None:
    with standing_in() as (standin, url):
        an_adapter(url).ask(a_question(), 20)
        body = {key: value for key, value in standin.requests[0].body.items() if key != "stream"}
        good = {"authorization": "Bearer sk-test", "anthropic-version": "2026-10-21"}
        reply = httpx2.post(f"{url}/v1/messages", json=body, headers=good).json()
    assert (reply["stop_reason"], reply["content"][0]["type"]) == ("end_turn", "text")


def test_a_stream_has_the_events_of_the_real_api_in_their_order() -> None:
    use = {"type": "tool_use", "id": "t", "name": "n", "input": {"a": "b" * 50}}
    message = {
        "content": [{"type": "text", "text": "x" * 50}, use],
        "stop_reason": "tool_use",
        "usage": {"input_tokens": 3, "output_tokens": 7},
    }
    kinds = [piece.split(b"\n")[0].removeprefix(b"event: ").decode() for piece in streamed(message)]
    text = ["content_block_start", "content_block_delta", "content_block_delta", "content_block_stop"]
    tool = ["content_block_start", *["content_block_delta"] * 3, "content_block_stop"]
    assert kinds == ["message_start", "ping", *text, *tool, "message_delta", "message_stop"]


def test_an_answer_is_fitted_to_the_schema_that_is_asked_for() -> None:
    """What the schema does not know is left out, what it requires besides is filled with the least there is."""
    other = {"type": "object", "properties": {"kind": {"enum": ["a", "b"]}}, "required": ["kind"]}
    properties = {"cause": {"type": "string"}, "faith": {"type": "number"}, "others": {"type": "array"}, "one": {"$ref": "#/$defs/Other"}}
    schema = {"$defs": {"Other": other}, "type": "object", "properties": properties, "required": list(properties)}
    body = {"output_config": {"format": {"type": "json_schema", "schema": schema}}}
    assert shaped({"cause": "unknown", "mood": "good"}, body) == {"cause": "unknown", "faith": 1, "others": [], "one": {"kind": "a"}}
