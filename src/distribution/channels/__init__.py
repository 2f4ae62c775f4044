"""The kinds of channel, a file each, found by their name. To add one is to add its file here and its kind to the team's words."""

from importlib import import_module

from distribution.place import Means, Place
from watchkeeper.team import Channel


def opened(channel: Channel, means: Means) -> Place:
    """This channel with its credentials; ChannelRefused with `not set up` when something to open it with is missing.

    Only the file of its kind is imported: a team without Jira does not pay for Jira.
    """
    place: Place = import_module(f"{__name__}.{channel.kind.value}").open_channel(channel, means)
    return place
