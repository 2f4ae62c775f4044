"""A stand-in for Claude's Messages API. It refuses what the real one would refuse, and it does not think.

What it answers is made by a table of patterns over the evidence in the request, so that the way from evidence to checked
citation is real; every summary says that no model ran. It can be told to misbehave: POST /control {"mode": …, "times": n}.
"""

import json
import re
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from local.standins.claude_request import Fault, checked
from local.standins.http import Reply, Request

LONGEST_HANG_SECONDS = 60.0
SIGNS = (
    (re.compile(r"OutOfMemory|exit code 137|oom-?kill", re.IGNORECASE), "out_of_memory", ""),
    (re.compile(r"exited with code [1-9]|Essential container in task exited|running 0\b"), "crash_loop", "ecs-redeploy"),
    (re.compile(r"CPUUtilization.*alarm line|^\d+ points .* max 9\d"), "cpu_saturation", "ec2-restart"),
)
ALSO = re.compile(r"^first crossing at |^ec2:instance |^ecs:service ")


@dataclass(frozen=True)
class Seen:
    """One request, and what became of it, for the page."""

    mode: str
    status: int
    body: Any
    says: str


@dataclass
class ClaudeStandIn:
    """Answers under `/v1/messages`. `mode` is how; after `times` answers it is `ok` again, never if that is none."""

    mode: str = "ok"
    times: int | None = None
    requests: list[Seen] = field(default_factory=list)
    _released: threading.Event = field(default_factory=threading.Event)

    def __call__(self, request: Request) -> Reply:
        if request.path == "/control" and request.method == "POST":
            order = request.json()
            return self.behave(order.get("mode", "ok"), order.get("times"))
        if request.path != "/v1/messages" or request.method != "POST":
            return _error(404, "not_found_error", f"there is no {request.method} {request.path}")
        mode = self._next_mode()
        try:
            body = checked(request)
            reply = MODES[mode](body, self)
        except Fault as fault:
            body = {"unread": request.body.decode(errors="replace")[:2000]}
            reply = _error(fault.status, fault.kind, fault.says)
        self.requests.append(Seen(mode, reply.status, body, _says(reply)))
        return reply

    @property
    def calls(self) -> Counter[int]:
        """How many answers there were of each status."""
        return Counter(seen.status for seen in self.requests)

    def behave(self, mode: str, times: int | None = None) -> Reply:
        if mode not in MODES:
            return _error(400, "invalid_request_error", f"mode is one of {', '.join(sorted(MODES))}")
        self.mode, self.times = mode, times
        return Reply(200, {"mode": mode, "times": times})

    def release(self) -> None:
        """Ends every hanging answer."""
        self._released.set()

    def hang(self) -> None:
        self._released.wait(LONGEST_HANG_SECONDS)

    def _next_mode(self) -> str:
        mode = self.mode
        if self.times is not None:
            self.times -= 1
            if self.times <= 0:
                self.mode, self.times = "ok", None
        return mode


def _error(status: int, kind: str, says: str, headers: dict[str, str] | None = None, **details: str) -> Reply:
    error: dict[str, Any] = {"type": kind, "message": says} | ({"details": details} if details else {})
    return Reply(status, {"type": "error", "error": error, "request_id": "req_standin"}, headers or {})


def _evidence(body: dict[str, Any]) -> list[dict[str, Any]]:
    """What the tool results of the request hold."""
    blocks = [block for message in body["messages"] if isinstance(message["content"], list) for block in message["content"]]
    texts = [part["text"] for block in blocks if block.get("type") == "tool_result" for part in block["content"]]
    return [told for told in map(json.loads, texts) if "evidence_id" in told]


