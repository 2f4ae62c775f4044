"""Everything that is known of an incident when it is judged: the facts, and the evidence in full."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from watchkeeper.actions import Action, catalogue
from watchkeeper.models import Alert, Answer, Citation, Evidence, Incident

MEASURED = frozenset({"metric", "ec2", "ecs"})
LONGEST_QUOTE = 500


@dataclass(frozen=True)
class Exhibit:
    """A piece of evidence with its whole text, of which the row may hold only the beginning."""

    evidence: Evidence
    text: str
    provenance: str = ""


@dataclass(frozen=True)
class Case:
    incident: Incident
    alerts: tuple[Alert, ...]
    exhibits: tuple[Exhibit, ...]

    def exhibit(self, evidence_id: str) -> Exhibit | None:
        """The evidence of this id, if something was found."""
        found = (exhibit for exhibit in self.exhibits if exhibit.evidence.id == evidence_id)
        return next((exhibit for exhibit in found if exhibit.evidence.answer is Answer.FOUND), None)

    def lines(self, collector: str, pattern: "re.Pattern[str]") -> list[Citation]:
        """The lines of this collector's evidence that match, each as a citation of itself."""
        return [Citation(evidence_id=name, quote=line[:LONGEST_QUOTE]) for name, line in self._all(collector) if pattern.search(line)]

    def matches(self, collector: str, pattern: "re.Pattern[str]") -> "list[re.Match[str]]":
        """The matches in this collector's evidence, line by line."""
        return [match for _, line in self._all(collector) if (match := pattern.search(line))]

    def _all(self, collector: str) -> Iterator[tuple[str, str]]:
        for exhibit in self.exhibits:
            if exhibit.evidence.collector == collector:
                yield from ((exhibit.evidence.id, line) for line in exhibit.text.splitlines())

    @property
    def missing(self) -> tuple[str, ...]:
        """What was asked and not answered, or answered with nothing, a sentence each."""
        said = []
        for exhibit in self.exhibits:
            evidence = exhibit.evidence
            if evidence.answer is Answer.NOTHING:
                said.append(f"{evidence.collector}: nothing found. {evidence.summary}")
            elif evidence.answer is not Answer.FOUND:
                said.append(f"{evidence.collector}: {evidence.answer.value.replace('_', ' ')}, {evidence.why}")
        if not any(resource.trusted for resource in self.incident.resources):
            said.append("no authenticated field of the alert names a resource, so no state could be read")
        return tuple(said)

    def fitting(self) -> dict[str, Action]:
        """The catalogue actions that have a trusted target among the incident's resources."""
        kinds = {resource.type for resource in self.incident.resources if resource.trusted}
        return {name: action for name, action in catalogue().items() if action.target_type in kinds}
