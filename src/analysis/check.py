"""Looks up every claim of an opinion before anybody reads it. Confidence is computed from what survived.

What is dropped is counted and said: a quote that is not, letter by letter, in the stored evidence that it names; an action
that the catalogue does not have, that helps with another cause, or that fits no trusted resource. The severity of an
analysis is advice: it may differ from the incident's by one step, and never changes the incident's own.
"""

from dataclasses import dataclass

from analysis.case import MEASURED, Case
from analysis.opinion import Opinion
from watchkeeper.models import Citation, ProposedAction, Severity

SHORTEST_QUOTE = 8
LONGEST_QUOTE = 1_000
MOST_CITATIONS = 20
MOST_ITEMS = 10
LONGEST_TEXT = 1_200
SUREST = 0.95
BELOW_THE_BAR = 0.65
_SCALE = tuple(Severity)


@dataclass(frozen=True)
class Checked:
    """The opinion with only what holds, how many citations did not, and a sentence for everything that was changed."""

    opinion: Opinion
    dropped: int
    notes: tuple[str, ...]


def check(opinion: Opinion, case: Case, draft: Opinion) -> Checked:
    """The opinion as far as it holds against the case. `draft` is what the rules made of the same evidence."""
    claimed = tuple(dict.fromkeys(opinion.citations))
    citations = tuple(citation for citation in claimed if holds(citation, case))[:MOST_CITATIONS]
    dropped = len([citation for citation in claimed if not holds(citation, case)])
    proposed, action_notes = _proposed(opinion, case)
    severity, severity_notes = _severity(opinion.severity, case.incident.severity)
    confidence, confidence_notes = _confidence(opinion, citations, dropped, case, draft)
    said = (f"{dropped} of {len(claimed)} citations were not found in the evidence and were dropped",) if dropped else ()
    held = opinion.but(
        **{name: _short(getattr(opinion, name)) for name in _TEXTS},
        **{name: tuple(_short(item) for item in getattr(opinion, name)[:MOST_ITEMS]) for name in _LISTS},
        citations=citations,
        proposed=proposed,
        severity=severity,
        confidence=confidence,
    )
    return Checked(held, dropped, (*said, *action_notes, *severity_notes, *confidence_notes))


_TEXTS = ("summary", "root_cause", "severity_why", "impact", "plain_words")
_LISTS = ("contributing", "missing", "steps", "prevention")


def holds(citation: Citation, case: Case) -> bool:
    """Is the quote, letter by letter, in the whole stored text of the evidence it names, and long enough to mean something?"""
    exhibit = case.exhibit(citation.evidence_id)
    long_enough = len(citation.quote.strip()) >= SHORTEST_QUOTE and len(citation.quote) <= LONGEST_QUOTE
    return exhibit is not None and long_enough and citation.quote in exhibit.text


def _proposed(opinion: Opinion, case: Case) -> tuple[tuple[ProposedAction, ...], tuple[str, ...]]:
    fitting = case.fitting()
    kept: dict[str, ProposedAction] = {}
    notes = []
    for proposal in opinion.proposed:
        action = fitting.get(proposal.action)
        if action is None:
            notes.append(
                f"a proposed action was dropped: {_short(proposal.action, 80)!r} is not in the catalogue or fits no trusted resource"
            )
        elif opinion.cause not in action.helps_with:
            notes.append(f"a proposed action was dropped: {action.name} does not help with {opinion.cause.value}")
        else:
            kept.setdefault(action.name, proposal.but(why=_short(proposal.why)))
    return tuple(kept.values()), tuple(dict.fromkeys(notes[:MOST_ITEMS]))


def _severity(advised: Severity, own: Severity) -> tuple[Severity, tuple[str, ...]]:
    step = _SCALE.index(advised) - _SCALE.index(own)
    if abs(step) <= 1:
        return advised, ()
    held = _SCALE[_SCALE.index(own) + (1 if step > 0 else -1)]
    return held, (f"severity {advised.value} was advised; it is shown as {held.value}, one step from the incident's {own.value}",)


def _confidence(
    opinion: Opinion, citations: tuple[Citation, ...], dropped: int, case: Case, draft: Opinion
) -> tuple[float, tuple[str, ...]]:
    """What was claimed, times the share of citations that hold, under its caps. A model can lower what the rules reach;
    it cannot lift a cause over the bar of the standing orders that the rules themselves do not lift there."""
    if not citations:
        return 0.0, ()
    confidence = min(opinion.confidence, SUREST) * len(citations) / (len(citations) + dropped)
    notes = []
    for cap, why in _caps(opinion, citations, case, draft):
        if confidence > cap:
            confidence = cap
            notes.append(f"confidence is at most {cap:.0%}: {why}")
    return round(confidence, 4), tuple(notes)


def _caps(opinion: Opinion, citations: tuple[Citation, ...], case: Case, draft: Opinion) -> list[tuple[float, str]]:
    caps = []
    sources = {exhibit.evidence.collector for citation in citations if (exhibit := case.exhibit(citation.evidence_id))}
    if not sources & MEASURED:
        caps.append((BELOW_THE_BAR, "nothing that is cited was measured by AWS"))
    if opinion.cause is draft.cause:
        caps.append((max(BELOW_THE_BAR, draft.confidence), "the fixed rules are no surer than that"))
    else:
        caps.append((BELOW_THE_BAR, f"the fixed rules say {draft.cause.value}"))
    return caps


def _short(text: str, most: int = LONGEST_TEXT) -> str:
    printable = "".join(c if c.isprintable() or c == "\n" else " " for c in text)
    return printable if len(printable) <= most else f"{printable[: most - 1]}…"
