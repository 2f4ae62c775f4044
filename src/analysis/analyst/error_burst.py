"""Many error lines, and nothing measured that explains them: a symptom worth a look, not yet a cause."""

import re

from analysis.analyst.rule import Finding, Rule, few
from analysis.case import Case
from watchkeeper.models import Cause, Citation

DATED = re.compile(r"^\d{4}-\d\d-\d\dT\S+Z ")
EXCERPT = re.compile(r"^  \S.*\b(?:error|exception|fatal|fail\w*|timed? ?out|refused)\b", re.IGNORECASE)
BURST, MANY = 5, 20


def error_lines(case: Case) -> list[Citation]:
    """Every error line of the log groups and of the alert's own excerpt."""
    return case.lines("logs", DATED) + case.lines("alert", EXCERPT)


def look(case: Case) -> Finding | None:
    """0.45 from five lines, 0.55 from twenty: log lines alone never reach what orders ask for."""
    lines = error_lines(case)
    if len(lines) < BURST:
        return None
    seen = few(lines)
    return Finding(0.55 if len(lines) >= MANY else 0.45, f"The application writes errors in numbers ({len(lines)} lines).", seen)


RULE = Rule(
    cause=Cause.ERROR_BURST,
    look=look,
    sample={
        "logs": "6 error lines, 80 lines read since 2026-11-20T02:45:00Z:\n"
        + "\n".join(f"2026-11-20T02:5{n}:00Z /checkout/app app/1  ERROR upstream payment timed out after 3000 ms" for n in range(6)),
    },
    impact="Some requests fail; the log lines say which.",
    steps=("Read the cited lines and find what they have in common.", "Check what the failing calls depend on."),
    prevention=("Alarm on the rate of errors, with the dependency named in the message.",),
    plain_words="The application reports many errors; why is not known yet.",
)