def _thought(body: dict[str, Any]) -> dict[str, Any]:
    """The analysis that the table of signs makes of the evidence, in the agreed shape."""
    lines = [(told["evidence_id"], line) for told in _evidence(body) for line in told["text"].splitlines() if len(line.strip()) >= 8]
    cause, action, quotes = "unknown", "", lines[:1]
    for sign, name, helps in SIGNS:
        seen = [line for line in lines if sign.search(line[1])]
        if seen:
            cause, action = name, helps
            quotes = seen[-3:] + [line for line in lines if ALSO.search(line[1])][:2]
            break
    words = cause.replace("_", " ")
    return {
        "summary": f"Stand-in for Claude, no model ran: the evidence looks like {words}.",
        "root_cause": f"The evidence shows the signs of {words}.",
        "cause": cause,
        "confidence": 0.9 if cause != "unknown" else 0.1,
        "severity": "sev2",
        "severity_why": "a stand-in does not weigh severity",
        "impact": "Not weighed by the stand-in.",
        "contributing": [],
        "citations": [{"evidence_id": name, "quote": line[:300]} for name, line in dict.fromkeys(quotes)],
        "missing": [],
        "steps": ["Read the cited lines."],
        "proposed": [{"action": action, "why": "the table of the stand-in says so"}] if action else [],
        "prevention": [],
        "plain_words": f"It looks like {words}; a stand-in wrote this.",
    }


def _message(body: dict[str, Any], text: str, stop: str = "end_turn", **more: Any) -> Reply:
    usage = {"input_tokens": len(json.dumps(body)) // 4, "output_tokens": max(1, len(text) // 4)}
    usage |= {"cache_creation_input_tokens": 0, "cache_read_input_tokens": 0}
    content = [{"type": "text", "text": text}] if text else []
    message = {"id": "msg_standin", "type": "message", "role": "assistant", "model": body["model"], "content": content}
    message |= {"stop_reason": stop, "stop_sequence": None, "usage": usage, **more}
    return Reply(200, message, {"request-id": "req_standin"})


def _invented(body: dict[str, Any]) -> dict[str, Any]:
    quotes = [
        {"evidence_id": "E1", "quote": "a line that nobody ever wrote"},
        {"evidence_id": "E99", "quote": "evidence that is not there"},
    ]
    return _thought(body) | {"citations": quotes, "confidence": 1.0}


def _hung(body: dict[str, Any], standin: ClaudeStandIn) -> Reply:
    standin.hang()
    return _message(body, json.dumps(_thought(body)))


MODES: dict[str, Callable[[dict[str, Any], ClaudeStandIn], Reply]] = {
    "ok": lambda body, _: _message(body, json.dumps(_thought(body))),
    "overloaded": lambda *_: _error(529, "overloaded_error", "Overloaded"),
    "broken": lambda *_: _error(500, "api_error", "Internal server error"),
    "rate_limited": lambda *_: _error(429, "rate_limit_error", "Too many tokens in this hour", {"retry-after": "3600"}),
    "rate_limited_briefly": lambda *_: _error(429, "rate_limit_error", "Too many requests", {"retry-after": "1"}),
    "spend_cap": lambda *_: _error(429, "rate_limit_error", "Spend limit reached", error_code="enforced_spend_limit_reached"),
    "refusal": lambda body, _: _message(body, "", "refusal", stop_details={"type": "refusal", "category": "cyber", "explanation": None}),
    "context_exceeded": lambda body, _: _message(body, "", "model_context_window_exceeded"),
    "truncated": lambda body, _: _message(body, json.dumps(_thought(body))[:200], "max_tokens"),
    "invalid_json": lambda body, _: _message(body, "Certainly! The root cause is the CPU."),
    "wrong_shape": lambda body, _: _message(body, json.dumps({"summary": "too little", "confidence": 7})),
    "not_a_message": lambda *_: Reply(200, {"hello": "there"}),
    "not_json": lambda *_: Reply(200, b"<html>a proxy in between</html>", {"content-type": "text/html"}),
    "invented_citation": lambda body, _: _message(body, json.dumps(_invented(body))),
    "hang": _hung,
}


def _says(reply: Reply) -> str:
    """One line for the page."""
    body = reply.body if isinstance(reply.body, dict) else {}
    if "error" in body:
        return f"{body['error']['type']}: {body['error']['message']}"
    content = body.get("content") or [{}]
    return f"{body.get('stop_reason', 'no message')}: {content[0].get('text', '')[:200]}"
