"""What can go wrong, and whose move it is then.

WatchkeeperError
├── Refused            the caller's mistake: says which field, and what would be right
│   ├── BadSignature
│   ├── BadPayload
│   └── TooLarge
├── Transient          somebody else's bad minute: raised, so that the queue tries again
│   ├── Stale          somebody else changed the incident first: read it again and decide again
│   ├── Throttled
│   ├── NotYet         what this message speaks of is not written yet
│   └── ChannelDown
├── AlreadyWritten     not a fault, a fact: this was done before
└── Permanent          ours or the configuration's: recorded on the incident, then raised; the DLQ alarms
    ├── Misconfigured
    ├── NotAllowed     names the permission that is missing
    ├── ChannelRefused the channel will never take this: a bad token, a missing project
    └── IllegalMove    a transition that the state table does not know
"""


class WatchkeeperError(Exception):
    """Everything that we raise on purpose."""


class Refused(WatchkeeperError):
    """The caller's mistake. `field` is where, the message what would be right."""

    status = 400

    def __init__(self, message: str, field: str = "body") -> None:
        super().__init__(message)
        self.field = field


class BadSignature(Refused):
    """The request does not prove that it comes from who it says."""

    status = 401


class BadPayload(Refused):
    """The request is authentic and cannot be understood."""


class TooLarge(Refused):
    """The request is longer than we take."""

    status = 413


class Transient(WatchkeeperError):
    """Somebody else's bad minute. `retry_after` is their word, in seconds, when they gave one."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Stale(Transient):
    """Another worker changed the incident between our read and our write."""


class Throttled(Transient):
    """The other side asked us to slow down."""


class NotYet(Transient):
    """What this message speaks of is not written yet; it will be in a moment."""


class ChannelDown(Transient):
    """A channel does not answer, or answers with its own fault."""


class Permanent(WatchkeeperError):
    """Trying again will not help until somebody changes something."""


class Misconfigured(Permanent):
    """A setting or a file of the team's word is missing or wrong; names it."""


class NotAllowed(Permanent):
    """AWS refused a call; names the permission and the resource."""

    def __init__(self, permission: str, resource: str) -> None:
        super().__init__(f"not allowed: {permission} on {resource}")
        self.permission = permission
        self.resource = resource


class ChannelRefused(Permanent):
    """The channel will not take this message, today or tomorrow: a bad token, a missing project, a wrong field."""


class IllegalMove(Permanent):
    """The state table knows no such transition; somebody asked for what cannot happen."""


class AlreadyWritten(WatchkeeperError):
    """A row that had to be new is there: this was done before. Not a fault, a fact."""
