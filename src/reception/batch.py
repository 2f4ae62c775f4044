"""Folds a batch of alerts before any of it is written: two reads for all of them, then each in its turn, in memory.

What a batch costs grows with the fingerprints and incidents that it speaks of, not with its alerts. Where somebody else
wrote first, those fingerprints are read and decided again, a few times; then their records go back to the queue.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from reception.enrichment import enriched
from reception.folding import MOST_FIRING, Situation
from reception.hearing import Heard, Look, Rules, admitted, hear, opening, waits, wake
from reception.item import Item
from reception.noise.correlation import correlate
from reception.wiring import Wiring
from reception.writing import Intent, Writer
from watchkeeper.aside import PARTITION, Aside, Why, partition_of, place_of
from watchkeeper.episodes import Episode, Verdict
from watchkeeper.errors import AlreadyWritten, Stale
from watchkeeper.ids import incident_id
from watchkeeper.models import Alert, Incident
from watchkeeper.telemetry import count

TRIES = 5
MOST_WAITING = 20
MOST_CANDIDATES = 20
MOST_QUERIES = 3
OPENED_WITHIN = timedelta(days=2)


def fold_in(items: Sequence[Item], wiring: Wiring, tries: int = TRIES) -> dict[str, Exception]:
    """Let each alert open, join, reopen or close its incident; which fingerprints failed, and why."""
    failed: dict[str, Exception] = {}
    left = list(items)
    for attempt in range(tries):
        if not left:
            break
        again: dict[str, Exception] = {}
        for name, error in _folded(left, wiring).items():
            (again if isinstance(error, Stale | AlreadyWritten) and attempt < tries - 1 else failed)[name] = error
        left = [item for item in left if item.fingerprint in again]
    return failed


def _folded(items: Sequence[Item], wiring: Wiring) -> dict[str, Exception]:
    """One round; what cannot even be read fails whole."""
    try:
        return Round(items, wiring).fold()
    except Exception as error:  # noqa: BLE001 - it becomes the failure of every record of the batch
        return {item.fingerprint: error for item in items}


class Round:
    """One reading of the table, and all that the items make of it."""

    def __init__(self, items: Sequence[Item], wiring: Wiring) -> None:
        self._wiring, self._at = wiring, wiring.clock()
        self._items = sorted(items, key=lambda item: item.turn)
        self._keys = [item.alert.key if item.alert else "" for item in self._items]
        self._episodes = wiring.incidents.episodes({item.fingerprint for item in items})
        self._intent = Intent({name: episode.revision for name, episode in self._episodes.items()})
        self._placed = self._on_record()
        self._writer = Writer(wiring.incidents, wiring.publisher)
        self._verdicts: Counter[str] = Counter()

    def _on_record(self) -> dict[str, str]:
        """Where those alerts lie that are known already, by their key; and the incidents, read along."""
        rows: dict[tuple[str, str], str] = {}
        for item, key in zip(self._items, self._keys, strict=True):
            if item.alert:
                rows |= {(place, f"{Alert.prefix}#{key}"): key for place in _concerned(self._episodes[item.fingerprint])}
                rows[place_of(item.alert, key)] = key
        concerned = {place for episode in self._episodes.values() for place in _concerned(episode)}
        found = self._wiring.incidents.look_up(concerned, rows.keys())
        self._incidents = dict(found.incidents)
        return {rows[place]: place[0] for place in found.rows}

    def fold(self) -> dict[str, Exception]:
        rules = self._wiring.rules()
        for item, key in zip(self._items, self._keys, strict=True):
            if item.fingerprint in self._writer.failed:
                continue
            try:
                self._take(item, key, rules)
            except Exception as error:  # noqa: BLE001 - it becomes the failure of the records that speak of this fingerprint
                self._writer.failed[item.fingerprint] = error
        self._writer.write(self._intent, self._episodes)
        for verdict, times in self._verdicts.items():
            count("AlertsFolded", times, verdict=verdict)
        return self._writer.failed

    def _take(self, item: Item, key: str, rules: Rules) -> None:
        if key in self._placed:
            return self._duplicate(item, self._placed[key])
        episode = self._episodes[item.fingerprint]
        incident = self._incidents.get(episode.open_incident or episode.last_incident)
        if item.alert:
            s = Situation(item.alert, episode, incident, self._at, self._wiring.settle, "", item.trace_id)
            heard = hear(s, rules)
        else:
            heard = wake(Look(episode, incident, self._at, self._wiring.settle, item.trace_id), rules)
        if heard.opens:
            heard = self._open(heard, heard.opens, waits(episode), rules)
        if item.alert is None:
            heard = replace(heard, aside=None)  # what it last fired with lies there already
        return self._note(item, heard, key)

    def _duplicate(self, item: Item, place: str) -> None:
        """On record. Where its record was delivered before, whoever put it there may have died before sending what it owed."""
        self._verdicts["duplicate"] += 1
        if item.again and not place.startswith(PARTITION):
            self._intent.settles.setdefault(place, set()).add(item.fingerprint)
        elif not item.again:
            named = place, item.fingerprint
            self._intent.tallies[named] = self._intent.tallies.get(named, 0) + 1

    def _note(self, item: Item, heard: Heard, key: str) -> None:
        """What later items of the batch see, and what is written in the end."""
        name = item.fingerprint
        self._verdicts[heard.aside.why.value if heard.aside else heard.verdict.value] += 1
        if heard.step:
            self._incidents[heard.step.after.id] = heard.step.after
            self._episodes |= {episode.fingerprint: episode for episode in heard.step.pointers}
            self._placed[key] = heard.step.after.id
            self._intent.add(name, heard.step)
        elif heard.aside:
            self._placed[key] = partition_of(name)
            self._intent.asides.setdefault(name, []).append(heard.aside)
            self._intent.noted.add(name)
        elif heard.episode != self._episodes[name]:
            self._intent.noted.add(name)
        self._episodes[name] = heard.episode

    def _open(self, heard: Heard, s: Situation, waits: bool, rules: Rules) -> Heard:  # noqa: FBT001 - what the caller saw of the episode
        """It would open something: now all is asked that costs a question, which is once an incident and not once an alert."""
        s = replace(s, alert=self._enriched(s.alert), new_id=incident_id(self._at))
        found = admitted(s, heard, rules)
        if found.opens is None:
            return found
        candidates = self._candidates(s.alert, rules) if found.verdict is Verdict.OPEN else []
        match = correlate(s.alert, candidates, rules.dependencies, rules.said.correlation)
        other = self._incidents[match.incident_id] if match else None
        opened = opening(found, self._waiting(s) if waits else [], match, other, rules)
        return self._pointed(opened, s.alert)

    def _enriched(self, alert: Alert) -> Alert:
        return enriched(alert, self._wiring.directory(), self._wiring.services(), self._wiring.redact)

    def _waiting(self, s: Situation) -> list[Aside]:
        """What lies aside of the fingerprint since it was last over, with what this batch has set aside and not yet written."""
        name = s.alert.fingerprint
        mine = self._intent.asides.pop(name, [])
        late = [aside for aside in mine if aside.why is Why.LATE]
        if late:
            self._intent.asides[name] = late
        else:
            self._intent.noted.discard(name)
        over = s.episode.resolved_at
        lying = [*mine, *self._wiring.incidents.aside(name, MOST_WAITING)]
        return [aside for aside in lying if aside.why is not Why.LATE and (over is None or aside.alert.occurred_at > over)][:MOST_WAITING]

    def _pointed(self, opened: Heard, alert: Alert) -> Heard:
        """With a pointer from the resource to its incident, guarded by its revision: of two that open on it at once one is first."""
        pointer, step = self._episodes.get(_resource(alert)), opened.step
        if step is None or pointer is None or pointer.open_incident == step.after.id:
            return opened  # what reopens has read no pointer: it has one, or lost it to an incident that came since
        return replace(opened, step=replace(step, pointers=(pointer.model_copy(update={"open_incident": step.after.id}),)))

    def _candidates(self, alert: Alert, rules: Rules) -> list[Incident]:
        """Open incidents that it may belong to, as they are now: those of this batch, its resource's and the services' around it."""
        names = [name for name in (_resource(alert),) if name]
        unknown = [name for name in names if name not in self._episodes]
        for name, pointer in (self._wiring.incidents.episodes(unknown) if unknown else {}).items():
            self._episodes[name], self._intent.revisions[name] = pointer, pointer.revision
        ids = {self._episodes[name].open_incident for name in names} | {i.id for i in self._indexed(alert, rules)}
        unread = ids - self._incidents.keys() - {""}
        if unread:
            self._incidents |= self._wiring.incidents.look_up(unread, ()).incidents
        return [incident for incident in self._incidents.values() if len(incident.firing) < MOST_FIRING]

    def _indexed(self, alert: Alert, rules: Rules) -> list[Incident]:
        """What the indexes know, in at most three questions."""
        incidents, since = self._wiring.incidents, self._at - OPENED_WITHIN
        found: list[Incident] = []
        questions = 0
        if alert.resources:
            found += incidents.on_resource(alert.resources[0].arn or alert.resources[0].id, since, MOST_CANDIDATES)
            questions += 1
        for service in [alert.service, *_around(alert.service, rules.dependencies.needs)][: MOST_QUERIES - questions]:
            if service != "unknown":
                found += incidents.of_service(service, since, MOST_CANDIDATES)
        return found


def _around(service: str, needs: Mapping[str, frozenset[str]]) -> list[str]:
    """What the service needs, then what needs it."""
    return [*sorted(needs.get(service, ())), *sorted(name for name, needed in needs.items() if service in needed)]


def _concerned(episode: Episode) -> set[str]:
    return {episode.open_incident, episode.last_incident} - {""}


def _resource(alert: Alert) -> str:
    """The name of the pointer from what the alert is about; empty where it names nothing."""
    return f"resource/{alert.resources[0].arn or alert.resources[0].id}" if alert.resources else ""
