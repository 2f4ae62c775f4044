"""How an incident stands, in words and colours, and whose move it is now."""

from watchkeeper.goals import is_goal
from watchkeeper.models import Plan, Ruling, Status
from watchkeeper.story import Story

STATES = {
    Status.OPEN: "Open",
    Status.INVESTIGATING: "Investigating",
    Status.AWAITING_APPROVAL: "Waiting for approval",
    Status.REMEDIATING: "Remediating",
    Status.VERIFYING: "Verifying",
    Status.RESOLVED: "Resolved",
    Status.ESCALATED: "Needs a person",
    Status.SUPPRESSED: "Suppressed",
}
MARKS = {
    Status.OPEN: "🔴",
    Status.INVESTIGATING: "🔎",
    Status.AWAITING_APPROVAL: "✋",
    Status.REMEDIATING: "🔧",
    Status.VERIFYING: "⏳",
    Status.RESOLVED: "✅",
    Status.ESCALATED: "🚨",
    Status.SUPPRESSED: "🔕",
}
COLOURS = {
    Status.OPEN: "#b3261e",
    Status.INVESTIGATING: "#8a5300",
    Status.AWAITING_APPROVAL: "#6b3fa0",
    Status.REMEDIATING: "#0b57a4",
    Status.VERIFYING: "#0b57a4",
    Status.RESOLVED: "#1b6e3a",
    Status.ESCALATED: "#b3261e",
    Status.SUPPRESSED: "#55606b",
}
_WAIT = {
    Status.OPEN: "Nothing yet: Watchkeeper is about to look into it.",
    Status.INVESTIGATING: "Nothing yet: Watchkeeper is gathering the evidence.",
    Status.REMEDIATING: "Nothing: the runbook is running, and the alarm will be watched after it.",
    Status.RESOLVED: "Nothing: it is over.",
    Status.SUPPRESSED: "Nothing: this is expected, and nobody is woken for it.",
}


def do_now(story: Story) -> tuple[str, ...]:
    """What a person should do now, in sentences."""
    status = story.incident.status
    if status is Status.AWAITING_APPROVAL:
        return (_decide(story),)
    if status is Status.VERIFYING:
        alarm = story.incident.alarm_name
        return (f"Nothing: Watchkeeper is waiting for the alarm {alarm} to stay OK." if alarm else "Nothing: the fix is being verified.",)
    if status is Status.ESCALATED:
        return _take_over(story)
    if status is Status.INVESTIGATING and story.analysis:
        return ("Nothing yet: the cause is stated, and Watchkeeper is deciding what may be done about it.",)
    if status is Status.RESOLVED and is_goal(story.incident) and story.execution is None:
        return ("Nothing has to be done: the question is answered, and nothing was changed for it.", *_next(story))
    return (_WAIT[status],)


def command(story: Story) -> str:
    """The command that answers, when an answer is asked for."""
    return f"./watchkeeper approve {story.incident.id}" if story.incident.status is Status.AWAITING_APPROVAL else ""


def _next(story: Story) -> tuple[str, ...]:
    """The first step that the answer has for people: where a ticket was asked for, how to get it."""
    return story.analysis.steps[:1] if story.analysis else ()


def _decide(story: Story) -> str:
    """One sentence: decide, until when, and what happens otherwise."""
    until = story.plan.expires_at if story.plan else None
    if until is None:
        return "Approve the plan, or take over by hand."
    wanted = story.plan.verdict.approvals if story.plan else 1
    who = "Approve the plan" if wanted == 1 else f"{wanted} people have to approve the plan"
    return f"{who} before {until:%H:%M} UTC, or take over by hand. Without an answer nothing is done."


def _take_over(story: Story) -> tuple[str, ...]:
    """Why Watchkeeper stopped, then the steps that the analysis has for people."""
    why = "Take over: Watchkeeper does nothing more on this by itself."
    if story.plan and story.plan.verdict.ruling is Ruling.REFUSE:
        why = "Take over: the fix that would help is not allowed here."
    if story.verification and not story.verification.passed:
        why = "Take over: the fix was carried out and the alarm did not clear."
    if story.plan and story.plan.undoes:
        why = f"Take over: the fix was carried out and did not help. {_taken_back(story.plan, story)}"
    steps = story.analysis.steps if story.analysis else ()
    return (why, *(steps or ("Look at the alarm and the resource yourself.",)))


def _taken_back(plan: Plan, story: Story) -> str:
    """What became of the fix that did not help."""
    if plan.verdict.ruling is Ruling.REFUSE:
        return "It could not be taken back: the gate refused."
    if story.verification and story.verification.passed:
        return "It was taken back, and everything is as it was before."
    return "Whether it was taken back is not proven."
