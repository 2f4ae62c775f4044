"""A person presses a button: what Slack sends then, signed as Slack signs, and what it does with the answers."""

import json
import secrets
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from watchkeeper.signatures import slack_mark

SECONDS = 3.0
MOST_USES, LASTS = 5, 1800
Body = dict[str, Any]


class NoButton(Exception):
    """There is no such button on that message (any more)."""


@dataclass(frozen=True)
class Answered:
    """What Slack got for a press: 0 where nobody answered within three seconds, and then the person sees a warning."""

    status: int
    body: str


@dataclass(frozen=True)
class Ephemeral:
    """A text that only one person sees."""

    user: str
    text: str


@dataclass
class Hook:
    """A response_url: good for five uses within half an hour."""

    user: str
    made_at: float
    uses: int = 0


@dataclass
class Interactivity:
    """The app's settings under "Interactivity": where presses go, and the secret that they are signed with. `url` is set once the
    stack is there; `hooks` is where the stand-in takes what response_urls are used for."""

    signing_secret: str
    clock: Callable[[], float]
    team: str = "T0LOCAL"
    app: str = "A0LOCAL"
    url: str = ""
    hooks_url: str = ""
    users: dict[str, str] = field(default_factory=lambda: {"U0ADA": "ada", "U0GRACE": "grace"})
    ephemerals: list[Ephemeral] = field(default_factory=list)
    hooks: dict[str, Hook] = field(default_factory=dict)

    def payload(self, channel: str, ts: str, action: Body, user: str) -> Body:
        """The `block_actions` payload of this press, with a fresh response_url."""
        path = f"/actions/{self.team}/{len(self.hooks) + 1}/{secrets.token_urlsafe(18)}"
        self.hooks[path] = Hook(user, self.clock())
        now = f"{self.clock():.6f}"
        return {
            "type": "block_actions",
            "team": {"id": self.team, "domain": "local"},
            "user": {"id": user, "username": self.users.get(user, "somebody"), "team_id": self.team},
            "api_app_id": self.app,
            "token": "verification-token-that-nobody-should-use",
            "container": {"type": "message", "message_ts": ts, "channel_id": channel, "is_ephemeral": False},
            "trigger_id": secrets.token_hex(8),
            "channel": {"id": channel, "name": "incidents"},
            "message": {"type": "message", "ts": ts, "bot_id": "B0LOCAL"},
            "state": {"values": {}},
            "response_url": f"{self.hooks_url}{path}",
            "actions": [{key: action[key] for key in ("action_id", "text", "value", "type", "style") if key in action}
                        | {"block_id": "b", "action_ts": now}],
        }  # fmt: skip

    def signed(self, payload: Body) -> tuple[bytes, dict[str, str]]:
        """The form and its headers, as Slack sends them."""
        raw, at = urlencode({"payload": json.dumps(payload)}).encode(), str(int(self.clock()))
        return raw, {
            "content-type": "application/x-www-form-urlencoded",
            "x-slack-request-timestamp": at,
            "x-slack-signature": slack_mark(raw, at, self.signing_secret),
        }

    def send(self, payload: Body) -> Answered:
        """To the app, which has three seconds."""
        raw, headers = self.signed(payload)
        request = urllib.request.Request(self.url, data=raw, headers=headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as reply:
                return Answered(reply.status, reply.read().decode())
        except urllib.error.HTTPError as error:
            return Answered(error.code, error.read().decode())
        except (urllib.error.URLError, TimeoutError):
            return Answered(0, "")

    def respond(self, path: str, body: Body) -> tuple[int, str]:
        """What a response_url answers, and for an ephemeral text whose it is."""
        hook = self.hooks.get(path)
        if hook is None:
            return 404, "no_service"
        if self.clock() - hook.made_at > LASTS:
            return 404, "expired_url"
        if hook.uses >= MOST_USES:
            return 404, "used_url"
        if not body.get("text") or body.get("response_type") not in {"ephemeral", "in_channel"} or body.get("replace_original"):
            return 400, "invalid_payload"  # the stand-in takes what Watchkeeper is to use: a text for one person, the card left as it is
        hook.uses += 1
        self.ephemerals.append(Ephemeral(hook.user, str(body["text"])))
        return 200, "ok"


def button(blocks: list[Body], action_id: str) -> Body:
    """This button of the message; NoButton where it has none of that name."""
    elements = [element for block in blocks if block.get("type") == "actions" for element in block["elements"]]
    found: Body | None = next((element for element in elements if element.get("action_id") == action_id), None)
    if found is None:
        raise NoButton(f"no button {action_id}; there is: {', '.join(str(e.get('action_id')) for e in elements) or 'none'}")
    return found
