"""Which happenings are worth a message of their own, on which medium, and what each message then shows.

Everything else that happens is still seen: the card and the timeline show it. What is not in this table wakes nobody.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from watchkeeper.models import AuditRecord
from watchkeeper.story import Story


class Medium(StrEnum):
    """How a channel speaks: a card with a thread, single messages, a ticket with comments, mails, a pager, notes on a timeline."""

    THREAD = "thread"
    FEED = "feed"
    TICKET = "ticket"
    MAIL = "mail"
    PAGER = "pager"
    NOTE = "note"


class Part(StrEnum):
    """A part of the briefing that a message shows, in this order."""

    DO_NOW = "do_now"
    CAUSE = "cause"
    EVIDENCE = "evidence"
    PLAN = "plan"
    QUESTION = "question"
    CHECKS = "checks"
    RUN = "run"
    PROOF = "proof"
    STEPS = "steps"
    PREVENTION = "prevention"
    TIMELINE = "timeline"


@dataclass(frozen=True)
class Moment:
    """`heading` is what a person reads first; `parts` is what they need with it."""

    heading: str
    parts: tuple[Part, ...]
    media: tuple[Medium, ...]


_T, _F, _J, _M, _P, _N = Medium.THREAD, Medium.FEED, Medium.TICKET, Medium.MAIL, Medium.PAGER, Medium.NOTE
_EVERYWHERE = (_T, _F, _J, _M, _P, _N)

MOMENTS: dict[str, Moment] = {
    "incident.opened": Moment("New incident", (Part.DO_NOW,), (_F, _P)),
    "incident.reopened": Moment("It fires again", (Part.DO_NOW,), _EVERYWHERE),
    "analysis.completed": Moment("What we found", (Part.CAUSE, Part.EVIDENCE, Part.STEPS), (_T, _F, _J, _M, _N)),
    "approval.asked": Moment("A decision is needed", (Part.DO_NOW, Part.QUESTION), _EVERYWHERE),
    "approval.given": Moment("Approved", (Part.PLAN,), (_T, _P, _N)),
    "approval.refused": Moment("Rejected", (), (_T, _J, _N)),
    "approval.rejected": Moment("The answer does not count", (Part.DO_NOW,), (_T, _F)),
    "approval.expired": Moment("Nobody answered in time", (), (_T, _J, _N)),
    "action.started": Moment("The runbook is running", (Part.PLAN, Part.RUN), (_T, _F, _J, _N)),
    "action.succeeded": Moment("The runbook has ended well", (Part.RUN,), (_T, _N)),
    "action.failed": Moment("The runbook failed", (Part.RUN,), (_T, _F, _J, _N)),
    "action.unknown": Moment("Nobody knows whether the runbook ran", (Part.RUN,), (_T, _F, _J, _N)),
    "verification.failed": Moment("It did not help", (Part.PROOF,), (_T, _F, _J, _N)),
    "incident.resolved": Moment("Resolved", (Part.PROOF, Part.RUN, Part.PREVENTION, Part.TIMELINE), _EVERYWHERE),
    "question.answered": Moment("The question is answered", (Part.DO_NOW,), (_T, _F)),
    "explanation.asked": Moment("What lies behind it", (Part.CAUSE, Part.EVIDENCE, Part.QUESTION, Part.CHECKS), (_T,)),
    "ticket.asked": Moment("A ticket was asked for", (), (_T,)),
    "incident.escalated": Moment("A person has to take over", (Part.DO_NOW, Part.PLAN, Part.RUN, Part.PROOF), _EVERYWHERE),
}


def owed(story: Story, said: Collection[int], medium: Medium) -> list[AuditRecord]:
    """The happenings that this medium tells and that were not told yet, oldest first.

    The history may have been read a moment after the incident: what is newer than the incident waits for its own
    change, because its analysis or plan is not in this story.
    """
    return [
        record
        for record in story.history[: story.incident.audit_length]
        if record.seq not in said and record.kind in MOMENTS and medium in MOMENTS[record.kind].media
    ]
