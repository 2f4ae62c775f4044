"""The stories, played at once: four that end well by themselves, and five that are a person's in the end, two of them after a fix that did
not help."""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from local.stage import Stage
from local.world.patient import Patient
from watchkeeper.models import AuditRecord, DeliveryStatus, Incident, Status
from watchkeeper.story import Story, tell

LOOK_EVERY_SECONDS = 0.3
Heard = Callable[[str, AuditRecord], None]


@dataclass(frozen=True)
class Ending:
    """How a story ended: every incident of its patient with all that hangs on it, and what was still missing."""

    patient: Patient
    stories: tuple[Story, ...]
    unfinished: str = ""

    @property
    def name(self) -> str:
        return self.patient.name

    @property
    def story(self) -> Story | None:
        return self.stories[0] if self.stories else None


def play(stage: Stage, heard: Heard) -> list[Ending]:
    """All patients fall ill; `heard` is told of every record as it is written. Ends when all is over and told, or patience is."""
    with ThreadPoolExecutor(2) as pool:
        for falling in [pool.submit(patient.fall_ill) for patient in stage.world.patients]:
            falling.result()
    return follow(stage, stage.world.patients, heard)


def follow(stage: Stage, patients: Sequence[Patient], heard: Heard) -> list[Ending]:
    """Watch the incidents of these patients to their end."""
    seen: dict[str, int] = {}
    deadline = time.monotonic() + stage.options.patience_seconds
    while True:
        recent = stage.incidents.recent(50)
        endings = [_look(stage, patient, recent) for patient in patients]
        for ending in endings:
            for story in ending.stories:
                for record in story.history[seen.get(story.incident.id, 0) :]:
                    heard(ending.name, record)
                seen[story.incident.id] = len(story.history)
        if all(not ending.unfinished for ending in endings) or time.monotonic() > deadline:
            return endings
        time.sleep(LOOK_EVERY_SECONDS)


def _look(stage: Stage, patient: Patient, recent: Sequence[Incident]) -> Ending:
    own = [incident for incident in recent if patient.owns(incident)]
    stories = tuple(story for incident in own if (story := tell(stage.incidents, incident.id)))
    return Ending(patient, stories, _unfinished(patient, stories))


def _unfinished(patient: Patient, stories: tuple[Story, ...]) -> str:
    """What this story still waits for; empty when it is over and everybody was told."""
    if not stories:
        return "no incident was opened"
    story = stories[0]
    if story.incident.status not in {patient.ends, Status.RESOLVED, Status.ESCALATED}:
        return f"{story.incident.id} is still {story.incident.status.value}"
    waiting = [delivery for delivery in story.deliveries if delivery.status is not DeliveryStatus.REFUSED]
    untold = [delivery.channel for delivery in waiting if delivery.shown_version < story.incident.version]
    return f"not told to the end: {', '.join(untold) or 'any channel'}" if untold or not story.deliveries else ""


def culprit(ending: Ending) -> str:
    """The function whose log most likely says why a story did not end well."""
    if ending.story is None:
        return "reception"
    incident: Incident = ending.story.incident
    by_status: Mapping[Status, str] = {Status.OPEN: "analysis", Status.RESOLVED: "distribution"}
    if incident.status is Status.INVESTIGATING:
        return "remediation" if incident.analysis_id else "analysis"
    return by_status.get(incident.status, "remediation")
