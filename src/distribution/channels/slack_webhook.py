"""Slack's incoming webhook: it can post and nothing else, so each notable moment is a message of its own.

It can neither edit nor look, so a message whose answer got lost comes twice: at least once is all it can promise.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from distribution.layout.slack import moment
from distribution.moments import Medium, owed
from distribution.place import Means, Post
from watchkeeper.errors import ChannelRefused
from watchkeeper.models import Delivery
from watchkeeper.story import Story


@dataclass(frozen=True)
class IncomingWebhook:
    """A Place."""

    means: Means
    url: str
    settling: timedelta = timedelta(0)

    def posts(self, story: Story, delivery: Delivery) -> list[Post]:
        briefing, found = self.means.brief(story), []
        for record in owed(story, delivery.said, Medium.FEED):
            parts = moment(briefing, record, alone=True)
            for number, part in enumerate(parts, start=1):
                key = f"moment-{record.seq}" + (f".{number}" if number > 1 else "")
                found.append(Post(key, (record.seq,) if number == len(parts) else (), part))
        return found

    def find(self, _post: Post, _refs: Mapping[str, str], _since: datetime) -> dict[str, str] | None:
        return None

    def send(self, post: Post, _refs: Mapping[str, str]) -> dict[str, str]:
        """Slack answers `ok`, or says in a word why not."""
        body: dict[str, Any] = {"text": post.body.text, "blocks": post.body.blocks, "unfurl_links": False, "unfurl_media": False}
        answer = self.means.web.call("Slack", "POST", self.url, json=body)
        if answer.status_code != 200:
            raise ChannelRefused(f"Slack refuses the message with HTTP {answer.status_code} {answer.text[:80]}: check slack_webhook_url")
        return {post.key: "sent"}

    def refresh(self, _story: Story, refs: Mapping[str, str]) -> dict[str, str]:
        return dict(refs)
