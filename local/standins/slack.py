"""Slack, as far as Watchkeeper talks to it: the Web API and incoming webhooks. Refuses what Slack would refuse."""

import json
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl

from local.standins.http import Reply, Request
from local.standins.slack_blocks import faults
from local.standins.slack_message import Body, Message
from local.standins.slack_press import Answered, Interactivity, NoButton, button

LONGEST_TEXT = 40_000
WRITES = {"chat.postMessage", "chat.update"}


class No(Exception):
    """Slack says no, by this code."""

    def __init__(self, code: str, **more: Any) -> None:
        super().__init__(code)
        self.answer = {"ok": False, "error": code, **more}


class SlackWorkspace:
    """A stand-in. `messages` are the channel's messages, oldest first.

    A test may set `throttled` (how many calls get a 429 with `retry_after`), `down` (how many get a 503) and `deaf`
    (how many are carried out and answered with a 500, as when the answer gets lost), `refuses` (a method, and the error
    that it answers with) and `meanwhile` (what happens while the next message is posted).
    """

    def __init__(
        self,
        token: str = "xoxb-local",
        channels: tuple[str, ...] = ("C0INCIDENTS",),
        webhook: str = "/services/T0LOCAL/B0LOCAL/local",
        clock: Callable[[], float] = time.time,
        signing_secret: str = "laptop-signing-secret",
    ) -> None:
        self.interactivity = Interactivity(signing_secret, clock)
        self.token, self.channels, self.webhook = token, channels, webhook
        self.messages: list[Message] = []
        self.calls: list[str] = []
        self.throttled = self.down = self.deaf = 0
        self.retry_after = 7
        self.refuses: dict[str, str] = {}
        self.meanwhile: Callable[[], None] | None = None
        self._clock, self._last = clock, 0.0
        self._lock = threading.Lock()

    def __call__(self, request: Request) -> Reply:
        if request.path == "/press":  # from our own page; it may take as long as the app does, while the app talks to us
            return self._pressed(request)
        with self._lock:
            self.calls.append(request.path)
            if self.throttled:
                self.throttled -= 1
                return Reply(429, {"ok": False, "error": "ratelimited"}, {"retry-after": str(self.retry_after)})
            if self.down:
                self.down -= 1
                return Reply(503, b"upstream connect error")
            reply = self._answer(request)
            if self.deaf:
                self.deaf -= 1
                return Reply(500, b"")
            return reply

    def _answer(self, request: Request) -> Reply:
        if request.path.startswith("/actions/"):
            return self._respond(request)
        return self._hook(request) if request.path.startswith("/services/") else self._api(request)

    def press(self, ts: str, action_id: str, user: str, **changed: Any) -> Answered:
        """This person presses that button, and confirms where they are asked; what the app answered. `changed` are fields of the
        payload as a forger would have them. NoButton where the message does not have it any more."""
        with self._lock:
            message = next((m for m in self._all() if m.ts == ts), None)
            if message is None:
                raise NoButton(f"no message {ts}")
            payload = self.interactivity.payload(message.channel, ts, button(message.blocks, action_id), user)
        return self.interactivity.send(payload | changed)

    def _pressed(self, request: Request) -> Reply:
        """From the page: a form of our own, so that no other website's page presses anything on this machine."""
        if request.method != "POST" or request.headers.get("origin") != f"http://{request.headers.get('host')}":
            return Reply(403, {"error": "press it on the page itself"})
        form = dict(parse_qsl(request.body.decode()))
        with suppress(NoButton):  # somebody was faster: the page shows how things stand now
            self.press(form.get("ts", ""), form.get("action", ""), form.get("user", ""))
        return Reply(303, b"", {"location": "/#slack", "cache-control": "no-store"})

    def _respond(self, request: Request) -> Reply:
        try:
            body = request.json()
        except ValueError:
            body = None
        status, says = self.interactivity.respond(request.path, body if isinstance(body, dict) else {})
        return Reply(status, says.encode(), {"content-type": "text/plain"})

    def _api(self, request: Request) -> Reply:
        """A refusal is an HTTP 200 too."""
        try:
            return Reply(200, {"ok": True, **self._method(request)})
        except No as no:
            return Reply(200, no.answer)

    def _method(self, request: Request) -> Body:
        method = request.path.removeprefix("/api/")
        handlers: dict[str, Callable[[Body], Body]] = {
            "chat.postMessage": self._post,
            "chat.update": self._update,
            "conversations.history": self._history,
            "conversations.replies": self._replies,
            "auth.test": lambda _arguments: {"team": "Local", "user": "watchkeeper"},
        }
        if method not in handlers or not request.path.startswith("/api/"):
            raise No("unknown_method", req_method=method)
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token != self.token:
            raise No("invalid_auth" if token else "not_authed")
        if method in self.refuses:
            raise No(self.refuses[method])
        return handlers[method](_arguments(request, method))

    def _hook(self, request: Request) -> Reply:
        """Incoming webhooks answer in plain text."""
        plain = {"content-type": "text/html"}
        if request.path != self.webhook:
            return Reply(404, b"no_service", plain)
        try:
            body = request.json()
            _check(body)
        except (ValueError, No):
            return Reply(400, b"invalid_payload", plain)
        self._keep(Message(self.channels[0], self._tick(), body.get("text", ""), body.get("blocks", []), {}, via="webhook"))
        return Reply(200, b"ok", plain)

    def say(self, text: str) -> None:
        """Somebody else says something in the channel."""
        with self._lock:
            self._keep(Message(self.channels[0], self._tick(), text, [], {}, via="person"))

    def _post(self, body: Body) -> Body:
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile:
            meanwhile()
        channel = self._channel(body)
        _check(body)
        if body.get("metadata") and not {"event_type", "event_payload"} <= body["metadata"].keys():
            raise No("invalid_metadata_format")
        thread = body.get("thread_ts", "")
        if thread and not any(m.ts == thread for m in self.messages if m.channel == channel):
            raise No("thread_not_found")
        message = Message(channel, self._tick(), body.get("text", ""), body.get("blocks", []), body.get("metadata", {}), thread)
        self._keep(message)
        return {"channel": channel, "ts": message.ts, "message": message.shown(metadata=False)}

    def _update(self, body: Body) -> Body:
        channel = self._channel(body)
        _check(body)
        found = next((m for m in self._all() if m.ts == body.get("ts") and m.channel == channel), None)
        if found is None:
            raise No("message_not_found")
        if found.via != "bot":
            raise No("cant_update_message")
        found.edits.append((found.text, found.blocks))
        found.text, found.blocks = body.get("text", ""), body.get("blocks", [])
        return {"channel": channel, "ts": found.ts, "text": found.text}

    def _history(self, asked: Body) -> Body:
        channel = self._channel(asked)
        return self._page([m for m in reversed(self.messages) if m.channel == channel], asked)

    def _replies(self, asked: Body) -> Body:
        channel = self._channel(asked)
        parent = next((m for m in self.messages if m.ts == asked.get("ts") and m.channel == channel), None)
        if parent is None:
            raise No("thread_not_found")
        return self._page([parent, *parent.replies], asked)

    def _page(self, messages: list[Message], asked: Body) -> Body:
        """`oldest`, `limit` and `cursor` as Slack means them."""
        within = [m for m in messages if float(m.ts) >= float(asked.get("oldest", 0))]
        limit, start = int(asked.get("limit", 100)), int(asked.get("cursor") or 0)
        page = within[start : start + limit]
        more = start + limit < len(within)
        shown = [m.shown(metadata=asked.get("include_all_metadata") == "true") for m in page]
        return {"messages": shown, "has_more": more, "response_metadata": {"next_cursor": str(start + limit) if more else ""}}

    def _channel(self, body: Body) -> str:
        channel = str(body.get("channel", ""))
        if channel not in self.channels:
            raise No("channel_not_found")
        return channel

    def _keep(self, message: Message) -> None:
        parent = next((m for m in self.messages if m.ts == message.thread_ts), None)
        (parent.replies if parent else self.messages).append(message)

    def _all(self) -> list[Message]:
        return [m for top in self.messages for m in (top, *top.replies)]

    def _tick(self) -> str:
        """A message's name: its time in microseconds, never the same twice."""
        self._last = max(self._clock(), self._last + 0.000_001)
        return f"{self._last:.6f}"


def _arguments(request: Request, method: str) -> Body:
    """JSON for what writes; a form or the query for what reads, as Slack takes them."""
    kind = request.headers.get("content-type", "")
    if "application/json" in kind:
        if method not in WRITES:
            return {}
        try:
            body = request.json()
        except json.JSONDecodeError:
            raise No("invalid_json") from None
        if not isinstance(body, dict):
            raise No("json_not_object")
        return body
    return request.query | dict(parse_qsl(request.body.decode()))


def _check(body: Body) -> None:
    """Text and blocks within Slack's limits."""
    text, blocks = body.get("text", ""), body.get("blocks", [])
    if not text and not blocks:
        raise No("no_text")
    if len(text) > LONGEST_TEXT:
        raise No("msg_too_long")
    wrong = faults(blocks)
    if wrong:
        raise No("invalid_blocks", errors=wrong, response_metadata={"messages": [f"[ERROR] {fault}" for fault in wrong]})
