"""The two stories, played at once: a host runs out of processor time, and a service's tasks die."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from local.stage import Stage
from local.world import checkout, storefront
from watchkeeper.models import AuditRecord, DeliveryStatus, Incident, Status
from watchkeeper.story import Story, tell

LOOK_EVERY_SECONDS = 0.3
SERVICES = {checkout.ALARM: checkout.SERVICE, storefront.ALARM: storefront.SERVICE}
Heard = Callable[[str, AuditRecord], None]


@dataclass(frozen=True)
class Ending:
    """How a story ended: every incident of its alarm with all that hangs on it, and what was still missing."""

    alarm: str
    stories: tuple[Story, ...]
    unfinished: str = ""

    @property
    def story(self) -> Story | None:
        return self.stories[0] if self.stories else None


def play(stage: Stage, heard: Heard) -> list[Ending]:
    """Both patients fall ill; `heard` is told of every record as it is written. Ends when both are over and told, or patience is."""
    for patient in stage.world.patients:
        patient.fall_ill()
    return follow(stage, [patient.alarm for patient in stage.world.patients], heard)


def follow(stage: Stage, alarms: list[str], heard: Heard) -> list[Ending]:
    """Watch the incidents of these alarms to their end."""
    seen: dict[str, int] = {}
    deadline = time.monotonic() + stage.options.patience_seconds
    while True:
        endings = [_look(stage, alarm) for alarm in alarms]
        for ending in endings:
            for story in ending.stories:
                for record in story.history[seen.get(story.incident.id, 0) :]:
                    heard(ending.alarm, record)
                seen[story.incident.id] = len(story.history)
        if all(not ending.unfinished for ending in endings) or time.monotonic() > deadline:
            return endings
        time.sleep(LOOK_EVERY_SECONDS)


def _look(stage: Stage, alarm: str) -> Ending:
    own = [incident for incident in stage.incidents.recent(50) if incident.alarm_name == alarm]
    stories = tuple(story for incident in own if (story := tell(stage.incidents, incident.id)))
    return Ending(alarm, stories, _unfinished(stories))


def _unfinished(stories: tuple[Story, ...]) -> str:
    """What this story still waits for; empty when it is over and everybody was told."""
    if not stories:
        return "no incident was opened"
    story = stories[0]
    if story.incident.status not in {Status.RESOLVED, Status.ESCALATED}:
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
