"""The briefing as a mail: HTML for those who look, text for those who grep. Both say the same."""

from collections.abc import Sequence
from dataclasses import dataclass

from distribution.briefing import Briefing, Happened, reworded
from distribution.layout.templates import render
from distribution.wording import clock_time, cut, one_line
from watchkeeper.models import AuditRecord

LONGEST_SUBJECT = 180
_UNLINKED = "\u200b"


@dataclass(frozen=True)
class Mail:
    subject: str
    text: str
    html: str


def unlinked(text: str) -> str:
    """What is left of an address in a text, parted invisibly: mail programs turn whatever looks like an address into a link."""
    for start in ("://", "www.", "WWW.", "mailto:"):
        text = text.replace(start, f"{start[0]}{_UNLINKED}{start[1:]}")
    return text


def subject(briefing: Briefing) -> str:
    """The subject of the first mail; the later ones answer it."""
    return cut(one_line(f"[{briefing.severity}] {briefing.service}: {briefing.title}"), LONGEST_SUBJECT)


def report(briefing: Briefing, news: Sequence[AuditRecord]) -> Mail:
    """Everything there is to tell, with what is new since the last mail on top."""
    words = reworded(briefing, unlinked)
    new = [Happened(clock_time(record.at), unlinked(one_line(record.says))) for record in news]
    return Mail(
        subject=subject(briefing),
        text=render("email/report.txt.j2", b=words, news=new),
        html=render("email/report.html.j2", b=words, news=new),
    )
