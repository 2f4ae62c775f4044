"""Steps that follow each other become one change: a batch of a hundred alerts is a few writes, and one message to tell."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from watchkeeper.change import Change, change
from watchkeeper.episodes import Episode
from watchkeeper.messages import AnalysisAsked, LookAgain
from watchkeeper.models import Alert, Happening, Incident, Status

ACTOR = "reception"
MOST_WRITES = 70  # of the hundred in a transaction; the rest is for the incident, its resources and its debts
_DECIDED_ELSEWHERE = {"version", "updated_at", "audit_length", "audit_head"}


@dataclass(frozen=True)
class Step:
    """What one alert does to its incident and its fingerprint, decided and not yet written.

    `before` and `after` have the version that was read. `episode` is none where the fingerprint's stays as it is; its
    revision is set when it is written, as that of the `pointers`. `gone` are the places that `alerts` come from.
    """

    before: Incident
    after: Incident
    at: datetime
    happenings: tuple[Happening, ...]
    alerts: tuple[Alert, ...]
    episode: Episode | None = None
    asks: bool = False
    looks: LookAgain | None = None
    loud: bool = False
    pointers: tuple[Episode, ...] = ()
    gone: tuple[tuple[str, str], ...] = ()

    @property
    def names(self) -> set[str]:
        """The fingerprints and pointers that it writes."""
        return {episode.fingerprint for episode in (self.episode, *self.pointers) if episode}


@dataclass
class Draft:
    """The steps of one incident, in order; `fingerprints` are those whose alerts or looks they come from."""

    incident_id: str
    steps: list[Step] = field(default_factory=list)
    fingerprints: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)

    def add(self, fingerprint: str, step: Step) -> None:
        self.steps.append(step)
        self.fingerprints.add(fingerprint)
        self.names |= step.names | {fingerprint}

    def parts(self) -> Iterator[list[Step]]:
        """The steps, in as many parts as there have to be transactions."""
        part: list[Step] = []
        for step in self.steps:
            if part and _writes([*part, step]) > MOST_WRITES:
                yield part
                part = []
            part.append(step)
        if part:
            yield part


def _writes(steps: Sequence[Step]) -> int:
    """How many rows they come to: alerts, episodes, places that are left, and what is told."""
    told = sum(not _merely_joined(happening) for step in steps for happening in step.happenings)
    return sum(len(step.alerts) + len(step.gone) for step in steps) + len({name for step in steps for name in step.names}) + 2 * told + 1


def as_change(base: Incident, steps: Sequence[Step], revisions: dict[str, int] | None = None) -> Change:
    """All these steps as the next version of `base`. `revisions` are those that lie in the table; without, as the steps read them."""
    last = steps[-1]
    fields = {name: value for name, value in last.after if name not in _DECIDED_ELSEWHERE}
    asks = any(step.asks for step in steps) and last.after.status is not Status.RESOLVED
    asked = [AnalysisAsked(incident_id=base.id, version=base.version + 1, trace_id=base.trace_id)] if asks else []
    looks = [step.looks for step in steps if step.looks][-1:]
    own = [step.episode for step in steps if step.episode]
    episodes = _latest(own + [pointer for step in steps for pointer in step.pointers], revisions)
    return change(
        base,
        list(_told(steps)),
        last.at,
        new=[alert for step in steps for alert in step.alerts],
        episode=episodes[0] if episodes else None,
        pointers=episodes[1:],
        gone=[place for step in steps for place in step.gone],
        owed=[*asked, *looks],
        quiet=not any(step.loud for step in steps),
        **fields,
    )


def _latest(episodes: Sequence[Episode], revisions: dict[str, int] | None) -> list[Episode]:
    """Each fingerprint once, as it was left, one revision on."""
    latest = {episode.fingerprint: episode for episode in episodes}
    known = revisions if revisions is not None else {name: episode.revision for name, episode in latest.items()}
    return [episode.model_copy(update={"revision": known.get(name, 0) + 1}) for name, episode in latest.items()]


def _told(steps: Sequence[Step]) -> Iterator[Happening]:
    """What happened, with alerts that merely joined one after the other told in one sentence."""
    joined: list[Happening] = []
    for happening in (happening for step in steps for happening in step.happenings):
        if _merely_joined(happening):
            joined.append(happening)
            continue
        yield from _together(joined)
        joined = []
        yield happening
    yield from _together(joined)


def _merely_joined(happening: Happening) -> bool:
    return happening.kind == "alert.joined" and "score" not in happening.detail


def _together(joined: Sequence[Happening]) -> Iterator[Happening]:
    if len(joined) < 2:
        yield from joined
        return
    last = joined[-1]
    sources = " and ".join(sorted({str(one.detail["source"]) for one in joined}))
    detail = {**last.detail, "alerts": len(joined), "first": joined[0].detail["alert"], "since": joined[0].detail["occurred_at"]}
    yield last.but(says=f"Joined by {len(joined)} more of {sources}; the last: {last.says.partition(': ')[2]}", detail=detail)
