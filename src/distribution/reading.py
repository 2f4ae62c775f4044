"""From the story to the briefing. Pure: the same story always reads the same."""

from itertools import groupby

from distribution.briefing import Briefing, Cited, Finding, Happened, Link, Looked, Run, reworded
from distribution.proposing import proposal
from distribution.standing import COLOURS, MARKS, STATES, command, do_now
from distribution.wording import clean, clock_time, day_and_time, duration, one_line, safe_url
from watchkeeper.buttons import analysis_value
from watchkeeper.models import Answer, AuditRecord, Cause, Engine, Evidence, ExecutionStatus, Incident
from watchkeeper.story import Story

ENGINES = {
    Engine.DETERMINISTIC: "the deterministic analyst",
    Engine.CLAUDE: "Claude",
    Engine.CACHE: "an earlier analysis of the same evidence",
}
OUTCOMES = {Answer.NOTHING: "nothing there", Answer.FAILED: "could not be read", Answer.NOT_ALLOWED: "not allowed"}
RUNS = {
    ExecutionStatus.CLAIMED: "about to start",
    ExecutionStatus.STARTED: "running",
    ExecutionStatus.SUCCEEDED: "ended well",
    ExecutionStatus.FAILED: "failed",
    ExecutionStatus.UNKNOWN: "unknown: it may or may not have run",
}


def brief(story: Story, owner: str = "", page_url: str = "") -> Briefing:
    """The briefing of the story as it stands. All texts are clean: no control characters, nothing that turns text around."""
    incident = story.incident
    briefing = Briefing(
        id=incident.id,
        title=one_line(incident.title) or "An alert without a title",
        severity=incident.severity.value.upper(),
        service=incident.service,
        owner=owner,
        environment=incident.environment,
        state=STATES[incident.status],
        mark=MARKS[incident.status],
        colour=COLOURS[incident.status],
        opened=day_and_time(incident.opened_at),
        took=duration(incident.resolved_at - incident.opened_at) if incident.resolved_at else "",
        alerts=f"{incident.alert_count} alerts" if incident.alert_count != 1 else "",
        do_now=do_now(story),
        command=command(story),
        finding=_finding(story),
        looked=tuple(_looked(evidence) for evidence in story.evidence),
        missing=_missing(story),
        proposal=proposal(story),
        run=_run(story),
        proof=story.verification.why if story.verification else "",
        timeline=_timeline(story.history[: incident.audit_length]),
        links=_links(story, page_url),
        rated=analysis_value(incident.id, story.analysis.id) if story.analysis else "",
    )
    return reworded(briefing, clean)


def _link(label: str, url: str) -> Link | None:
    safe = safe_url(url)
    return Link(label, safe) if safe else None


def _finding(story: Story) -> Finding | None:
    analysis = story.analysis
    if analysis is None:
        return None
    by_id = {evidence.id: evidence for evidence in story.evidence}
    engine = ENGINES[analysis.engine]
    return Finding(
        root_cause=analysis.root_cause,
        how_sure=f"{analysis.confidence:.0%} sure" if analysis.cause is not Cause.UNKNOWN else "not found",
        engine=f"{engine} ({analysis.model})" if analysis.engine is Engine.CLAUDE and analysis.model else engine,
        summary=analysis.summary if analysis.summary != analysis.root_cause else "",
        impact=analysis.impact,
        contributing=analysis.contributing,
        cited=tuple(_cited(c.quote, c.evidence_id, by_id.get(c.evidence_id)) for c in analysis.citations),
        notes=analysis.notes,
        steps=analysis.steps,
        prevention=analysis.prevention,
    )


def _cited(quote: str, evidence_id: str, evidence: Evidence | None) -> Cited:
    """The quote on one line: in the stored evidence it may have run over several."""
    about = one_line(evidence.collector.replace("_", " ")) if evidence else ""
    return Cited(one_line(quote), evidence_id, about, _link(evidence_id, evidence.link if evidence else ""))


def _looked(evidence: Evidence) -> Looked:
    outcome = evidence.summary
    if evidence.answer is not Answer.FOUND:
        why = evidence.permission or evidence.why or evidence.summary
        outcome = OUTCOMES[evidence.answer] + (f": {why}" if why else "")
    return Looked(evidence.id, evidence.collector.replace("_", " "), one_line(outcome), _link(evidence.id, evidence.link))


def _missing(story: Story) -> tuple[str, ...]:
    """What the analysis says was missing, and each place that could not be looked at, once."""
    said = [one_line(text) for text in (story.analysis.missing if story.analysis else ())]
    blind = [e for e in story.evidence if e.answer in {Answer.FAILED, Answer.NOT_ALLOWED}]
    silent = [e for e in blind if not any((e.permission or e.collector) in text or e.id in text for text in said)]
    unseen = (_looked(evidence) for evidence in silent)
    return (*said, *(f"{looked.about}: {looked.outcome}" for looked in unseen))


def _run(story: Story) -> Run | None:
    execution = story.execution
    if execution is None:
        return None
    took = f" after {duration(execution.ended_at - execution.claimed_at)}" if execution.ended_at else ""
    return Run(
        state=RUNS[execution.status] + took,
        live=execution.status in {ExecutionStatus.CLAIMED, ExecutionStatus.STARTED},
        document=execution.document,
        steps=tuple(f"{s.name}: {s.status}" + (f" - {one_line(s.message)}" if s.message else "") for s in execution.steps),
        failure=execution.failure,
        link=_console(story.incident, f"systems-manager/automation/execution/{execution.automation_id}", "Runbook")
        if execution.automation_id
        else None,
    )


def _console(incident: Incident, path: str, label: str) -> Link | None:
    """A page of the AWS console, where the commercial one serves the incident's region."""
    region = incident.region or next((r.region for r in incident.resources if r.region), "")
    if not region or region.startswith(("cn-", "us-gov-", "us-iso", "eusc-")):
        return None
    page, _, fragment = path.partition("#")
    return _link(label, f"https://{region}.console.aws.amazon.com/{page}?region={region}" + (f"#{fragment}" if fragment else ""))


def _timeline(history: tuple[AuditRecord, ...]) -> tuple[Happened, ...]:
    """Every happening; a run of alerts that joined is one line, so that a storm does not bury the rest."""
    told = []
    for kind, run in groupby(history, key=lambda record: record.kind):
        records = list(run)
        if kind == "alert.joined" and len(records) > 1:
            last = records[-1]
            told.append(
                Happened(clock_time(records[0].at), f"{len(records)} more alerts until {clock_time(last.at)}, the last: {last.says}")
            )
        else:
            told += [Happened(clock_time(record.at), one_line(record.says)) for record in records]
    return tuple(told)


def _links(story: Story, page_url: str) -> tuple[Link, ...]:
    incident = story.incident
    run = _run(story)
    found = [
        _link("Watchkeeper", f"{page_url}#{incident.id}") if page_url else None,
        _console(incident, f"cloudwatch/home#alarmsV2:alarm/{incident.alarm_name}", "Alarm") if incident.alarm_name else None,
        run.link if run else None,
    ]
    return tuple(link for link in found if link)
