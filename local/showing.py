"""What a person at the terminal sees: a line for each step as it happens, then each incident told from its beginning."""

import time
from collections.abc import Iterable

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from local.check import Check
from local.play import Ending
from local.stage import Stage
from local.verdict import KINDS
from watchkeeper.models import Answer, AuditRecord, Plan, Ruling, Status
from watchkeeper.story import Story

COLOURS = {
    "reception": "cyan", "analysis": "magenta", "remediation": "yellow", "distribution": "green", "sweeper": "blue", "laptop": "white",
}  # fmt: skip
LONGEST = 160
STEPS = {"Success": "green", "Failed": "red", "TimedOut": "red", "Cancelled": "red", "Pending": "dim"}
RULINGS = {Ruling.RUN: "green", Ruling.ASK: "yellow", Ruling.REFUSE: "red"}


class Teller:
    """Writes to one console; each line carries the time since the start."""

    def __init__(self, console: Console) -> None:
        self._console, self._start = console, time.monotonic()

    def step(self, says: str, actor: str = "laptop") -> None:
        """One thing that happened."""
        colour = COLOURS.get(actor.split(":")[0], "white")
        self._console.print(f"[dim]{time.monotonic() - self._start:6.1f} s[/]  [{colour}]{actor:<12}[/]  {escape(says)}", highlight=False)

    def heard(self, name: str, record: AuditRecord) -> None:
        """One audit record, as it was written."""
        self.step(f"[{name}] {record.says}", record.actor)

    def story(self, ending: Ending, stage: Stage) -> None:
        """The whole incident: timeline, evidence, cause, plan, gate, runbook, verification, messages."""
        story = ending.story
        self._console.rule(f"[bold]{escape(ending.name)}", style="dim")
        if story is None:
            self._console.print(f"[red]{escape(ending.unfinished)}[/]")
            return
        self._console.print(
            f"[bold]{story.incident.id}[/]  {escape(story.incident.title)}  [bold]{story.incident.status.value}[/]", highlight=False
        )
        self._timeline(story)
        self._evidence(story)
        self._cause(story)
        self._plan(story)
        self._runbook(story, stage)
        self._messages(story)

    def checks(self, checks: Iterable[Check]) -> None:
        """Each check with a mark, and what was found where it failed."""
        self._console.rule("[bold]checks", style="dim")
        for check in checks:
            mark = "[green]ok[/]    " if check.ok else "[red]FAILED[/]"
            self._console.print(
                f"  {mark} {escape(check.step)}" + ("" if check.ok else f": [red]{escape(check.found)}[/]"), highlight=False
            )

    def log_tail(self, function: str, lines: list[str]) -> None:
        """The end of a function's log."""
        self._console.print(f"\n[bold]The end of the log of {function}:[/]")
        for line in lines:
            self._console.print(f"  [dim]{escape(line.rstrip()[:400])}[/]", highlight=False)

    def say(self, text: str, style: str = "") -> None:
        self._console.print(text, style=style or None, highlight=False)

    def _heading(self, text: str) -> None:
        self._console.print(f"\n[bold underline]{text}[/]")

    def _grid(self, rows: Iterable[tuple[str, ...]]) -> None:
        table = Table.grid(padding=(0, 2))
        for row in rows:
            table.add_row(*row)
        self._console.print(table)

    def _timeline(self, story: Story) -> None:
        self._heading("Timeline")
        self._grid((f"  [dim]{r.at:%H:%M:%S}[/]", r.kind, escape(r.says)) for r in story.history)

    def _evidence(self, story: Story) -> None:
        self._heading("Evidence")
        told = sorted((e for e in story.evidence if e.answer is not Answer.NOTHING), key=lambda e: (len(e.id), e.id))
        self._grid((f"  {e.id}", e.collector, e.answer.value.replace("_", " "), escape(_short(e.summary or e.why))) for e in told)
        silent = ", ".join(e.collector for e in story.evidence if e.answer is Answer.NOTHING)
        self._console.print(f"  [dim]asked, and nothing found: {silent or 'nobody'}[/]", highlight=False)

    def _cause(self, story: Story) -> None:
        self._heading("Root cause")
        analysis = story.analysis
        if analysis is None:
            self._console.print("  [red]none was found[/]")
            return
        by = f"{analysis.engine.value} {analysis.model}".strip()
        self._console.print(
            f"  {escape(analysis.root_cause)}  [dim]({analysis.cause.value}, confidence {analysis.confidence:.2f}, {by})[/]",
            highlight=False,
        )
        self._grid((f"    [dim]{c.evidence_id}[/]", f"“{escape(_short(c.quote.strip()))}”") for c in analysis.citations)
        if story.incident.status is not Status.RESOLVED:
            self._console.print("  what a person can do:")
            self._grid((f"    {number}.", escape(step)) for number, step in enumerate(analysis.steps, 1))

    def _plan(self, story: Story) -> None:
        self._heading("Plan and gate")
        plan = story.plan
        if plan is None:
            self._console.print("  no action was proposed, so there was nothing to rule on")
            return
        colour, back = RULINGS[plan.verdict.ruling], " to take back what it did" if plan.undoes else ""
        self._console.print(
            f"  {plan.action} on {escape(plan.target.id)}{back}: [{colour}]{plan.verdict.ruling.value}[/], "
            f"order “{escape(plan.verdict.order)}” ({plan.verdict.mode})",
            highlight=False,
        )
        self._grid((f"    [dim]{name}[/]", escape(_short(words))) for name, words in _facts(plan))
        self._grid((f"    [{RULINGS[r.ruling]}]{r.ruling.value}[/]", r.check, escape(r.why)) for r in plan.verdict.reasons)

    def _runbook(self, story: Story, stage: Stage) -> None:
        self._heading("Runbook and verification")
        if story.execution is None:
            self._console.print("  nothing was run")
            return
        self._console.print(
            f"  {story.execution.document}  [dim]{story.execution.automation_id}[/]  {story.execution.status.value}", highlight=False
        )
        self._grid(
            (f"    [{STEPS.get(step.status, 'yellow')}]{step.status}[/]", step.name, escape(step.message)) for step in story.execution.steps
        )
        made = [c for c in stage.simulator.journal.effects if c.execution_id == story.execution.automation_id]
        self._console.print(f"  changed in the account: {', '.join(f'{c.service}:{c.api}' for c in made) or 'nothing'}", highlight=False)
        if story.verification:
            word = "[green]passed[/]" if story.verification.passed else "[red]not passed[/]"
            of = "verification of taking it back" if story.plan and story.plan.undoes else "verification"
            self._console.print(f"  {of} {word}: {escape(story.verification.why)}", highlight=False)

    def _messages(self, story: Story) -> None:
        self._heading("Who was told")
        names = {"slack": ("card", "thread"), "jira": ("issue", "issue"), "mail": ("first", "first mail"), "pagerduty": ("", "PagerDuty")}
        rows = []
        for kind, channel in KINDS.items():
            delivery = next((d for d in story.deliveries if d.channel == channel), None)
            key, word = names[kind]
            where = (
                f"{word} {escape(delivery.refs.get(key) or next(iter(delivery.refs.values()), '?'))}, {len(delivery.said)} moments told"
                if delivery
                else "[red]nothing[/]"
            )
            if delivery and delivery.failure:
                where = f"[red]{escape(delivery.failure)}[/]"
            rows.append((f"  {channel}", delivery.status.value if delivery else "", where))
        self._grid(rows)


def _facts(plan: Plan) -> list[tuple[str, str]]:
    """The plan itself, as whoever approves it is shown it."""
    tried = (f"{one.what}: {'would be let through' if one.passed else 'would fail'} {one.says}" for one in plan.rehearsed)
    facts = {
        "parameters": ", ".join(f"{name}={', '.join(map(str, value))}" for name, value in plan.parameters.items()),
        "state": ", ".join(f"{name}={value}" for name, value in plan.target_state.items()),
        "calls": ", ".join(plan.calls),
        "undo": plan.inverse_says,
        "tried": "; ".join(tried),
    }
    return [(name, words) for name, words in facts.items() if words]


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
