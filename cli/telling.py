"""An incident's story on a terminal, in the order in which somebody who was just woken asks for it."""

from collections.abc import Callable
from datetime import datetime

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from cli.planned import what
from cli.screen import clock, columns, severity, span, status
from cli.screen import plain as shown
from watchkeeper.actions import catalogue
from watchkeeper.links import defanged
from watchkeeper.models import Analysis, Answer, DeliveryStatus, Incident, Phase, Plan, Ruling, Status, Step, StepResult
from watchkeeper.story import Story

RULING_STYLE = {Ruling.RUN: "green", Ruling.ASK: "magenta", Ruling.REFUSE: "red"}
ANSWER_STYLE = {Answer.FOUND: "green", Answer.NOTHING: "dim", Answer.FAILED: "red", Answer.NOT_ALLOWED: "yellow"}
PHASE_STYLE = {
    Phase.PLAN: "cyan", Phase.EXECUTE_TOOL: "dim", Phase.EVALUATE: "", Phase.NEEDS_APPROVAL: "magenta", Phase.DONE: "green",
    Phase.FAILED: "yellow",
}  # fmt: skip
STEP_STYLE = {
    "Success": "green", "CompletedWithSuccess": "green", "Failed": "red", "TimedOut": "red", "Cancelled": "red",
    "CompletedWithFailure": "red", "Pending": "dim",
}  # fmt: skip
KIND_STYLE = {
    "approval.asked": "magenta", "approval.rejected": "yellow", "action.failed": "red", "action.unknown": "red",
    "verification.failed": "red", "verification.passed": "green", "incident.escalated": "bold red", "incident.resolved": "green",
}  # fmt: skip
DELIVERY_STYLE = {DeliveryStatus.PAID: "green", DeliveryStatus.OWED: "yellow", DeliveryStatus.REFUSED: "red"}


def plain(words: object, style: str = "") -> Text:
    """What others may have written, shown as it is, but with its addresses taken apart: many terminals make links of them."""
    return shown(defanged(str(words)), style)


def show(story: Story, out: Console) -> None:
    """The whole story; a part that does not exist yet is left out."""
    for part in (_head, cause, _steps, _evidence, _plan, _approvals, _execution, _verification, _deliveries, _timeline):
        part(story, out)


def _head(story: Story, out: Console) -> None:
    incident = story.incident
    line = Text(" ").join([plain(incident.id, "bold"), status(incident.status), severity(incident.severity)])
    out.print(line)
    out.print(plain(incident.title, "bold"))
    end = incident.resolved_at or incident.updated_at
    place = " · ".join(filter(None, (incident.service, incident.environment, incident.region, incident.account)))
    out.print(plain(place, "dim"))
    times = f"opened {incident.opened_at:%Y-%m-%d %H:%M:%S %Z}, {span(end - incident.opened_at)} until the last change"
    out.print(plain(f"{times}, {incident.alert_count} alert(s), version {incident.version}", "dim"))
    for resource in incident.resources:
        out.print(
            plain(f"{resource.type} {resource.arn or resource.id}{'' if resource.trusted else '  (from free text: not trusted)'}", "dim")
        )


def _section(name: str, out: Console) -> Callable[[Text | Table], None]:
    """Prints the heading, and gives what prints under it."""
    out.print()
    out.print(plain(name, "bold underline"))
    return lambda what: out.print(Padding(what, (0, 0, 0, 2), expand=False))


def cause(story: Story, out: Console) -> None:
    """What the analysis says, how sure it is, and the quotes that carry it."""
    analysis = story.analysis
    if analysis is None:
        return
    say = _section("Cause", out)
    say(plain(analysis.root_cause, "bold"))
    engine = f"{analysis.engine.value}{f' ({analysis.model})' if analysis.model else ''}"
    say(plain(f"{analysis.cause.value}, confidence {analysis.confidence:.0%}, by {engine}, ${analysis.cost_usd:.4f}", "dim"))
    say(plain(analysis.summary))
    for citation in analysis.citations:
        say(Text("  ").join([plain(citation.evidence_id, "cyan"), plain(f"“{citation.quote}”", "italic")]))
    for heading, words in _lists(analysis):
        for word in words:
            say(plain(f"{heading}: {word}"))


def _lists(analysis: Analysis) -> tuple[tuple[str, tuple[str, ...]], ...]:
    dropped = (f"{analysis.dropped_citations} citation(s) that the evidence does not hold",) if analysis.dropped_citations else ()
    return (
        ("contributing", analysis.contributing),
        ("missing", analysis.missing),
        ("dropped", dropped),
        ("step", analysis.steps),
        ("prevention", analysis.prevention),
        ("note", analysis.notes),
    )


def _steps(story: Story, out: Console) -> None:
    if story.steps:
        say = _section("Steps", out)
        for step in story.steps:
            say(step_line(step))


def step_line(step: Step) -> Text:
    """One step of an investigation: when, what kind, by which tool, and what came of it."""
    by = " ".join(filter(None, (step.tool, step.evidence_id)))
    phase = step.phase.value.replace("_", " ")
    return Text("  ").join(
        [plain(clock(step.at), "dim"), plain(f"{phase:<14}", PHASE_STYLE[step.phase]), plain(f"{f'{by}: ' if by else ''}{step.says}")]
    )


