"""A person's word on an analysis: one service for whatever they say it through."""

from datetime import datetime

from watchkeeper.change import Change, change
from watchkeeper.messages import look_again
from watchkeeper.models import Analysis, Feedback, Happening, Incident


def given(incident: Incident, analysis: Analysis, feedback: Feedback, via: str, at: datetime) -> Change:
    """The word as a row, over that person's earlier one, and in the timeline. It moves nothing else of the incident.

    Remediation looks again: where a plan was only observed or suggested, the word counts for how its order stands.
    """
    verdict = "was right" if feedback.right else "was wrong"
    cause = f"; it was {feedback.true_cause.value}" if feedback.true_cause else ""
    words = f": {feedback.says}" if feedback.says else ""
    told = Happening(
        actor=f"person:{feedback.by}",
        kind="feedback.given",
        says=f"{feedback.by} says that the analysis {verdict}{cause}{words}",
        detail={
            "analysis_id": analysis.id,
            "right": feedback.right,
            "true_cause": feedback.true_cause.value if feedback.true_cause else "",
            "via": via,
        },
    )
    return change(incident, [told], at, rows=[feedback], owed=[look_again(incident.id, incident.group, "feedback", at)])
