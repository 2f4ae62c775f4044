"""Everything that is known of an incident when it is judged: the facts, and the evidence in full."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from analysis.instructions import instructing
from watchkeeper.actions import Action, catalogue
from watchkeeper.goals import is_goal
from watchkeeper.models import Alert, Answer, Citation, Evidence, Incident

MEASURED = frozenset(
    {"metric", "neighbours", "service_map", "ec2", "ecs", "asg", "rds", "lambda", "sqs", "targets", "dynamodb", "acm", "quotas"}
)  # what an API of AWS measured or holds as state; who changed what, and alarms that somebody named and worded, are not
LONGEST_QUOTE = 500


@dataclass(frozen=True)
class Exhibit:
    """A piece of evidence with its whole text, of which the row may hold only the beginning."""

    evidence: Evidence
    text: str
    provenance: str = ""

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines that speak of the system. Those that try to instruct whoever reads them are left out: no rule sees them."""
        left_out = self.instructing
        return tuple(line for number, line in enumerate(self.text.splitlines()) if number not in left_out)

    @property
    def instructing(self) -> frozenset[int]:
        """The numbers of the lines that try to instruct."""
        return instructing(self.text)


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
                yield from ((exhibit.evidence.id, line) for line in exhibit.lines)

    @cached_property
    def instructing(self) -> tuple[str, ...]:
        """The ids of the evidence in which some line tries to instruct whoever reads it."""
        return tuple(exhibit.evidence.id for exhibit in self.exhibits if exhibit.instructing)

    @property
    def missing(self) -> tuple[str, ...]:
        """What was asked and not answered, or answered with nothing, a sentence each."""
        said = [_unanswered(exhibit.evidence) for exhibit in self.exhibits if exhibit.evidence.answer is not Answer.FOUND]
        if not is_goal(self.incident) and not any(resource.trusted for resource in self.incident.resources):
            said.append("no authenticated field of the alert names a resource, so no state could be read")
        return tuple(said)

    def fitting(self) -> dict[str, Action]:
        """The catalogue actions that have a trusted target: among the incident's resources, or what an API named in the evidence; then
        those whose target the inventory may reach from one of these."""
        of_evidence = (resource for exhibit in self.exhibits for resource in exhibit.evidence.resources)
        kinds = {resource.type for resource in (*self.incident.resources, *of_evidence) if resource.trusted}
        direct = {name: action for name, action in catalogue().items() if action.target_type in kinds}
        return direct | {name: action for name, action in catalogue().items() if name not in direct and kinds & set(action.reached_from)}


def _unanswered(evidence: Evidence) -> str:
    """What would fill the gap comes last: the permission to grant, or the log groups to name."""
    if evidence.answer is Answer.NOTHING:
        return f"{evidence.collector}: nothing found. {evidence.summary}"
    said = f"{evidence.collector}: {evidence.answer.value.replace('_', ' ')}, {evidence.why}"
    if evidence.permission:
        return f"{said}. Grant {evidence.permission} to the analysis function"
    return f"{said}. Check log_groups of the service in config/services.yaml" if evidence.collector == "logs" else said
