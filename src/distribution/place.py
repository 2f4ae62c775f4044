"""What distribution needs of a channel: say what it owes, look for a message, send one, edit in place."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from distribution.briefing import Briefing
from distribution.reading import brief
from distribution.web import Web
from watchkeeper.models import Delivery
from watchkeeper.ports import Secrets
from watchkeeper.settings import DistributionSettings
from watchkeeper.story import Story
from watchkeeper.team import Services


@dataclass(frozen=True)
class Post:
    """One message to create. `key` is its name for good; with it, these audit records have been told."""

    key: str
    tells: tuple[int, ...]
    body: Any


class Place(Protocol):
    """One channel of the team, opened with its credentials.

    Every method may raise Throttled, ChannelDown or ChannelRefused. `settling` is how long after an attempt its message
    may still be on its way, or not be found by the channel's own search.
    """

    @property
    def settling(self) -> timedelta:
        """See above."""

    def posts(self, story: Story, delivery: Delivery) -> list[Post]:
        """Every message that is owed, in order. A post whose key is in the delivery's refs is out already."""

    def find(self, post: Post, refs: Mapping[str, str], since: datetime) -> dict[str, str] | None:
        """The references of this post, if an attempt since then got through. None also where a channel cannot look."""

    def send(self, post: Post, refs: Mapping[str, str]) -> dict[str, str]:
        """Create it. The references to remember, the post's own key among them."""

    def refresh(self, story: Story, refs: Mapping[str, str]) -> dict[str, str]:
        """Bring what is edited in place up to the story. The references that still stand: somebody may have deleted one."""


@dataclass(frozen=True)
class Means:
    """What a channel may use to reach people. The mail client is made when the first mail is sent."""

    settings: DistributionSettings
    secrets: Secrets
    services: Services
    web: Web
    mail: Callable[[], Any]

    def credentials(self) -> dict[str, str]:
        """The secret of the channels, as it is now: a changed token counts within minutes."""
        return self.secrets.get(self.settings.channels_secret_id)

    def brief(self, story: Story) -> Briefing:
        """The story in words, with the owner of its service."""
        owner = next((s.owner for s in self.services.services if s.name == story.incident.service), "")
        return brief(story, owner, self.settings.page_url)