def _evidence(story: Story, out: Console) -> None:
    if not story.evidence:
        return
    table = columns("", "", "asked", "came back")
    for one in story.evidence:
        why = one.why or (f"needs {one.permission}" if one.permission else "")
        said = "; ".join(filter(None, (one.summary, why)))
        table.add_row(
            plain(one.id, "cyan"), plain(one.answer.value.replace("_", " "), ANSWER_STYLE[one.answer]), plain(one.asked), plain(said)
        )
    _section("Evidence", out)(table)


def _plan(story: Story, out: Console) -> None:
    """The exact plan that counts now, and every check of the gate with its reason: the guardian's word is one of them."""
    plan = story.plan
    if plan is None:
        return
    say = _section("Plan", out)
    ruling = plan.verdict.ruling
    order = f" under “{plan.verdict.order}” of orders {plan.verdict.orders_version}" if plan.verdict.order else ""
    mode = f", which lets it come to: {plan.verdict.mode}" if plan.verdict.mode else ""
    named = plain(f"{plan.action} on {plan.target.arn or plan.target.id}: ")
    say(Text.assemble(named, plain(ruling.value, RULING_STYLE[ruling]), plain(f"{order}{mode}")))
    facts = columns("", "")
    for name, words in (*what(plan, catalogue().get(plan.action)), *_asked(plan, story.incident)):
        facts.add_row(plain(name, "dim"), plain(words))
    say(facts)
    table = columns("check", "ruling", "why")
    for reason in plan.verdict.reasons:
        table.add_row(plain(reason.check), plain(reason.ruling.value, RULING_STYLE[reason.ruling]), plain(reason.why))
    say(table)


def _asked(plan: Plan, incident: Incident) -> list[tuple[str, str]]:
    """Who may answer and until when, while somebody is asked."""
    if incident.status is not Status.AWAITING_APPROVAL:
        return []
    of = f" of {' or '.join(plan.verdict.approvers)}" if plan.verdict.approvers else ""
    until = f", until {plan.expires_at:%H:%M:%S %Z}" if plan.expires_at else ""
    return [("waits for", f"{plan.verdict.approvals} with the role approver{of}{until}; ./watchkeeper approve {incident.id}")]


def _approvals(story: Story, out: Console) -> None:
    if not story.approvals:
        return
    say = _section("Approval", out)
    for one in story.approvals:
        which = "" if story.plan and one.plan_id == story.plan.id else f" (plan {one.plan_id}, which is not the one above)"
        say(plain(f"{clock(one.at)} {one.approver} {'approved' if one.approved else 'rejected'} it through {one.via}{which}"))


def _execution(story: Story, out: Console) -> None:
    """The runbook, step by step, as far as it has come."""
    one = story.execution
    if one is None:
        return
    say = _section("Execution", out)
    back = ", to take back what was done before" if story.plan and story.plan.undoes else ""
    say(plain(f"{one.document}: {one.status.value}, attempt {one.attempt}, automation {one.automation_id or 'not started'}{back}"))
    for step in one.steps:
        line = f"{step.name}: {step.status}{_took(step)}{f' - {step.message}' if step.message else ''}"
        say(plain(line, STEP_STYLE.get(step.status, "yellow")))
    if one.failure:
        say(plain(one.failure, "red"))


def _took(step: StepResult) -> str:
    """Since when it runs, or how long it took."""
    if not step.started_at:
        return ""
    began = datetime.fromisoformat(step.started_at)
    if not step.ended_at:
        return f" since {clock(began)}"
    return f" after {span(datetime.fromisoformat(step.ended_at) - began)}"


def _verification(story: Story, out: Console) -> None:
    """Whether it helped; for what takes an action back, whether the target is as it was."""
    one = story.verification
    if one is None:
        return
    say, style = _section("Verification", out), "green" if one.passed else "red"
    if story.plan and story.plan.undoes:
        say(plain(f"{'taken back' if one.passed else 'NOT proven to be taken back'}: {one.why}", style))
        return
    say(plain(f"{'passed' if one.passed else 'failed'}: the alarm says {one.alarm_state}. {one.why}", style))


def _deliveries(story: Story, out: Console) -> None:
    if not story.deliveries:
        return
    table = columns("channel", "", "shows", "where")
    for one in story.deliveries:
        # names with a dash count the single messages; the plain ones say where the whole conversation is
        where = one.failure or ", ".join(f"{name} {value}" for name, value in one.refs.items() if "-" not in name)
        current = one.shown_version >= one.wanted_version
        shows = f"version {one.shown_version}" if current else f"version {one.shown_version}, owes {one.wanted_version}"
        table.add_row(plain(one.channel), plain(one.status.value, DELIVERY_STYLE[one.status]), plain(shows), plain(where))
    _section("Told", out)(table)


def _timeline(story: Story, out: Console) -> None:
    table = columns("", "", "", "")
    for record in story.history:
        style = KIND_STYLE.get(record.kind, "")
        table.add_row(
            plain(clock(record.at), "dim"), plain(record.actor, "cyan"), plain(record.kind, style or "dim"), plain(record.says, style)
        )
    _section("Timeline", out)(table)
