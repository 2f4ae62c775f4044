"""Repeats: the same signature gets the analysis that was made before, if the evidence of today still shows what it cites."""

import re

from analysis.case import LONGEST_QUOTE, Case
from analysis.opinion import Opinion
from watchkeeper.ids import digest
from watchkeeper.models import Analysis, Citation
from watchkeeper.team import Service

_VARYING = re.compile(r"\[[a-z-]+:[0-9a-f]{8}\]|\b[0-9a-f]{8,}\b|\d+(?:\.\d+)?", re.IGNORECASE)
_VERSIONS = (
    ("ecs", re.compile(r"^deployment PRIMARY of (\S+)")),
    ("lambda", re.compile(r"code sha256 (\S+)")),
)


def signature(case: Case, draft: Opinion, orders_version: str, service: Service | None, model: str) -> str:
    """The alert's fingerprint, the shape of the evidence, the version of the standing orders, the service as the team describes
    it and as it is deployed, and the model that would be asked.

    The shape is who answered how, and what the rules make of it: it is the same for the same trouble on another night. What is
    deployed is read from the lines in which collectors name a version, so that an analysis of the old one is not used for the new.
    """
    shape = [(exhibit.evidence.collector, exhibit.evidence.answer.value) for exhibit in case.exhibits]
    proposed = sorted(action.action for action in draft.proposed)
    parts = {"fingerprint": case.incident.fingerprint, "shape": shape, "cause": draft.cause, "proposed": proposed}
    of_team = service.model_dump(mode="json") if service else None
    return digest({**parts, "orders": orders_version, "service": of_team, "deployed": _deployed(case), "model": model})


def _deployed(case: Case) -> list[str]:
    found = {match[1] for name, pattern in _VERSIONS for match in case.matches(name, pattern)}
    return sorted(found)


def remembered(analysis: Analysis, case: Case) -> Opinion | None:
    """The cached analysis as an opinion on today's evidence, or none where it does not hold any more.

    Each citation is found again: letter by letter, or as a line that differs only in figures, times and ids. Then it is
    today's line that is cited. One that is not found means that the trouble only looks the same.
    """
    found = [_again(citation, case) for citation in analysis.citations]
    citations = tuple(citation for citation in found if citation)
    if not citations or len(citations) < len(found):
        return None
    names = set(Opinion.model_fields) - {"citations"}
    return Opinion.model_validate({**{name: getattr(analysis, name) for name in names}, "citations": citations})


def to_keep(analysis: Analysis, case: Case) -> Analysis:
    """The analysis as the cache holds it: each citation names its collector, because evidence ids are others the next time."""
    collectors = {exhibit.evidence.id: exhibit.evidence.collector for exhibit in case.exhibits}
    return analysis.but(citations=tuple(one.but(evidence_id=collectors[one.evidence_id]) for one in analysis.citations))


def alike(quote: str, text: str) -> str:
    """The quote itself if the text holds it letter by letter, else a line that differs only in figures, times and ids; or empty."""
    if quote in text:
        return quote
    wanted = _VARYING.sub("#", quote)
    return next((line[:LONGEST_QUOTE] for line in text.splitlines() if wanted in _VARYING.sub("#", line)), "")


def _again(citation: Citation, case: Case) -> Citation | None:
    for exhibit in case.exhibits:
        if exhibit.evidence.collector == citation.evidence_id and (quote := alike(citation.quote, exhibit.text)):
            return Citation(evidence_id=exhibit.evidence.id, quote=quote)
    return None
