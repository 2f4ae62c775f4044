"""A person's question on its way: the steps that people follow, and what is left for them to say yes to.

The loop is PLAN, EXECUTE_TOOL for each collector, EVALUATE by the rules, then the steps of whoever thinks about it, NEEDS_APPROVAL
for everything that would change something, DONE. For an alert none of these are told but those of thinking.
"""

from dataclasses import dataclass, replace

from analysis.case import Case
from analysis.evidence import collectors
from analysis.evidence.ask import Ask
from analysis.joins import joins
from analysis.opinion import Opinion
from analysis.thinking.journal import Journal
from watchkeeper.goals import approve_command, is_goal, ticket_command, wants_ticket
from watchkeeper.models import Analysis, Answer, Cause, Evidence, Incident, Phase, Step

FOUND = {Answer.FOUND: "", Answer.NOTHING: "nothing: ", Answer.FAILED: "failed: ", Answer.NOT_ALLOWED: "not allowed: "}


@dataclass(frozen=True)
class Followed:
    """One analysis as people follow it; `journal` numbers its steps and tells each at once."""

    incident: Incident
    journal: Journal

    @property
    def steps(self) -> tuple[Step, ...]:
        return tuple(self.journal.steps)

    def begin(self, ask: Ask) -> None:
        """What will be looked at, before anything is."""
        if not is_goal(self.incident):
            return
        names = ", ".join(one.name for one in collectors() if one.applies(ask))
        about = f"the service {ask.service.name}" if ask.service else "no service of config/services.yaml"
        self.journal.add(Phase.PLAN, f"About {about}, since {self.incident.fired_at:%Y-%m-%d %H:%M} UTC. Asks: {names or 'nobody'}.")

    def look(self, case: Case, draft: Opinion) -> None:
        """What each collector brought back, what was joined from it, and what the rules make of that."""
        if not is_goal(self.incident):
            return
        ours = {join.name for join in joins()}
        for exhibit in case.exhibits:
            evidence = exhibit.evidence
            phase = Phase.EVALUATE if evidence.collector in ours else Phase.EXECUTE_TOOL
            tool = "" if phase is Phase.EVALUATE else evidence.collector
            self.journal.add(phase, _says(evidence), tool=tool, evidence_id=evidence.id, took_ms=evidence.took_ms)
        cause = "no cause" if draft.cause is Cause.UNKNOWN else f"{draft.cause.value} ({draft.confidence:.0%})"
        self.journal.add(Phase.EVALUATE, f"The rules see {cause}: {draft.root_cause}")

    def end(self, analysis: Analysis, case: Case, thought: tuple[Step, ...]) -> tuple[Step, ...]:
        """Every step, with those of `thought`, what a person has to say yes to, and the end."""
        own = self.steps
        steps = thought if thought[: len(own)] == own else (*own, *thought)
        if not is_goal(self.incident):
            return steps
        journal = replace(self.journal, steps=list(steps))
        if wants_ticket(case.alerts):
            says = f"A ticket was asked for. None is made before a person says: {ticket_command(case.incident.id)}"
            journal.add(Phase.NEEDS_APPROVAL, says)
        for one in analysis.proposed:
            says = f"{one.action} might help. It does not run before the standing orders allow it and a person says:"
            journal.add(Phase.NEEDS_APPROVAL, f"{says} {approve_command(case.incident.id)}")
        journal.add(Phase.DONE, f"Answered: {analysis.root_cause}")
        return tuple(journal.steps)


def with_the_wish(analysis: Analysis, case: Case) -> Analysis:
    """With the first step for people, where the question asked for a ticket: only they can have it made."""
    if not wants_ticket(case.alerts):
        return analysis
    first = f"A ticket was asked for and none was made yet. To have it made, say: {ticket_command(case.incident.id)}"
    return analysis.but(steps=(first, *analysis.steps))


def _says(evidence: Evidence) -> str:
    why = evidence.why if evidence.answer in {Answer.FAILED, Answer.NOT_ALLOWED} else ""
    return f"{FOUND[evidence.answer]}{why or evidence.summary}"
