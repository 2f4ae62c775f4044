"""One incident from its alert to its analysis."""

import hashlib
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from analysis.analyst.draft import draft
from analysis.analyst.ranking import ranked
from analysis.asked import Followed
from analysis.case import Case
from analysis.case_file import filed, stamped
from analysis.claims import Turn, holds, taken, turn
from analysis.collecting import case_of
from analysis.conclusion import completed
from analysis.deciding import Inputs, decide, from_memory
from analysis.evidence.ask import Ask
from analysis.memory import signature, to_keep
from analysis.thinking.journal import Journal
from analysis.thought import Matter
from analysis.wiring import Wiring
from watchkeeper.change import change
from watchkeeper.errors import AlreadyWritten, NotYet, Stale, WatchkeeperError
from watchkeeper.messages import AnalysisAsked, Queue
from watchkeeper.models import Analysis, Engine, Incident, Status, Step
from watchkeeper.telemetry import about, count, logger

TRIES = 5
FOR_THE_WRITES = 4.0


@dataclass(frozen=True)
class Deadline:
    """When the whole analysis has to be written, by the ticking clock."""

    wiring: Wiring
    ends: float

    def left(self) -> float:
        """Seconds for thinking, with enough kept back for the writes."""
        return self.ends - self.wiring.ticks() - FOR_THE_WRITES


def analyse(asked: AnalysisAsked, claim: str, wiring: Wiring) -> None:
    """Claim the incident, gather the evidence, say what it carries, and write evidence and analysis in one change.

    Safe to run twice and to die anywhere: before the one write there is nothing but a lease that ends, after it the row of
    this message's analysis exists, and all that is left is to pay what the change promised.
    """
    deadline = Deadline(wiring, wiring.ticks() + wiring.settings.deadline_seconds)
    incident = _claimed(asked, claim, wiring)
    if incident is None:
        return
    tell = partial(_told, claim=claim, wiring=wiring, incident_id=incident.id)
    followed = Followed(incident, Journal(asked.id, wiring.clock, wiring.redact, tell))
    case, ask = case_of(incident, wiring, asked.id, followed.begin)
    inputs = _known(case, ask, asked.id, deadline, followed)
    decided = decide(inputs)
    inputs = replace(inputs, thought=replace(inputs.thought, steps=followed.end(decided, case, inputs.thought.steps)))
    analysis = _filed(decided, inputs, wiring)
    if not _written(inputs, analysis, claim, wiring):
        return
    count("Analysis", engine=analysis.engine.value)
    if analysis.engine is Engine.CLAUDE:
        _kept(to_keep(analysis, inputs.whole), wiring)


def _known(case: Case, ask: Ask, name: str, deadline: Deadline, followed: Followed) -> Inputs:
    """All that the decision needs: what the memory holds and, where that is not enough, what thinking came to."""
    wiring = deadline.wiring
    ours = draft(case)
    followed.look(case, ours)
    sign = signature(case, ours, wiring.orders_version(), ask.service, wiring.settings.claude_triage_model)
    cached, trouble = _found(sign, wiring)
    inputs = Inputs(case, name, wiring.clock(), sign, cached=cached, notes=trouble, team=ask.services)
    if from_memory(inputs) is not None:
        return inputs
    matter = Matter(case, ask, ours, ranked(case), name, followed.journal.tell, followed.steps)
    return replace(inputs, thought=wiring.think(matter, deadline.left))


def _told(step: Step, *, claim: str, wiring: Wiring, incident_id: str) -> None:
    """The step beside the incident at once, so that people can follow. One which somebody else's change kept out is written
    with the analysis, so that it is not lost."""
    incident = wiring.incidents.load(incident_id)
    if incident is None or not holds(incident, claim):
        return
    try:
        wiring.publisher.publish(change(incident, [], wiring.clock(), rows=[step], quiet=True))
    except Stale:
        logger.info("the step is told with the analysis", extra={"step": step.number})


