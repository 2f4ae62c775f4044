"""Who hears of an incident? Those who asked for its service at its severity, and whoever has been told of it before."""

from collections.abc import Collection

from watchkeeper.goals import is_goal
from watchkeeper.matching import unsaid_or_named
from watchkeeper.models import Incident
from watchkeeper.team import Channel, ChannelKind, Channels

TICKETS = frozenset({ChannelKind.JIRA})


def routed(incident: Incident, channels: Channels, told: Collection[str]) -> list[Channel]:
    """The channels that are owed this change, in the order of the file.

    A channel that was told once stays with the incident to its end, even when the severity falls below what it asked
    for: a card that is never closed is worse than one message too many.
    """
    return [channel for channel in channels.channels if channel.id in told or wants(channel, incident)]


def wants(channel: Channel, incident: Incident) -> bool:
    """Did the team ask for this on that channel? A question makes no ticket by itself: that is for a person to ask for."""
    if is_goal(incident) and channel.kind in TICKETS:
        return False
    return unsaid_or_named(incident.service, channel.services) and incident.severity.at_least(channel.at_least)


def ticketed(incident: Incident, channels: Channels) -> list[Channel]:
    """The ticket channels of its service. Whoever asks for a ticket wants it however slight the severity is."""
    return [one for one in channels.channels if one.kind in TICKETS and unsaid_or_named(incident.service, one.services)]
