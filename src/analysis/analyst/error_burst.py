"""Many error lines, and nothing measured that explains them: a symptom worth a look, not yet a cause."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from analysis.analyst.rule import Finding, Rule, cite
from analysis.analyst.written import DATED, NEWS, compared, nothing_new
from analysis.lines import Hit, ReadCase
from watchkeeper.models import Cause

EXCERPT = re.compile(r"  \S.*\b(?:error|exception|fatal|fail\w*|timed? ?out|refused)\b", re.IGNORECASE)
COUNTED = re.compile(r"(?P<count>\d{1,9}) error lines, ")
BURST, MANY = 5, 20


@dataclass(frozen=True)
class Errors:
    """How many error lines are news, the lines that show it, and the line that states their number, if one does."""

    count: int
    shown: Sequence[Hit]
    stated: Hit | None = None


def error_lines(case: ReadCase) -> Errors:
    """Every error line of the log groups that is news, and of the alert's own excerpt. Where the hour before was read, its count tells."""
    return case.once(_error_lines)


def _error_lines(case: ReadCase) -> Errors:
    excerpt = case.hits("alert", EXCERPT)
    if nothing_new(case):
        return Errors(len(excerpt), excerpt)
    told, dated, heads = case.hits("logs", NEWS), case.hits("logs", DATED), case.hits("logs", COUNTED)
    if compared(case) and told:
        most = max(told, key=lambda hit: int(hit["count"]))
        return Errors(sum(int(hit["count"]) for hit in told) + len(excerpt), [*dated, *excerpt], most)
    return Errors(len(dated) + len(excerpt), [*dated, *excerpt], next(iter(heads), None))


def look(case: ReadCase) -> Finding | None:
    """0.45 from five lines, 0.55 from twenty: log lines alone never reach what orders ask for."""
    errors = error_lines(case)
    if errors.count < BURST:
        return None
    number = errors.stated["count"] if errors.stated else errors.count
    sentence = f"The application writes errors in numbers ({number} lines)."
    return Finding(0.55 if errors.count >= MANY else 0.45, sentence, cite((errors.stated,), errors.shown))


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
