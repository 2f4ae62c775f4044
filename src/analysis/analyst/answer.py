"""The rules' opinion as an answer to a person's question: what was found, since when, what was changed, and where was looked."""

from collections.abc import Iterable, Sequence

from analysis.analyst.rule import MOST_CITATIONS
from analysis.case import LONGEST_QUOTE, Case
from analysis.opinion import Opinion
from watchkeeper.models import Answer, Cause, Citation

MOST_CHANGES = 2
CHANGE = "change "
LONGEST_CHANGE = 240
NO_SERVICE = (
    "The question names no service of config/services.yaml, so there was little to look at. Ask again with --service NAME, "
    "or with its name in the question."
)


def answer(opinion: Opinion, case: Case) -> Opinion:
    """The same opinion, told as an answer. Its cause and its confidence stay; nothing of the question's words goes into it."""
    known = opinion.cause is not Cause.UNKNOWN
    changes = _changes(case)
    said = (_found(opinion, known=known), _since(case), _looked(case), "" if _of_team(case) else NO_SERVICE)
    more = tuple(f"Changed around that time: {one.quote[:LONGEST_CHANGE]}" for one in changes)
    return opinion.but(
        summary=" ".join(part for part in said if part),
        severity_why="a question has no severity; it is kept at the lowest",
        contributing=(*opinion.contributing, *more),
        citations=tuple(dict.fromkeys((*opinion.citations, *changes)))[:MOST_CITATIONS],
        plain_words=opinion.plain_words if known else "The question was looked into; what could be seen does not show a cause.",
    )


def _found(opinion: Opinion, *, known: bool) -> str:
    return f"The likeliest answer: {opinion.root_cause}" if known else "What was looked at does not carry a cause."


def _since(case: Case) -> str:
    """What the onset says, which is made of times and names of ours; empty where no minute could be told."""
    said = [one.evidence.summary for one in case.exhibits if one.evidence.collector == "onset" and one.evidence.answer is Answer.FOUND]
    return f"The {said[-1]}" if said else "No metric and no error line tells when it began."


def _looked(case: Case) -> str:
    by = {answer: _names(one.evidence.collector for one in case.exhibits if one.evidence.answer is answer) for answer in Answer}
    parts = (
        (by[Answer.FOUND], "something was found by {}"),
        (by[Answer.NOTHING], "nothing by {}"),
        ((*by[Answer.FAILED], *by[Answer.NOT_ALLOWED]), "{} could not be asked"),
    )
    told = "; ".join(words.format(", ".join(names)) for names, words in parts if names)
    return f"Looked since {case.incident.fired_at:%Y-%m-%d %H:%M} UTC: {told or 'nobody could be asked'}."


def _changes(case: Case) -> Sequence[Citation]:
    """The nearest changes, as the onset quotes them."""
    found = [
        Citation(evidence_id=one.evidence.id, quote=line[:LONGEST_QUOTE])
        for one in case.exhibits
        if one.evidence.collector == "onset"
        for line in one.lines
        if line.startswith(CHANGE)
    ]
    return tuple(found[:MOST_CHANGES])


def _of_team(case: Case) -> bool:
    return case.incident.service != "unknown"


def _names(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
