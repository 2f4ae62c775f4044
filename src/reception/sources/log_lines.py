"""Lines of a log as what they say: plain or JSON, with the lines of a stack trace folded into the one that it belongs to."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from reception.fields import Body, mapping, moment, text
from reception.traces import Trace, is_continued_by, read_trace

LONGEST_LINE = 20_000
LONGEST_JSON = 256_000
LONGEST_ENTRY = 100_000
_ERROR = re.compile(
    r"error|exception|traceback|fatal|critical|panic|\bfail(?:ed|ure|ing)\b|timed? ?out|out ?of ?memory|oomkill|segfault|\bkilled\b",
    re.IGNORECASE,
)
_BAD = {"error", "err", "fatal", "critical", "crit", "panic", "severe", "alert", "emergency", "emerg"}
_CALM = {"trace", "debug", "info", "information", "notice", "warn", "warning", "verbose", "fine", "config"}
_LEVELS = ("level", "levelname", "severity", "log.level", "lvl", "loglevel", "log_level")
_MESSAGES = ("message", "msg", "errorMessage", "error_message", "error.message", "event", "exception_message")
_STACKS = (
    "stack_trace",
    "stackTrace",
    "stacktrace",
    "stack",
    "error.stack_trace",
    "exception",
    "exc_info",
    "traceback",
    "exception.stacktrace",
)
_TYPES = ("errorType", "exception_name", "error.type", "exception.type", "exception_class", "error_type")
_INSIDE = ("error", "err", "exception", "thrown", "log")


@dataclass(frozen=True)
class Entry:
    """One thing that was logged, over however many lines."""

    text: str
    at: datetime
    error: bool
    says: str
    trace: Trace | None = None
    lines: int = 1


def entries(events: list[Body], otherwise: datetime) -> list[Entry]:
    """What these log events say, in their order."""
    return [_read(entry) for entry in _folded(events, otherwise)]


def _folded(events: list[Body], otherwise: datetime) -> Iterator[Entry]:
    """Each event, or several that are one stack trace; JSON is never part of one."""
    open_one: Entry | None = None
    for event in events:
        said = event.get("message")
        line = said.rstrip() if isinstance(said, str) else text(event, "message")
        at = moment(event.get("timestamp"), otherwise)
        if open_one and not line.startswith("{") and len(open_one.text) < LONGEST_ENTRY and _goes_on(open_one.text, line):
            open_one = replace(open_one, text=f"{open_one.text}\n{line}", lines=open_one.lines + 1, at=max(open_one.at, at))
            continue
        if open_one:
            yield open_one
        open_one = Entry(line, at, error=False, says=line)
    if open_one:
        yield open_one


def _goes_on(before: str, line: str) -> bool:
    """A header without frames goes on with the error line before it, and with no other."""
    return is_continued_by(before, line) and (line[:1].isspace() or "\n" in before or bool(_ERROR.search(before[:LONGEST_LINE])))


def _read(entry: Entry) -> Entry:
    structured = _structured(entry.text)
    if structured is not None:
        return _read_json(entry, structured)
    trace = read_trace(entry.text)
    return replace(entry, error=bool(trace) or bool(_ERROR.search(entry.text[:LONGEST_LINE])), trace=trace)


def _structured(line: str) -> Body | None:
    if not line.startswith("{") or len(line) > LONGEST_JSON:
        return None
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _read_json(entry: Entry, line: Body) -> Entry:
    """The level decides where one is said: a line at INFO that speaks of an error is none."""
    layers = [line, *(mapping(line.get(name)) for name in _INSIDE)]
    level = next((said for layer in layers for name in _LEVELS if (said := text(layer, name).lower())), "")
    says = next((said for layer in layers for name in _MESSAGES if (said := text(layer, name))), "")
    stack = next((said for layer in layers for name in _STACKS if (said := _stack(layer.get(name)))), "")
    kind = next((said for layer in layers for name in _TYPES if (said := text(layer, name))), "")
    trace = read_trace(stack) or read_trace(says)
    if kind:
        trace = Trace(kind, trace.message if trace and trace.message else says, trace.frame if trace else None)
    return replace(entry, error=_is_bad(level, entry.text, trace), says=says or entry.text, trace=trace)


def _is_bad(level: str, line: str, trace: Trace | None) -> bool:
    if level.isdecimal():  # pino and bunyan: 50 is error, 60 fatal
        return int(level[:6]) >= 50
    if level in _BAD:
        return True
    return level not in _CALM and (trace is not None or bool(_ERROR.search(line[:LONGEST_LINE])))


def _stack(value: object) -> str:
    """A trace as text, or as a list of its lines."""
    if isinstance(value, list):
        return "\n".join(line for line in value if isinstance(line, str))
    return value if isinstance(value, str) and "\n" in value else ""
