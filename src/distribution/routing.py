"""Who hears of an incident? Those who asked for its service at its severity, and whoever has been told of it before."""

from collections.abc import Collection

from watchkeeper.matching import unsaid_or_named
from watchkeeper.models import Incident
from watchkeeper.team import Channel, Channels


def routed(incident: Incident, channels: Channels, told: Collection[str]) -> list[Channel]:
    """The channels that are owed this change, in the order of the file.

    A channel that was told once stays with the incident to its end, even when the severity falls below what it asked
    for: a card that is never closed is worse than one message too many.
    """
    return [channel for channel in channels.channels if channel.id in told or wants(channel, incident)]


def wants(channel: Channel, incident: Incident) -> bool:
    """Did the team ask for this on that channel?"""
    return unsaid_or_named(incident.service, channel.services) and incident.severity.at_least(channel.at_least)
