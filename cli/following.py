"""Follows a question from its asking to its answer: each step as soon as it is told, and the end where there is one."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from cli.command import Desk
from watchkeeper.models import Incident, Status, Step
from watchkeeper.story import newest

EVERY_SECONDS = 0.5
ANSWERED = frozenset({Status.RESOLVED, Status.ESCALATED, Status.AWAITING_APPROVAL, Status.SUPPRESSED})


@dataclass
class Following:
    """`heard` is told each step once. `incident_id` is empty until the question was folded."""

    desk: Desk
    fingerprint: str
    heard: Callable[[Step], None]
    incident_id: str = ""
    told: set[str] = field(default_factory=set)

    def follow(self, limit: timedelta) -> Incident | None:
        """The incident once it is answered or waits for a person; none when the time is up. Asking more often changes nothing."""
        until = self.desk.clock() + limit
        while True:
            incident = self._look()
            if incident is not None and incident.status in ANSWERED:
                return incident
            if self.desk.clock() >= until:
                return None
            self.desk.pause(EVERY_SECONDS)

    def _look(self) -> Incident | None:
        """The incident first and its steps after it, so that an incident that has ended has told all of its steps."""
        incidents = self.desk.stack.incidents
        if not self.incident_id:
            episode = incidents.episode(self.fingerprint)
            self.incident_id = episode.open_incident or episode.last_incident
        incident = incidents.load(self.incident_id) if self.incident_id else None
        if incident is not None:
            self._tell(newest(incidents.rows(incident.id, Step)))
        return incident

    def _tell(self, steps: tuple[Step, ...]) -> None:
        for step in steps:
            if step.key not in self.told:
                self.told.add(step.key)
                self.heard(step)
