"""Slack: one thread for each incident. The card on top is edited in place; each notable moment is a reply below it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from distribution.channels.slack_webhook import IncomingWebhook
from distribution.layout.slack import SlackMessage, card, moment
from distribution.moments import Medium, owed
from distribution.place import Means, Place, Post
from distribution.web import read_json
from watchkeeper.errors import ChannelDown, ChannelRefused, Throttled
from watchkeeper.models import Delivery
from watchkeeper.story import Story
from watchkeeper.team import Channel
from watchkeeper.telemetry import logger

EVENT_TYPE = "watchkeeper_incident"
CARD, CHANNEL = "card", "channel"
PAGES = 10
_SLOW = {"ratelimited", "rate_limited", "message_limit_exceeded"}
_DOWN = {"internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"}
_GONE = {"message_not_found", "thread_not_found"}
_CANNOT_LOOK = {"missing_scope", "not_in_channel", "method_not_supported_for_channel_type"}
_TO_DO = {
    "invalid_auth": "the bot token is not valid: put a new one into the channels secret",
    "not_authed": "the bot token is not valid: put a new one into the channels secret",
    "token_revoked": "the bot token was revoked: put a new one into the channels secret",
    "account_inactive": "the bot was removed from the workspace: install it again",
    "channel_not_found": "the bot does not see this channel: check where.channel in channels.yaml and invite the bot",
    "not_in_channel": "the bot is not in this channel: invite it",
    "is_archived": "the channel is archived: choose another one in channels.yaml",
}


class SlackRefused(ChannelRefused):
    """Slack's own word for why."""

    def __init__(self, method: str, code: str, needed: str = "") -> None:
        what_to_do = f": {_TO_DO[code]}" if code in _TO_DO else f": the bot needs the scope {needed}" if needed else ""
        super().__init__(f"Slack refuses {method} with {code}{what_to_do}")
        self.code = code


def open_channel(channel: Channel, means: Means) -> Place:
    """A thread by the bot's token; single messages where there is only the address of an incoming webhook."""
    credentials = means.credentials()
    if token := credentials.get("slack_bot_token"):
        conversation = str(channel.where.get("channel", ""))
        if not re.fullmatch(r"[CDG][A-Z0-9]{5,}", conversation):
            raise ChannelRefused(f"not set up: where.channel of {channel.id} must be a channel's id like C0123456789, not {conversation!r}")
        return SlackThread(means, token, conversation)
    if url := credentials.get("slack_webhook_url"):
        return IncomingWebhook(means, url)
    raise ChannelRefused("not set up: the channels secret holds neither slack_bot_token nor slack_webhook_url")


@dataclass(frozen=True)
class SlackThread:
    """A Place. Its refs: `card` and each reply's key hold the ts, `channel` the id that Slack answers with."""

    means: Means
    token: str
    conversation: str
    settling: timedelta = timedelta(seconds=20)

    def posts(self, story: Story, delivery: Delivery) -> list[Post]:
        """The card, then a reply for each moment, in parts where it is long."""
        briefing = self.means.brief(story)
        found = [Post(CARD, (), (story.incident.id, card(briefing)))]
        for record in owed(story, delivery.said, Medium.THREAD):
            parts = moment(briefing, record, alone=False)
            for number, part in enumerate(parts, start=1):
                key = f"moment-{record.seq}" + (f".{number}" if number > 1 else "")
                found.append(Post(key, (record.seq,) if number == len(parts) else (), (story.incident.id, part)))
        return found

    def find(self, post: Post, refs: Mapping[str, str], since: datetime) -> dict[str, str] | None:
        """Our message carries the incident and the post's key in its metadata. Without the right to read, nothing is found."""
        wanted = {"incident": post.body[0], "post": post.key}
        try:
            for message in self._messages(refs, since, whole_channel=post.key == CARD):
                if message.get("metadata", {}).get("event_payload") == wanted:
                    return {post.key: message["ts"], CHANNEL: refs.get(CHANNEL, self.conversation)}
        except SlackRefused as error:
            if error.code not in _CANNOT_LOOK:
                raise
            logger.warning("cannot look whether a message is out, so it may come twice", extra={"why": str(error)})
        return None

    def send(self, post: Post, refs: Mapping[str, str]) -> dict[str, str]:
        incident_id, message = post.body
        thread = {} if post.key == CARD else {"thread_ts": refs[CARD]}
        answer = self._call(
            "chat.postMessage",
            {
                "channel": refs.get(CHANNEL, self.conversation),
                **_content(message),
                **thread,
                "metadata": {"event_type": EVENT_TYPE, "event_payload": {"incident": incident_id, "post": post.key}},
                "unfurl_links": False,
                "unfurl_media": False,
            },
        )
        return {post.key: answer["ts"], CHANNEL: answer["channel"]}

    def refresh(self, story: Story, refs: Mapping[str, str]) -> dict[str, str]:
        """The card as the story stands. One that somebody deleted is forgotten, and posted anew."""
        if CARD not in refs:
            return dict(refs)
        try:
            self._call("chat.update", {"channel": refs[CHANNEL], "ts": refs[CARD], **_content(card(self.means.brief(story)))})
        except SlackRefused as error:
            if error.code in _GONE:
                return {key: ref for key, ref in refs.items() if key != CARD}
            raise
        return dict(refs)

    def _messages(self, refs: Mapping[str, str], since: datetime, *, whole_channel: bool) -> Iterator[dict[str, Any]]:
        """What was said in the channel or the thread since then, page after page."""
        method = "conversations.history" if whole_channel else "conversations.replies"
        asked: dict[str, Any] = {
            "channel": refs.get(CHANNEL, self.conversation),
            "oldest": f"{(since - timedelta(minutes=1)).timestamp():.6f}",
            "include_all_metadata": "true",
            "limit": "200",
            **({} if whole_channel else {"ts": refs[CARD]}),
        }
        for _ in range(PAGES):
            answer = self._call(method, asked, form=True)
            yield from answer.get("messages", [])
            cursor = answer.get("response_metadata", {}).get("next_cursor", "")
            if not cursor:
                return
            asked |= {"cursor": cursor}

    def _call(self, method: str, body: dict[str, Any], *, form: bool = False) -> dict[str, Any]:
        """One Web API call. Slack says no with HTTP 200 and `ok: false`; its reading methods take forms, not JSON."""
        url = f"{self.means.settings.slack_api_url}/{method}"
        sent = {"data": body} if form else {"json": body}
        response = self.means.web.call("Slack", "POST", url, headers={"Authorization": f"Bearer {self.token}"}, **sent)
        answer = read_json("Slack", response)
        if answer.get("ok"):
            return answer
        code = str(answer.get("error", f"HTTP {response.status_code}"))
        if code in _SLOW:
            raise Throttled(f"Slack: {code}", retry_after=30)
        if code in _DOWN:
            raise ChannelDown(f"Slack: {code}")
        raise SlackRefused(method, code, str(answer.get("needed", "")))


def _content(message: SlackMessage) -> dict[str, Any]:
    """Nothing in the text is parsed into mentions or links."""
    return {"text": message.text, "blocks": message.blocks, "parse": "none", "link_names": False}
