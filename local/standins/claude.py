"""A stand-in for Claude's Messages API. It refuses what the real one would refuse, and it does not think.

What it answers is made by a table of patterns over the evidence in the request, so that the way from evidence to checked
citation is real; every summary says that no model ran. It streams where it is asked to, and uses tools where it may and the
evidence does not tell. Of a plan it says whether its parameters look wild.
It can be told to misbehave: POST /control {"mode": …, "times": n, "script": [[{"name", "input"}]]}.
"""

import json
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from local.standins.claude_opinion import is_about_a_plan, opinion
from local.standins.claude_request import Fault, checked
from local.standins.claude_shape import shaped
from local.standins.claude_stream import TROUBLES, streamed
from local.standins.claude_thought import invented, thought
from local.standins.claude_tools import Conversations, Use, may_use, unused, wanted
from local.standins.http import Reply, Request

LONGEST_HANG_SECONDS = 60.0

Body = dict[str, Any]


@dataclass(frozen=True)
class Seen:
    """One request, and what became of it, for the page."""

    mode: str
    status: int
    body: Any
    says: str


@dataclass
class ClaudeStandIn:
    """Answers under `/v1/messages`. `mode` is how; after `times` answers it is `ok` again, never if that is none.

    `script` has the tools to ask for, turn by turn, wherever it may use tools; before it is over nothing else is said.
    """

    mode: str = "ok"
    times: int | None = None
    script: list[list[Use]] = field(default_factory=list)
    requests: list[Seen] = field(default_factory=list)
    conversations: Conversations = field(default_factory=Conversations)
    _released: threading.Event = field(default_factory=threading.Event)

    def __call__(self, request: Request) -> Reply:
        if request.path == "/control" and request.method == "POST":
            order = request.json()
            return self.behave(order.get("mode", "ok"), order.get("times"), order.get("script"))
        if request.path != "/v1/messages" or request.method != "POST":
            return _error(404, "not_found_error", f"there is no {request.method} {request.path}")
        mode = self._next_mode()
        try:
            body = checked(request)
            self.conversations.check(body)
            reply = MODES[mode](body, self)
        except Fault as fault:
            body = {"unread": request.body.decode(errors="replace")[:2000]}
            reply = _error(fault.status, fault.kind, fault.says)
        self.requests.append(Seen(mode, reply.status, body, _says(reply)))
        return self._streamed(reply, mode) if body.get("stream") else reply

    @property
    def calls(self) -> Counter[int]:
        """How many answers there were of each status."""
        return Counter(seen.status for seen in self.requests)

    def behave(self, mode: str, times: int | None = None, script: list[list[Use]] | None = None) -> Reply:
        if mode not in MODES:
            return _error(400, "invalid_request_error", f"mode is one of {', '.join(sorted(MODES))}")
        self.mode, self.times, self.script = mode, times, script or []
        return Reply(200, {"mode": mode, "times": times})

    def release(self) -> None:
        """Ends every hanging answer."""
        self._released.set()

    def hang(self) -> None:
        self._released.wait(LONGEST_HANG_SECONDS)

    def _streamed(self, reply: Reply, mode: str) -> Reply:
        if not isinstance(reply.body, dict) or "content" not in reply.body:
            return reply
        events = streamed(reply.body)
        if mode in TROUBLES:
            events = TROUBLES[mode](list(events), lambda seconds: self._released.wait(seconds or LONGEST_HANG_SECONDS))
        return replace(reply, body=events, headers=reply.headers | {"content-type": "text/event-stream; charset=utf-8"})

    def _next_mode(self) -> str:
        mode = self.mode
        if self.times is not None:
            self.times -= 1
            if self.times <= 0:
                self.mode, self.times = "ok", None
        return mode


def _error(status: int, kind: str, says: str, headers: dict[str, str] | None = None, **details: str) -> Reply:
    error: Body = {"type": kind, "message": says} | ({"details": details} if details else {})
    return Reply(status, {"type": "error", "error": error, "request_id": "req_standin"}, headers or {})


def _answer(body: Body, standin: ClaudeStandIn) -> Reply:
    """Tools first, where it may use some and the script or its curiosity wants it; else what it makes of the evidence."""
    if may_use(body):
        uses = standin.script.pop(0) if standin.script else wanted(body)
        if uses:
            return _uses(body, standin, uses)
    return _text(body, json.dumps(shaped(opinion(body) if is_about_a_plan(body) else thought(body), body)))


