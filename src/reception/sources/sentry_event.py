"""An event of Sentry: its tags, its project, how bad it is, and the end of its stack trace."""

import re
from collections.abc import Iterator

from reception.fields import Body, listing, mapping, text
from reception.vocabulary import severity_of
from watchkeeper.models import Severity

MOST_FRAMES = 15
# Every exception that nobody caught is an `error` to Sentry, so that word says less than elsewhere.
LEVELS = {
    "fatal": Severity.SEV1,
    "error": Severity.SEV3,
    "warning": Severity.SEV4,
    "info": Severity.SEV4,
    "debug": Severity.SEV4,
    "sample": Severity.SEV4,
}


def severity(priority: str, level: str) -> Severity:
    """The priority that Sentry or a person gave the issue, else the level of the event."""
    return severity_of(priority) or LEVELS.get(level.lower(), Severity.SEV3)


def tags_of(event: Body) -> dict[str, str]:
    """Sentry writes its tags as a list of pairs."""
    rows = [row for row in listing(event.get("tags")) if isinstance(row, list) and len(row) == 2]
    named = [(text({"it": name}, "it"), text({"it": value}, "it")) for name, value in rows]
    return {name: value for name, value in named if name and value}


def project_of(event: Body) -> str:
    """The project's name for addresses: an event has only its number, and its own address has the name."""
    found = re.search(r"/projects/[^/]+/([^/]+)/", text(event, "url")[:2000])
    return text(event, "project_slug", "project_name") or (found[1] if found else "")


def excerpt(event: Body) -> str:
    """The exceptions, each with its innermost frames; Sentry lists the oldest call first."""
    values = listing(mapping(event.get("exception")).get("values"))
    return "\n".join(line for value in values for line in _exception(mapping(value)))


def _exception(value: Body) -> Iterator[str]:
    yield ": ".join(part for part in (text(value, "type"), text(value, "value")) if part)
    frames = [mapping(frame) for frame in listing(mapping(value.get("stacktrace")).get("frames"))]
    for frame in reversed(frames[-MOST_FRAMES:]):
        where = text(frame, "filename", "abs_path", "module") or "?"
        yield f"  at {where}:{text(frame, 'lineno') or '?'} in {text(frame, 'function') or '?'}"
