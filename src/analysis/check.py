"""Looks up every claim of an opinion before anybody reads it. Confidence is computed from what survived.

What code decides, no model moves: the severity and the proposed actions are those of the rules' draft. A quote that is not,
letter by letter, in the stored evidence that it names is dropped; so is each sentence that names what is held nowhere. A model's
cause and its doubt count as far as they rest on something measured, because text in the evidence may have talked it into them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analysis.case import MEASURED, Case
from analysis.doubts import Reading, doubts, instructs
from analysis.opinion import Opinion
from analysis.sources import vocabulary, written_outside
from analysis.words_kept import Kept, words_kept
from watchkeeper.actions import catalogue
from watchkeeper.models import Citation, Hypothesis
from watchkeeper.team import Services

SHORTEST_QUOTE = 8
LONGEST_QUOTE = 1_000
MOST_CITATIONS = 20
MOST_NOTES = 10
SUREST = 0.95
BELOW_THE_BAR = 0.65
A_SLIP_LEAVES = 0.9


@dataclass(frozen=True)
class Checked:
    """The opinion with only what holds, how many citations did not, and a sentence for everything that was changed."""

    opinion: Opinion
    dropped: int
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Weighed:
    """Whose judgement counts, the citations that carry it, what is cited beside them, and the share that is left of what it claimed."""

    judgement: Opinion
    citations: tuple[Citation, ...]
    share: float
    beside: tuple[Citation, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def shown(self) -> tuple[Citation, ...]:
        return tuple(dict.fromkeys((*self.citations, *self.beside)))[:MOST_CITATIONS]


def check(
    opinion: Opinion, case: Case, draft: Opinion, faith: float = 1.0, *,
    hypotheses: Sequence[Hypothesis] = (), team: Services | None = None,
) -> Checked:  # fmt: skip
    """The opinion as far as it holds against the case. `draft` is what the rules made of the same evidence, `hypotheses` how
    they rank the causes, `faith` the factor that a second reader leaves of the confidence, `team` whose names may be used."""
    claimed = tuple(dict.fromkeys(opinion.citations))
    citations = tuple(citation for citation in claimed if holds(citation, case))
    dropped = len(claimed) - len(citations)
    kept = words_kept(opinion, draft, vocabulary(case, team), _repositories(case, team))
    weighed = _weighed(opinion, citations, dropped, kept, case, draft, faith)
    confidence, why = _confidence(weighed, case, draft, tuple(hypotheses)) if citations else (0.0, ())
    if weighed.judgement.cause is not opinion.cause:
        kept = words_kept(draft, draft, vocabulary(case, team), ())
    notes = (*_of_citations(dropped, len(claimed)), *_of_advice(opinion, draft), *kept.notes, *weighed.notes, *why)
    held = opinion.but(
        **{**kept.fields, **_warned(kept, case), **({} if opinion.severity is draft.severity else {"severity_why": draft.severity_why})},
        cause=weighed.judgement.cause,
        severity=draft.severity,
        citations=weighed.shown,
        confidence=confidence,
    )
    return Checked(held, dropped, tuple(dict.fromkeys(notes)))


def holds(citation: Citation, case: Case) -> bool:
    """Is the quote, letter by letter, in the whole stored text of the evidence it names, and long enough to mean something?"""
    exhibit = case.exhibit(citation.evidence_id)
    long_enough = len(citation.quote.strip()) >= SHORTEST_QUOTE and len(citation.quote) <= LONGEST_QUOTE
    return exhibit is not None and long_enough and citation.quote in exhibit.text


def _weighed(
    opinion: Opinion, citations: tuple[Citation, ...], dropped: int, kept: Kept, case: Case, draft: Opinion, faith: float
) -> _Weighed:
    """The model's judgement with what its slips and the second reader leave of it, or the rules' where it does not count."""
    swayed = _swayed(citations, case) if citations and draft.proposed and opinion != draft else ""
    if not swayed:
        share = len(citations) / max(1, len(citations) + dropped)
        return _Weighed(opinion, citations, share * A_SLIP_LEAVES**kept.slips * min(1.0, max(0.0, faith)))
    own = tuple(citation for citation in dict.fromkeys(draft.citations) if holds(citation, case))
    agrees = opinion.cause is draft.cause
    beside = tuple(citation for citation in citations if agrees and not instructs(citation, case))
    said = "" if agrees else f"; it says {opinion.cause.value}"
    return _Weighed(draft, own, 1.0, beside, (f"cause and confidence are the fixed rules' own: {swayed}{said}",))


def _swayed(citations: tuple[Citation, ...], case: Case) -> str:
    """Why a model's judgement does not count where an action depends on it; empty where it does."""
    if case.instructing:
        return "text in the evidence tries to instruct its reader, and the model may have followed it"
    return "" if any(_is_measured(citation, case) for citation in citations) else "the model cites nothing that was measured"


