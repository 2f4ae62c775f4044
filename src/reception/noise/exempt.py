"""What noise has no say in: a question that a person asks, or an action that they ask for, is heard, as it is and by itself.

It joins no incident and nothing joins it, no mute, window, hold or minimum keeps it back, and it is not counted as an outage.
"""

from watchkeeper.goals import is_goal
from watchkeeper.models import Alert, Incident

REQUEST = "pagerduty-action"


def exempt(about: Alert | Incident) -> bool:
    """Is this a person's question or request, or the incident that it opened?"""
    return is_goal(about) or about.source == REQUEST
