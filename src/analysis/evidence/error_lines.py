"""Recent error lines of the service's log groups, each with the stack trace that follows it.

Reading starts at the newest line and is bounded, and the evidence says how far it got. A group is large when the pages of the
bound do not hold the quarter of an hour before the alarm: then Logs Insights is asked for its error lines as well, and the
evidence says so; where that is not there or not allowed, what the pages held stands, with the reason.

The hour before is read as well, two pages of each group at most, to tell which kinds of line are news. If that read fails or comes
too late, the evidence stands without it and says so.
"""

from datetime import UTC, datetime, timedelta

from analysis.evidence import log_insights
from analysis.evidence.ask import READ_OF_A_MESSAGE, Ask, Collector, Found, Nothing, stamp
from analysis.evidence.error_news import Stretch, Told, counted, told
from analysis.evidence.log_reading import PERMISSION, Event, Reading, read
from analysis.evidence.whole_traces import Quoting
from analysis.signals.templates import Line, Tokens, tokens_of
from watchkeeper.errors import WatchkeeperError

BEFORE = timedelta(minutes=15)
MOST_GROUPS = 5
MOST_PAGES = 4
MOST_LARGE = 2  # groups that Insights is asked about
MOST_LINES = 200
BASELINE = timedelta(hours=1)
BASELINE_PAGES = 2  # CloudWatch Logs may answer an empty page and a token
MOST_MINED = 5_000  # of a group, so that a flood costs a fraction of a second


def groups_of(ask: Ask) -> tuple[str, ...]:
    """The log groups that services.yaml gives the service, and those that an authenticated field of an alert named."""
    of_service = ask.service.log_groups if ask.service else ()
    of_alert = tuple(resource.id for resource in ask.trusted("logs:log-group"))
    return tuple(dict.fromkeys((*of_alert, *of_service)))[:MOST_GROUPS]


def collect(ask: Ask) -> Found | Nothing:
    """The error lines of a quarter of an hour before the alarm until now, oldest first; before them, which kinds are news."""
    start, end = ask.incident.fired_at - BEFORE, max(ask.now, ask.incident.fired_at) + timedelta(minutes=1)
    window = _window(ask, start, end)
    far = _far(window, start)
    if not any(one.errors for one in window.values()):
        return Nothing(f"No error line in {', '.join(window)}: {far}.")
    now = {group: _stretch(ask, one, end - start) for group, one in window.items()}
    ask.so_far(_found(ask, window, far, counted(now, "the hour before was not read in time")))
    try:
        earlier = {group: read(ask, group, start - BASELINE, start, BASELINE_PAGES) for group in window}
    except WatchkeeperError as error:
        return _found(ask, window, far, counted(now, f"the hour before could not be read: {error}"))
    before = {group: _stretch(ask, one, BASELINE) for group, one in earlier.items()}
    return _found(ask, window, far, told(now, before))


def _window(ask: Ask, start: datetime, end: datetime) -> dict[str, Reading]:
    """Each group by pages, then the large ones by Insights; what the pages hold is told before Insights is asked."""
    window = {group: read(ask, group, start, end, MOST_PAGES) for group in groups_of(ask)}
    large = [group for group, one in window.items() if one.cut][:MOST_LARGE]
    if large and any(one.errors for one in window.values()):
        now = {group: _stretch(ask, one, end - start) for group, one in window.items()}
        ask.so_far(_found(ask, window, _far(window, start), counted(now, "the large log groups were not read in time")))
    return {**window, **{group: log_insights.deepened(ask, group, start, end, window[group]) for group in large}}


def _far(window: dict[str, Reading], start: datetime) -> str:
    lines = sum(len(one.events) for one in window.values())
    cut = ", newest first, until the limit of pages" if any(one.cut and not one.deepened for one in window.values()) else ""
    return "; ".join([f"{lines} lines read since {stamp(start)}{cut}", *(one.by for one in window.values() if one.by)])


def _stretch(ask: Ask, reading: Reading, asked: timedelta) -> Stretch:
    """The newest error lines as they may be shown, and the time that they and what was read really span."""
    errors = reading.errors[-MOST_MINED:]
    seen = errors if len(errors) < len(reading.errors) else reading.events
    whole = seen is reading.events and not reading.cut
    times = [event["timestamp"] for event in seen]
    lasted = asked if whole else timedelta(milliseconds=max(times, default=0) - min(times, default=0))
    return Stretch(_redacted(ask, errors), lasted, len(reading.events))


def _redacted(ask: Ask, errors: list[Event]) -> list[Line]:
    """Each line as the first that differs from it in values alone: templates are all that is made of it, and redacting takes longest."""
    first: dict[Tokens, str] = {}
    lines = []
    for event in errors:
        kind = tokens_of(event["message"][:READ_OF_A_MESSAGE])
        if kind not in first:
            first[kind] = ask.tidy(event["message"])
        lines.append((_at(event), first[kind]))
    return lines


def _found(ask: Ask, window: dict[str, Reading], far: str, news: Told) -> Found:
    """The news, then the newest error lines letter by letter, and one line of each kind that is news in any case."""
    errors = sorted(((event["timestamp"], group, event) for group, one in window.items() for event in one.errors), key=lambda one: one[0])
    newest = errors[-MOST_LINES:]
    missed = news.examples - {(group, ask.tidy(event["message"])) for _, group, event in newest}
    older = _first_of_each(missed, [(group, event) for _, group, event in errors[:-MOST_LINES][-MOST_MINED:]], ask) if missed else []
    head = f"{len(errors)} error lines, {far}" + (f"; the newest {len(newest)} of them:" if len(newest) < len(errors) else ":")
    quoting = Quoting(ask)
    lines = [_line(quoting, group, event) for group, event in (*older, *((group, event) for _, group, event in newest))]
    summary = f"{news.summary} {len(errors)} error lines in {', '.join(window)}; {far}.".lstrip()
    return Found(summary=summary, body="\n".join([*news.lines, head, *lines]))


def _first_of_each(wanted: frozenset[tuple[str, str]], errors: list[tuple[str, Event]], ask: Ask) -> list[tuple[str, Event]]:
    left, found = set(wanted), []
    for group, event in errors:
        said = (group, ask.tidy(event["message"]))
        if said in left:
            left.remove(said)
            found.append((group, event))
        if not left:
            break
    return found


def _at(event: Event) -> datetime:
    return datetime.fromtimestamp(event["timestamp"] / 1000, UTC)


def _line(quoting: Quoting, group: str, event: Event) -> str:
    return f"{stamp(_at(event))} {group} {event.get('logStreamName', '')}  {quoting.quoted(event['message'])}"


COLLECTOR = Collector(
    name="logs",
    order=30,
    provenance="CloudWatch Logs, written by the application that is watched and by whoever can make it write: untrusted",
    applies=lambda ask: bool(groups_of(ask)),
    asked=lambda ask: f"Which error lines are in {', '.join(groups_of(ask))}?",
    collect=collect,
    permissions=(PERMISSION, log_insights.START, log_insights.RESULTS, log_insights.STOP),
)
