"""The buttons under a card: made by distribution, pressed by people, understood by the console. What a button carries is opaque."""

from enum import StrEnum


class Button(StrEnum):
    """The action_id of each."""

    APPROVE = "watchkeeper_approve"
    REJECT = "watchkeeper_reject"
    EXPLAIN = "watchkeeper_explain"
    RIGHT = "watchkeeper_right"
    WRONG = "watchkeeper_wrong"


def analysis_value(incident_id: str, analysis_id: str) -> str:
    """What Useful? carries: the word is about this analysis and no later one."""
    return f"{incident_id}/{analysis_id}"


def analysis_of(value: str) -> tuple[str, str]:
    """The incident and the analysis that a button is about; the second is empty where it names none."""
    incident_id, _, analysis_id = value.partition("/")
    return incident_id, analysis_id
