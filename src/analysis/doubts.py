"""The adversarial second reading by code: everything that speaks against an opinion. It may only lower confidence.

Each doubt is a pure question about the reading, a sentence for people, and the factor that it leaves of the confidence.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from analysis.case import Case
from analysis.opinion import Opinion
from analysis.sources import UNTRUSTED
from watchkeeper.models import Cause, Citation, Hypothesis

CHANGES = frozenset({"changes", "deployments", "github"})
NEARLY = 0.05
_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_FIRST_BAD = re.compile(r"^first bad minute: (?P<at>\S+Z)")
_CROSSING = re.compile(r"^first crossing at (?P<at>\S+Z)")
_PEAK = re.compile(r"^\d+ points .*\bmax (?P<max>[\d.]+) at .*latest (?P<latest>[\d.]+)")
_NEIGHBOUR = re.compile(r"^neighbour: .*?(?P<name>\w+) \(.*latest (?P<latest>[\d.]+), min [\d.]+, max (?P<max>[\d.]+)")
_MOST_CONNECTIONS = re.compile(r"^max connections: (?:about )?(?P<most>\d+)")
_COUNTS = re.compile(r"^ecs:service .* desired (?P<desired>\d+), running (?P<running>\d+)")
_EXPIRES = re.compile(r"^acm:certificate .*\(in (?P<days>\d+) days\)")
_QUOTA = re.compile(r"^quota: .*\((?P<share>[\d.]+) %\)")
_THROTTLED = re.compile(r"^throttled: \D*(?P<one>\d+)\D+(?P<other>\d+)")
_METRIC = re.compile(r"^metric: .*alarm line: ")
_NO_CROSSING = re.compile(r"^no point crosses the alarm line")
CALM_CPU, CALM_MEMORY, ROOM_IN_POOL, FAR_OFF_DAYS, ROOM_IN_QUOTA = 50.0, 60.0, 0.5, 60, 80.0


@dataclass(frozen=True)
class Reading:
    """An opinion with the citations that hold, the case that it is about, and how the fixed rules rank the causes."""

    opinion: Opinion
    citations: tuple[Citation, ...]
    case: Case
    hypotheses: tuple[Hypothesis, ...] = ()

    def cited(self, collectors: Iterable[str]) -> list[Citation]:
        wanted = set(collectors)
        return [one for one in self.citations if (exhibit := self.case.exhibit(one.evidence_id)) and exhibit.evidence.collector in wanted]


@dataclass(frozen=True)
class Doubt:
    name: str
    says: str
    factor: float
    holds: Callable[[Reading], bool]


def came_later(reading: Reading) -> bool:
    """Every change that is cited is younger than the first bad minute."""
    began = first_bad_minute(reading.case)
    changed = [at for citation in reading.cited(CHANGES) if (at := _time(citation.quote))]
    return began is not None and bool(changed) and all(at > began for at in changed)


def contradicted(reading: Reading) -> bool:
    """The cause has a measured sign of its own, and that sign says the opposite."""
    look = _CONTRADICTIONS.get(reading.opinion.cause)
    return look is not None and look(reading.case)


def only_told(reading: Reading) -> bool:
    """All that is cited is text that anybody may have written."""
    return bool(reading.citations) and len(reading.cited(UNTRUSTED)) == len(reading.citations)


def close_second(reading: Reading) -> bool:
    """Another cause is as likely, by the rules themselves."""
    likely = [one for one in reading.hypotheses if one.cause is not Cause.UNKNOWN][:2]
    return (
        len(likely) == 2
        and reading.opinion.cause in {one.cause for one in likely}
        and likely[0].confidence - likely[1].confidence <= NEARLY
    )


def alert_denied(reading: Reading) -> bool:
    """The alert says that a line was crossed; the series, as measured, does not cross it."""
    return bool(reading.case.matches("alert", _METRIC)) and bool(reading.case.matches("metric", _NO_CROSSING))


def instructed(reading: Reading) -> bool:
    """It cites a line that tries to instruct whoever reads it."""
    return any(instructs(citation, reading.case) for citation in reading.citations)


def instructs(citation: Citation, case: Case) -> bool:
    """Is the quote in none of the lines that are left when those that instruct are gone?"""
    exhibit = case.exhibit(citation.evidence_id)
    return exhibit is not None and bool(exhibit.instructing) and citation.quote not in "\n".join(exhibit.lines)


DOUBTS: tuple[Doubt, ...] = (
    Doubt("came later", "the change that is cited came after the first bad minute", 0.5, came_later),
    Doubt("contradicted", "what was measured for this cause says the opposite", 0.5, contradicted),
    Doubt("only told", "all that is cited is text that anybody may have written", 0.9, only_told),
    Doubt("close second", "another cause is as likely by the fixed rules", 0.9, close_second),
    Doubt("alert denied", "the alert reports a line crossed, and the measured series does not cross it", 0.7, alert_denied),
    Doubt("instructed", "it cites text that tries to instruct its reader", 0.5, instructed),
)


def doubts(reading: Reading) -> tuple[Doubt, ...]:
    """Every doubt that holds, in the order of the table."""
    return tuple(doubt for doubt in DOUBTS if doubt.holds(reading))


def first_bad_minute(case: Case) -> datetime | None:
    """As the join of change and change point says it, else when the alarm's own series first crossed its line."""
    for collector, pattern in (("onset", _FIRST_BAD), ("metric", _CROSSING)):
        for match in case.matches(collector, pattern):
            if at := _time(match["at"]):
                return at
    return None


