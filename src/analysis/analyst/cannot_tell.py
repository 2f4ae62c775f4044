"""The evidence carries no cause. To say so, and what was missing, is an answer."""

import re

from analysis.analyst.rule import Finding, Rule, few
from analysis.lines import ReadCase
from watchkeeper.models import Cause

TITLE = re.compile(r"(?:title|says): ")


def look(case: ReadCase) -> Finding:
    """Always something, and never confident."""
    return Finding(0.1, "The evidence does not carry a cause.", few(case.hits("alert", TITLE)))


RULE = Rule(
    cause=Cause.UNKNOWN,
    look=look,
    sample={"alert": "source: generic\ntitle: something is odd"},
    impact="Not known.",
    steps=("Look at what was missing, below, and at the resource itself.", "Tell Watchkeeper what it was, so that it is known next time."),
    prevention=("Give the service its log groups and resources in config/services.yaml, so that there is more to read.",),
    plain_words="Something is wrong and the reason is not known yet; a person has to look.",
)