def _objecting(objection: str) -> Callable[[Body, "ClaudeStandIn"], Reply]:
    """To a plan that it is shown; everything else is answered as ever."""

    def answer(body: Body, standin: ClaudeStandIn) -> Reply:
        return _text(body, json.dumps(opinion(body, objection))) if is_about_a_plan(body) else _answer(body, standin)

    return answer


def _tools_first(body: Body, standin: ClaudeStandIn) -> Reply:
    """One tool use at the start of every conversation, needed or not."""
    begun = standin.conversations.begun(body)
    uses = unused(body) if may_use(body) and not begun else []
    return _uses(body, standin, uses) if uses else _answer(body, standin)


def _uses(body: Body, standin: ClaudeStandIn, uses: list[Use]) -> Reply:
    return _message(body, standin.conversations.turn(uses), "tool_use")


def _text(body: Body, text: str, stop: str = "end_turn", **more: Any) -> Reply:
    return _message(body, [{"type": "text", "text": text}] if text else [], stop, **more)


def _message(body: Body, content: list[Body], stop: str, **more: Any) -> Reply:
    usage = {"input_tokens": len(json.dumps(body)) // 4, "output_tokens": max(1, len(json.dumps(content)) // 4)}
    usage |= {"cache_creation_input_tokens": 0, "cache_read_input_tokens": 0}
    message = {"id": "msg_standin", "type": "message", "role": "assistant", "model": body["model"], "content": content}
    message |= {"stop_reason": stop, "stop_sequence": None, "usage": usage, **more}
    return Reply(200, message, {"request-id": "req_standin"})


def _hung(body: Body, standin: ClaudeStandIn) -> Reply:
    standin.hang()
    return _answer(body, standin)


MODES: dict[str, Callable[[Body, ClaudeStandIn], Reply]] = {
    "ok": _answer,
    "tools_first": _tools_first,
    "hesitates": _objecting("ask"),
    "objects": _objecting("refuse"),
    "overloaded": lambda *_: _error(529, "overloaded_error", "Overloaded"),
    "broken": lambda *_: _error(500, "api_error", "Internal server error"),
    "rate_limited": lambda *_: _error(429, "rate_limit_error", "Too many tokens in this hour", {"retry-after": "3600"}),
    "rate_limited_briefly": lambda *_: _error(429, "rate_limit_error", "Too many requests", {"retry-after": "1"}),
    "spend_cap": lambda *_: _error(429, "rate_limit_error", "Spend limit reached", error_code="enforced_spend_limit_reached"),
    "refusal": lambda body, _: _text(body, "", "refusal", stop_details={"type": "refusal", "category": "cyber", "explanation": None}),
    "context_exceeded": lambda body, _: _text(body, "", "model_context_window_exceeded"),
    "truncated": lambda body, _: _text(body, json.dumps(thought(body))[:200], "max_tokens"),
    "invalid_json": lambda body, _: _text(body, "Certainly! The root cause is the CPU."),
    "wrong_shape": lambda body, _: _text(body, json.dumps({"summary": "too little", "confidence": 7})),
    "paused": lambda body, _: _text(body, json.dumps(thought(body)), "pause_turn"),
    "not_a_message": lambda *_: Reply(200, {"hello": "there"}),
    "not_json": lambda *_: Reply(200, b"<html>a proxy in between</html>", {"content-type": "text/html"}),
    "invented_citation": lambda body, _: _text(body, json.dumps(shaped(invented(body), body))),
    "nameless_tool": lambda body, standin: _uses(body, standin, [{"name": "", "input": {}}]),
    "mad_tool_use": lambda body, standin: _uses(body, standin, [{"name": body["tools"][0]["name"], "input": ["not", "an", "object"]}]),
    "no_tool_use": lambda body, _: _text(body, "I will look.", "tool_use"),
    "hang": _hung,
    **dict.fromkeys(TROUBLES, _answer),
}


def _says(reply: Reply) -> str:
    """One line for the page."""
    body = reply.body if isinstance(reply.body, dict) else {}
    if "error" in body:
        return f"{body['error']['type']}: {body['error']['message']}"
    text = "".join(block.get("text", "") for block in body.get("content", []))
    return f"{body.get('stop_reason', 'no message')}: {text[:200]}"