def _time(text: str) -> datetime | None:
    match = _STAMP.search(text)
    try:
        return datetime.fromisoformat(match[0]) if match else None
    except ValueError:
        return None


def _numbers(case: Case, collector: str, pattern: "re.Pattern[str]", group: str, name: str = "") -> list[float]:
    return [float(match[group]) for match in case.matches(collector, pattern) if not name or match["name"] == name]


def _calm(case: Case, metric: str, below: float) -> bool:
    """The series of this name, the alarm's own or a neighbour's, never came near."""
    own = _numbers(case, "metric", _PEAK, "max") if any(metric in match.string for match in case.matches("metric", _METRIC)) else []
    seen = own + _numbers(case, "neighbours", _NEIGHBOUR, "max", metric)
    return bool(seen) and max(seen) < below


def _room_in_pool(case: Case) -> bool:
    most = _numbers(case, "rds", _MOST_CONNECTIONS, "most")
    used = _numbers(case, "neighbours", _NEIGHBOUR, "max", "DatabaseConnections")
    return bool(most and used) and max(used) < ROOM_IN_POOL * min(most)


def _all_run(case: Case) -> bool:
    counts = case.matches("ecs", _COUNTS)
    died = case.matches("ecs", re.compile(r"^stopped "))
    return bool(counts) and not died and all(int(match["running"]) >= int(match["desired"]) > 0 for match in counts)


def _above(case: Case, collector: str, pattern: "re.Pattern[str]", group: str, line: float) -> bool:
    seen = _numbers(case, collector, pattern, group)
    return bool(seen) and min(seen) > line


def _below(case: Case, collector: str, pattern: "re.Pattern[str]", group: str, line: float) -> bool:
    seen = _numbers(case, collector, pattern, group)
    return bool(seen) and max(seen) < line


def _nothing_throttled(case: Case) -> bool:
    counts = case.matches("dynamodb", _THROTTLED)
    return bool(counts) and all(match["one"] == match["other"] == "0" for match in counts)


_CONTRADICTIONS: dict[Cause, Callable[[Case], bool]] = {
    Cause.CPU_SATURATION: lambda case: _calm(case, "CPUUtilization", CALM_CPU),
    Cause.OUT_OF_MEMORY: lambda case: _calm(case, "MemoryUtilization", CALM_MEMORY),
    Cause.POOL_EXHAUSTED: _room_in_pool,
    Cause.CRASH_LOOP: _all_run,
    Cause.CERTIFICATE_EXPIRING: lambda case: _above(case, "acm", _EXPIRES, "days", FAR_OFF_DAYS),
    Cause.QUOTA_REACHED: lambda case: _below(case, "quotas", _QUOTA, "share", ROOM_IN_QUOTA),
    Cause.THROTTLED: _nothing_throttled,
}
