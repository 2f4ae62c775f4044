"""One incident from its alert to its analysis."""

from dataclasses import dataclass
from datetime import timedelta

from analysis.analyst.draft import draft
from analysis.case import Case, Exhibit
from analysis.check import check
from analysis.claims import Turn, holds, taken, turn
from analysis.conclusion import completed, conclude
from analysis.evidence import collectors
from analysis.evidence.ask import Ask, service_of
from analysis.evidence.gather import gather
from analysis.evidence.keep import keep
from analysis.memory import remembered, signature, to_keep
from analysis.opinion import Opinion
from analysis.reasoner import Second
from analysis.wiring import Wiring
from watchkeeper.errors import AlreadyWritten, NotYet, Stale, WatchkeeperError
from watchkeeper.messages import AnalysisAsked, Queue
from watchkeeper.models import Alert, Analysis, Engine, Evidence, Incident, Status
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
    case = _gathered(incident, wiring, asked.id)
    analysis, fresh = _analysed(case, asked.id, deadline)
    if not _written(case, analysis, claim, wiring):
        return
    count("Analysis", engine=analysis.engine.value)
    if fresh:
        _kept(to_keep(analysis, case), wiring)


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


def _gathered(incident: Incident, wiring: Wiring, name: str) -> Case:
    """The case. Evidence is numbered on from what an earlier analysis of this incident left, and never written over."""
    alerts = tuple(wiring.incidents.rows(incident.id, Alert))
    ask = Ask(
        incident=incident,
        alerts=alerts,
        service=service_of(incident, wiring.services()),
        now=wiring.clock(),
        region=wiring.settings.aws_region,
        client=wiring.client,
        redact=wiring.redact,
        pause=wiring.pause,
    )
    answers = gather(collectors(), ask, wiring.settings.collector_seconds, wiring.ticks)
    first = 1 + len(wiring.incidents.rows(incident.id, Evidence))
    exhibits: list[Exhibit] = keep(answers, f"{incident.id}/{name}", first, wiring.clock(), wiring.redact, wiring.blobs)
    return Case(incident, alerts, tuple(exhibits))


def _analysed(case: Case, name: str, deadline: Deadline) -> tuple[Analysis, bool]:
    """The analysis, and whether it is worth keeping for the next time: only what was paid for is."""
    wiring = deadline.wiring
    ours = draft(case)
    sign = signature(case, ours, wiring.orders_version(), wiring.settings.claude_model)
    cached, trouble = _found(sign, wiring)
    if cached and (opinion := remembered(cached, case)):
        whose = f"taken from the cache; {cached.model or cached.engine.value} made it at {cached.made_at:%Y-%m-%d %H:%M} UTC as {cached.id}"
        figures = "its citations are of today's evidence, figures in its text may be of that day"
        checked = check(opinion, case, ours)
        if checked.opinion.citations:
            return conclude(
                checked, Engine.CACHE, case, name, sign, wiring.clock(), Second(None, model=cached.model), (whose, figures)
            ), False
    second = wiring.reason(case, ours, deadline.left)
    trouble += ("a cached analysis was set aside: the evidence no longer shows what it cites",) if cached else ()
    return _chosen(second, ours, case, name, sign, wiring, trouble)


def _chosen(
    second: Second, ours: Opinion, case: Case, name: str, sign: str, wiring: Wiring, notes: tuple[str, ...]
) -> tuple[Analysis, bool]:
    """The model's opinion if one of its citations survives the check, else what the rules say, with the reason."""
    why = second.why
    if second.opinion is not None:
        checked = check(second.opinion, case, ours)
        if checked.opinion.citations:
            return conclude(checked, Engine.CLAUDE, case, name, sign, wiring.clock(), second, notes), True
        why = f"Claude's analysis was set aside: none of its {checked.dropped} citations is in the evidence"
    checked = check(ours, case, ours)
    return conclude(checked, Engine.DETERMINISTIC, case, name, sign, wiring.clock(), second, (why, *notes)), False


def _written(case: Case, analysis: Analysis, claim: str, wiring: Wiring) -> bool:
    """One change with all of it. False when the incident is no longer ours to write: resolved, taken over, or done before."""
    incident = case.incident
    evidence = [exhibit.evidence for exhibit in case.exhibits]
    for _ in range(TRIES):
        try:
            wiring.publisher.publish(completed(incident, analysis, evidence, wiring.clock()))
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
