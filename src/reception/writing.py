"""Carries out what a batch came to: a change for each incident, an episode for each fingerprint that opened nothing, and the counts.

Each write stands alone and says what it was decided on. Where one fails, what was decided on top of it is not written: it is
read and decided again, now or at the next delivery, and alerts that are on record by then are found there.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial

from reception.drafting import Draft, Step, as_change
from watchkeeper.aside import Aside
from watchkeeper.episodes import Episode
from watchkeeper.errors import Stale, WatchkeeperError
from watchkeeper.models import Incident
from watchkeeper.ports import Incidents
from watchkeeper.publish import Publisher
from watchkeeper.telemetry import logger

MOST_ASIDE = 90


@dataclass
class Intent:
    """What is to be written, in order, and on which revisions it was decided."""

    revisions: dict[str, int]
    drafts: list[Draft] = field(default_factory=list)
    asides: dict[str, list[Aside]] = field(default_factory=dict)
    noted: set[str] = field(default_factory=set)
    tallies: dict[tuple[str, str], int] = field(default_factory=dict)
    settles: dict[str, set[str]] = field(default_factory=dict)

    def add(self, fingerprint: str, step: Step) -> None:
        """To the last draft of its incident, unless a later draft builds on the same fingerprints: then to a new one."""
        names = step.names | {fingerprint}
        for draft in reversed(self.drafts):
            if draft.incident_id == step.after.id:
                draft.add(fingerprint, step)
                return
            if draft.names & names:
                break
        self.drafts.append(Draft(step.after.id))
        self.drafts[-1].add(fingerprint, step)


@dataclass
class Writer:
    """Writes an intent; `failed` says of which fingerprints something was not written, and why."""

    incidents: Incidents
    publisher: Publisher
    failed: dict[str, Exception] = field(default_factory=dict)

    def write(self, intent: Intent, episodes: Mapping[str, Episode]) -> None:
        bases: dict[str, Incident] = {}
        spoiled = set(self.failed)
        for draft in intent.drafts:
            error = self._attempt(draft, intent, bases, spoiled)
            if error:
                spoiled |= {draft.incident_id, *draft.names}
                self.failed = dict.fromkeys(draft.fingerprints, error) | self.failed
        for fingerprint in intent.noted - spoiled:
            self._apart({fingerprint}, partial(self._episode, episodes[fingerprint], intent))
        for incident_id, fingerprints in intent.settles.items():
            self._apart(fingerprints, partial(self._settle, incident_id))
        for (place, fingerprint), duplicates in intent.tallies.items():
            if fingerprint not in self.failed:
                self._tally(place, fingerprint, duplicates)

    def _attempt(self, draft: Draft, intent: Intent, bases: dict[str, Incident], spoiled: set[str]) -> Exception | None:
        """Why it is not written. What was decided on a write that failed is not at fault itself: it is decided again."""
        if spoiled & {draft.incident_id, *draft.names}:
            return Stale(f"{draft.incident_id} was decided on what could not be written")
        try:
            self._draft(draft, intent, bases)
        except Exception as error:  # noqa: BLE001 - it becomes the failure of the records whose alerts these are
            return error
        return None

    def _draft(self, draft: Draft, intent: Intent, bases: dict[str, Incident]) -> None:
        for part in draft.parts():
            change = as_change(bases.get(draft.incident_id, part[0].before), part, intent.revisions)
            self.publisher.publish(change)
            said = {"incident_id": change.incident.id, "trace_id": change.incident.trace_id, "version": change.incident.version}
            logger.info("folded", extra=said | {"alerts": len(change.new), "told": [record.kind for record in change.records]})
            bases[draft.incident_id] = change.incident
            intent.revisions.update({episode.fingerprint: episode.revision for episode in change.episodes})

    def _episode(self, episode: Episode, intent: Intent) -> None:
        left = intent.asides.get(episode.fingerprint, [])
        while True:
            revision = intent.revisions.get(episode.fingerprint, 0) + 1
            self.incidents.put_episode(episode.model_copy(update={"revision": revision}), left[:MOST_ASIDE])
            intent.revisions[episode.fingerprint] = revision
            for row in left[:MOST_ASIDE]:
                logger.info("set aside", extra={"fingerprint": episode.fingerprint, "why": row.why.value, "says": row.says})
            left = left[MOST_ASIDE:]
            if not left:
                return

    def _settle(self, incident_id: str) -> None:
        self.publisher.settle(self.incidents.owed(incident_id))

    def _tally(self, place: str, fingerprint: str, duplicates: int) -> None:
        try:
            self.incidents.tally(place, fingerprint, duplicates)
        except WatchkeeperError:
            logger.exception("duplicates were not counted", extra={"place": place, "duplicates": duplicates})

    def _apart(self, fingerprints: Iterable[str], act: Callable[[], None]) -> None:
        """Each for itself: a failure is that of these fingerprints."""
        try:
            act()
        except Exception as error:  # noqa: BLE001 - it becomes the failure of the records whose alerts these are
            self.failed |= dict.fromkeys(fingerprints, error)
