"""A question in words: an incident whose alert is the question; docs/integrations/investigations.md.

The words are a person's and grant nothing. They may say since when, ask for a ticket, and choose a service among those of
services.yaml. What is looked at comes from there, and never a resource that they name.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

from reception.fields import Body, text
from reception.proofs import Hmac
from reception.signature import SIGNATURE, TIMESTAMP
from reception.sources.registry import Received, source
from watchkeeper.errors import BadPayload
from watchkeeper.goals import BY, SOURCE, TICKET, WANTED
from watchkeeper.ids import token
from watchkeeper.models import Alert, AlertKind, Severity

LONGEST_QUESTION = 2_000
LONGEST_TITLE = 200
FURTHEST_BACK = timedelta(days=1)
A_DAY = timedelta(days=1)
CLOCK = re.compile(r"(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)")
NAMED_TIME = re.compile(rf"\b(?:after|since|from|at|around)\s+{CLOCK.pattern}(?![\d:])", re.IGNORECASE)
TICKET_ASKED = re.compile(r"\b(?:open|create|make|file|raise|write|log)\b[^.?!]{0,40}\b(?:ticket|issue|jira)\b", re.IGNORECASE)
TICKET_DECLINED = re.compile(r"\b(?:no|not|never|without|don\W?t)\b[^.?!,;]{0,25}\b(?:ticket|issue|jira)\b", re.IGNORECASE)


@source(
    SOURCE,
    samples=("events/investigation.json",),
    proof=Hmac(SIGNATURE, prefix="v1=", timestamp_header=TIMESTAMP, signed="{timestamp}:{body}", several=True),
    vendor="A person's question: ./watchkeeper investigate",
    docs="docs/integrations/investigations.md",
    path="/investigations",
)
def read_question(body: Body, received: Received) -> Iterator[Alert]:
    """One question. The same one of the same person, sent again within the minute, is the same."""
    question, service, by = _question(body), text(body, "service"), text(body, "by") or "somebody"
    at = received.at.astimezone(UTC).replace(second=0, microsecond=0)
    since = _since(body.get("since"), received.at) or _named(question, received.at) or at
    wish = {TICKET: WANTED} if TICKET_ASKED.search(question) and not TICKET_DECLINED.search(question) else {}
    yield Alert(
        source=SOURCE,
        kind=AlertKind.FIRING,
        title=" ".join(question.split())[:LONGEST_TITLE],
        fingerprint=token(SOURCE, question, by, service, since.isoformat(), at.isoformat()),
        occurred_at=since,
        severity=Severity.SEV4,
        service=service or "unknown",
        account=received.home.account,
        region=received.home.region,
        description=question,
        labels={SOURCE: "true", BY: by, **wish},
    )


def _question(body: Body) -> str:
    said = body.get("question")
    if not isinstance(said, str) or not said.strip():
        raise BadPayload("ask something, in words", field="question")
    if len(said) > LONGEST_QUESTION:
        raise BadPayload(f"{len(said)} characters: ask in at most {LONGEST_QUESTION}", field="question")
    return said.strip()


def _since(said: object, now: datetime) -> datetime | None:
    """A time in ISO 8601, in UTC where it names no zone, or a time of the clock; none where nothing is said."""
    if said is None or said == "":
        return None
    clock = CLOCK.fullmatch(said.strip()) if isinstance(said, str) else None
    if clock:
        return _last(clock, now)
    try:
        found = datetime.fromisoformat(said.strip()) if isinstance(said, str) else None
        at = found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC) if found else None
    except (ValueError, OverflowError):
        at = None
    if at is None:
        raise BadPayload("write a time such as 14:00 or 2026-11-20T14:00:00Z", field="since")
    if not now - FURTHEST_BACK <= at <= now:
        raise BadPayload("it has to lie in the last 24 hours: further back nobody looks", field="since")
    return at


def _named(question: str, now: datetime) -> datetime | None:
    """The first time of the clock that the words name after `since`, `after`, `at` or the like."""
    found = NAMED_TIME.search(question)
    return _last(found, now) if found else None


def _last(clock: "re.Match[str]", now: datetime) -> datetime:
    """When the clock last showed that, in UTC: today, or yesterday where that is still to come."""
    today = datetime.combine(now.astimezone(UTC).date(), time(int(clock["hour"]), int(clock["minute"])), UTC)
    return today if today <= now else today - A_DAY
