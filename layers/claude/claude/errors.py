"""Why there is no answer from Claude, each with the sentence that a reader of the analysis gets.

ClaudeFailed (a WatchkeeperError)
├── NotAsked        nothing was sent: no key, or Claude is being left alone for a while
├── Overloaded      529 or another 5xx, until our patience was up; costs nothing
│   └── RateLimited 429, and the wait it asks for is longer than our patience; costs nothing
├── SpendCap        the account's spending limit is reached: asking again is pointless until somebody raises it
├── Rejected        another 4xx: our request or the key is wrong
├── Unreachable     it broke off in the middle: it may have been billed
│   └── NotConnected  there was no connection at all, until our patience was up; costs nothing
├── TimedOut        no answer within the time: it may have been billed
│   └── Silent      not a byte for seconds: Claude hangs; it may have been billed
├── Declined        stop_reason `refusal`
├── TooLong         stop_reason `model_context_window_exceeded`
├── Truncated       stop_reason `max_tokens`
└── Unusable        an answer that is not JSON, or not in the shape that was asked for, or a tool use that is none
"""

from claude.question import Usage
from watchkeeper.errors import WatchkeeperError


class ClaudeFailed(WatchkeeperError):
    """No usable answer. `usage` is what was billed; none when that is not known."""

    def __init__(self, why: str, usage: Usage | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.usage = usage


class _Free(ClaudeFailed):
    """Nothing was billed."""

    def __init__(self, why: str) -> None:
        super().__init__(why, Usage())


class NotAsked(_Free):
    """Nothing was sent."""


class Overloaded(_Free):
    """The other side's bad minute. `retry_after` is its word, in seconds, when it gave one."""

    def __init__(self, why: str, retry_after: float | None = None) -> None:
        super().__init__(why)
        self.retry_after = retry_after


class RateLimited(Overloaded):
    """Too many requests or tokens in the minute."""


class SpendCap(_Free):
    """The money is used up."""


class Rejected(_Free):
    """The request or the key is wrong."""


class Unreachable(ClaudeFailed):
    """The connection was lost."""


class NotConnected(Unreachable, _Free):
    """There never was a connection, so nothing was sent."""

    retry_after = None


class TimedOut(ClaudeFailed):
    """No answer in time."""


class Silent(TimedOut):
    """Nothing came for longer than a living Claude is ever silent."""


class Declined(ClaudeFailed):
    """A classifier or the model refused."""


class TooLong(ClaudeFailed):
    """The question did not fit."""


class Truncated(ClaudeFailed):
    """The answer did not fit."""


class Unusable(ClaudeFailed):
    """The answer is not what was asked for."""