def _filed(analysis: Analysis, inputs: Inputs, wiring: Wiring) -> Analysis:
    """With everything that it was made from in the bucket, under its own hash, so that a second worker's file is another file.
    Where that fails the analysis stands, and says that it cannot be replayed."""
    raw = filed(inputs).model_dump_json().encode()
    try:
        stored = wiring.blobs.put(f"cases/{inputs.case.incident.id}/{hashlib.sha256(raw).hexdigest()}", raw)
    except WatchkeeperError as error:
        logger.warning("the case was not kept", exc_info=True)
        return analysis.but(notes=(*analysis.notes, f"it cannot be replayed, its case was not kept: {error}"))
    return stamped(analysis, stored.key, raw)


def _claimed(asked: AnalysisAsked, claim: str, wiring: Wiring) -> Incident | None:
    """The incident with this message's claim on it; none where there is nothing to do, after paying what may still be owed."""
    for _ in range(TRIES):
        incident = wiring.incidents.load(asked.incident_id)
        if incident is None:
            raise NotYet(f"{asked.incident_id} is not written yet", retry_after=2)
        about(incident.id, incident.trace_id)
        answered = wiring.incidents.row(incident.id, Analysis, asked.id) is not None
        whose = Turn.DONE if answered else turn(incident, claim, wiring.clock())
        if whose is Turn.DONE or (whose is not Turn.LEAVE and incident.status is Status.INVESTIGATING):
            _pay(incident, wiring)
        if whose in {Turn.DONE, Turn.LEAVE}:
            logger.info("nothing to analyse", extra={"turn": whose.value, "status": incident.status.value})
            return None
        if whose is Turn.GO_ON:
            return incident
        begun = taken(incident, claim, wiring.clock(), timedelta(seconds=wiring.settings.lease_seconds))
        try:
            wiring.publisher.publish(begun)
        except Stale:
            continue
        return begun.incident
    raise Stale(f"{asked.incident_id} kept changing while it was claimed")


def _pay(incident: Incident, wiring: Wiring) -> None:
    """What a change of ours may still owe, if the one who wrote it died before it was paid. Others' debts are theirs."""
    ours = {Queue.REMEDIATION, Queue.DISTRIBUTION}
    owed = wiring.incidents.owed(incident.id)
    wiring.publisher.settle([debt for debt in owed if debt.message is None or debt.message.queue in ours])


def _written(inputs: Inputs, analysis: Analysis, claim: str, wiring: Wiring) -> bool:
    """One change with all of it. False when the incident is no longer ours to write: resolved, taken over, or done before."""
    incident = inputs.case.incident
    evidence = [exhibit.evidence for exhibit in inputs.whole.exhibits]
    lying = wiring.incidents.rows(incident.id, Step) if inputs.thought.steps else []
    steps = [step for step in inputs.thought.steps if step not in lying]  # a transaction has room for a hundred rows
    for _ in range(TRIES):
        try:
            wiring.publisher.publish(completed(incident, analysis, evidence, steps, wiring.clock()))
        except AlreadyWritten:
            _pay(incident, wiring)
            return False
        except Stale:
            now = wiring.incidents.load(incident.id)
            if now is None or not holds(now, claim):
                logger.info("the incident went on without this analysis", extra={"status": now.status.value if now else "gone"})
                return False
            incident = now
            continue
        return True
    raise Stale(f"{incident.id} kept changing while its analysis was written")


def _found(sign: str, wiring: Wiring) -> tuple[Analysis | None, tuple[str, ...]]:
    """The cached analysis. A cache that does not answer costs money, not the analysis."""
    try:
        return wiring.cache.find(sign), ()
    except WatchkeeperError as error:
        logger.warning("the cache does not answer", exc_info=True)
        return None, (f"the cache of analyses did not answer: {error}",)


def _kept(analysis: Analysis, wiring: Wiring) -> None:
    """For the next time. What is not kept is made again, so a failure here is no loss and must not repeat the work."""
    try:
        wiring.cache.keep(analysis)
    except WatchkeeperError:
        logger.warning("the analysis was not kept in the cache", exc_info=True)
