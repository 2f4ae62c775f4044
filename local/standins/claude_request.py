"""What the Messages API checks of a request before it thinks about it."""

import itertools
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from local.standins.http import Request

TOOL_NAME = re.compile(r"^[a-zA-Z0-9_-]{1,128}$")
EFFORTS = ("low", "medium", "high", "xhigh", "max")
VERSION = re.compile(r"^20\d\d-\d\d-\d\d$")
Body = dict[str, Any]


class Fault(Exception):
    """The request is wrong; status, type and sentence go back to the caller."""

    def __init__(self, says: str, status: int = 400, kind: str = "invalid_request_error") -> None:
        super().__init__(says)
        self.says, self.status, self.kind = says, status, kind


def checked(request: Request) -> Body:
    """The body, if the real API would take the request; raises the first Fault."""
    headers = request.headers
    if not headers.get("x-api-key") and not headers.get("authorization", "").startswith("Bearer "):
        raise Fault("x-api-key header is required", 401, "authentication_error")
    if not VERSION.match(headers.get("anthropic-version", "")):
        raise Fault("anthropic-version: header is required")
    try:
        body = request.json()
    except json.JSONDecodeError as error:
        raise Fault("the request body is not valid JSON") from error
    if not isinstance(body, dict):
        raise Fault("the request body is not a JSON object")
    for look in LOOKS:
        for says in look(body):
            raise Fault(says)
    return body


def _fields(body: Body) -> Iterator[str]:
    if not isinstance(body.get("model"), str) or not body["model"]:
        yield "model: Field required"
    if not isinstance(body.get("max_tokens"), int) or body["max_tokens"] < 1:
        yield "max_tokens: Input should be greater than or equal to 1"
    yield from (f"{gone}: Extra inputs are not permitted" for gone in ("temperature", "top_p", "top_k") if gone in body)


def _roles(body: Body) -> Iterator[str]:
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        yield "messages: at least one message is required"
        return
    roles = [message.get("role") for message in messages]
    if roles[0] != "user":
        yield "messages: first message must use the user role"
    if any(a == b for a, b in itertools.pairwise(roles)) or set(roles) - {"user", "assistant"}:
        yield "messages: roles must alternate between user and assistant"
    if roles[-1] != "user":
        yield "messages: this model does not support assistant message prefill; the conversation must end with a user message"


def _tools(body: Body) -> Iterator[str]:
    """Every tool result answers a tool use of the message right before it."""
    used: set[str] = set()
    for number, message in enumerate(body["messages"]):
        blocks = message["content"] if isinstance(message.get("content"), list) else []
        kinds = [block.get("type") for block in blocks]
        answered = [block.get("tool_use_id") for block in blocks if block.get("type") == "tool_result"]
        if set(answered) != used or len(answered) != len(used):
            yield f"messages.{number}: `tool_use` and `tool_result` ids do not pair up"
        if kinds[: len(answered)] != ["tool_result"] * len(answered):
            yield f"messages.{number}: tool results come once each and before anything else"
        if any(block.get("type") == "text" and not block.get("text") for block in blocks):
            yield f"messages.{number}: text content blocks must be non-empty"
        uses = [block for block in blocks if block.get("type") == "tool_use"]
        if any(not isinstance(use.get("input"), dict) for use in uses):
            yield f"messages.{number}: tool_use.input: Input should be a valid dictionary"
        used = {use.get("id") for use in uses}


def _declared(body: Body) -> Iterator[str]:
    names = [tool.get("name") for tool in body.get("tools", [])]
    if len(set(names)) != len(names):
        yield "tools: Tool names must be unique"
    if not all(isinstance(name, str) and TOOL_NAME.match(name) for name in names):
        yield f"tools: name: String should match pattern '{TOOL_NAME.pattern}'"
    if any(tool.get("input_schema", {}).get("type") != "object" for tool in body.get("tools", [])):
        yield "tools: input_schema.type: Field required"
    if body.get("tool_choice", {}).get("type", "auto") not in {"auto", "none", "any", "tool"}:
        yield "tool_choice: Input tag does not match any of the expected tags"


def _thinking(body: Body) -> Iterator[str]:
    if body.get("thinking", {}).get("type", "adaptive") not in {"adaptive", "disabled", "between_tools"}:
        yield "thinking.type: this model thinks adaptively; `enabled` with a budget is not supported"
    if body.get("output_config", {}).get("effort", "high") not in EFFORTS:
        yield f"output_config.effort: Input should be one of {', '.join(EFFORTS)}"


def _format(body: Body) -> Iterator[str]:
    form = body.get("output_config", {}).get("format")
    if form is None:
        return
    if form.get("type") != "json_schema" or not isinstance(form.get("schema"), dict):
        yield "output_config.format: a json_schema with a schema is required"
    elif not all(_closed(form["schema"])):
        yield "output_config.format.schema: For 'object' type, 'additionalProperties' must be explicitly set to false"


def _closed(schema: Any) -> Iterator[bool]:
    """For every object in the schema: does it allow nothing but its own properties?"""
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            yield schema.get("additionalProperties") is False
        for part in schema.values():
            yield from _closed(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from _closed(part)


LOOKS: tuple[Callable[[Body], Iterator[str]], ...] = (_fields, _roles, _declared, _tools, _thinking, _format)