def _is_measured(citation: Citation, case: Case) -> bool:
    """Of a collector that measures, and from a line that nobody from outside wrote."""
    exhibit = case.exhibit(citation.evidence_id)
    if exhibit is None or exhibit.evidence.collector not in MEASURED:
        return False
    return any(citation.quote.splitlines()[0] in line for line in exhibit.lines if not written_outside(line))


def _confidence(weighed: _Weighed, case: Case, draft: Opinion, hypotheses: tuple[Hypothesis, ...]) -> tuple[float, tuple[str, ...]]:
    """What was claimed, times what is left of it, times what each doubt leaves, under the caps. A model can lower what the
    rules reach; it cannot lift it."""
    confidence = min(weighed.judgement.confidence, SUREST) * weighed.share
    notes = []
    for doubt in doubts(Reading(weighed.judgement, weighed.citations, case, hypotheses)):
        confidence *= doubt.factor
        notes.append(f"confidence is lower: {doubt.says}")
    for cap, why in _caps(weighed, case, draft):
        if confidence > cap:
            confidence = cap
            notes.append(f"confidence is at most {cap:.0%}: {why}")
    return round(confidence, 4), tuple(notes)


def _caps(weighed: _Weighed, case: Case, draft: Opinion) -> Iterator[tuple[float, str]]:
    if not any(_is_measured(citation, case) for citation in weighed.citations):
        yield BELOW_THE_BAR, "nothing that is cited was measured by AWS"
    if weighed.judgement.cause is draft.cause:
        yield draft.confidence, "the fixed rules are no surer than that"
    else:
        yield BELOW_THE_BAR, f"the fixed rules say {draft.cause.value}"
        if draft.proposed:
            yield draft.confidence, "the fixed rules are no surer of what they propose"


def _repositories(case: Case, team: Services | None) -> tuple[str, ...]:
    """Where the code of the incident's service lies, by the team's own word."""
    of_service = {case.incident.service, *case.incident.services}
    return tuple(service.repository for service in (team.services if team else ()) if service.name in of_service and service.repository)


def _of_citations(dropped: int, claimed: int) -> Iterator[str]:
    if dropped:
        yield f"{dropped} of {claimed} citations were not found in the evidence and were dropped"


def _of_advice(opinion: Opinion, draft: Opinion) -> Iterator[str]:
    """What a model would do or rate otherwise, for people: the words are ours, only names of the catalogue are repeated."""
    if opinion.severity is not draft.severity:
        yield f"severity {opinion.severity.value} was advised; it stays {draft.severity.value}, as the alert was rated"
    ours = {one.action for one in draft.proposed}
    for name in list(dict.fromkeys(one.action for one in opinion.proposed if one.action not in ours))[:MOST_NOTES]:
        if name in catalogue():
            yield f"a proposed action was dropped: {name} would be the model's idea; the fixed rules do not propose it for this evidence"
        else:
            yield "a proposed action was dropped: the catalogue has no action of that name"


def _warned(kept: Kept, case: Case) -> dict[str, object]:
    """The contributing factors, with a word on text that tries to instruct."""
    if not case.instructing:
        return {}
    told = kept.fields["contributing"]
    said = told if isinstance(told, tuple) else ()
    where = ", ".join(case.instructing)
    return {"contributing": (*said, f"Text in {where} tries to instruct whoever reads it; the lines that do were left out.")}
