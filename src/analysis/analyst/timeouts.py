"""Answers do not come in the time that they are given: functions that are cut off, targets and gateways that give up waiting."""

import re

from analysis.analyst.rule import Finding, Rule, cite
from analysis.analyst.series import Series, series
from analysis.analyst.written import alone, written
from analysis.lines import Hit, ReadCase, Words
from watchkeeper.models import Cause

FUNCTION = re.compile(r"lambda:function (?P<name>\S+): .*timeout (?P<seconds>\d{1,5}) s\b")
TARGET = re.compile(r"target (?P<id>\S+): unhealthy, (?:Target|Elb)\.Timeout\b")
CUT_OFF = Words(
    needles=("task timed out after", "status: timeout", "sandbox.timedout"),
    pattern=re.compile(r"Task timed out after (?P<after>\d{1,5}\.\d\d) seconds|Status: timeout|Sandbox\.Timedout", re.IGNORECASE),
)
GAVE_UP = Words(
    needles=("gateway timeout", "gateway time-out", "endpoint request timed out", "deadline exceeded", "deadline_exceeded"),
    pattern=re.compile(r"Gateway Time-?out|Endpoint request timed out|deadline[ _]exceeded", re.IGNORECASE),
)
COLD = Words(needles=("init duration:",), pattern=re.compile(r"Init Duration: (?P<ms>\d{1,7}(?:\.\d{1,3})?) ms", re.IGNORECASE))
NEARLY, QUICK, LONG_START_MS = 0.95, 0.5, 1_000.0


def look(case: ReadCase) -> Finding | None:
    """0.8 where the duration measured is at the timeout of the function and log lines say that it was cut off, or targets time
    out beside such lines; 0.75 for the duration alone, 0.7 for the targets; log lines alone 0.5 or 0.6, and 0.4 where the
    duration was measured and is below half of the timeout."""
    cut, gave_up, cold = written(case, CUT_OFF), written(case, GAVE_UP), _cold(case)
    said = [*cut, *gave_up]
    contributing = ("functions start cold for a second and more",) if cold else ()
    at_limit = _at_its_limit(case, NEARLY)
    if at_limit:
        one, function = at_limit
        sentence = (
            f"The function {function['name']} is cut off at its timeout of {function['seconds']} s: {one.name} reached {one.most} ms."
        )
        return Finding(0.8 if cut else 0.75, sentence, cite((*one.facts, function), said, cold, one.shown), contributing)
    targets = case.hits("targets", TARGET)
    if targets:
        sentence = f"The target {targets[0]['id']} does not answer its health check in time."
        return Finding(0.8 if said else 0.7, sentence, cite(targets[:1], said), contributing)
    if not said:
        return None
    quick = bool(series(case, "Duration")) and bool(cut) and _all_quick(case)
    sentence = (
        f"Functions are cut off at their timeout{_after(cut)}, as log lines say." if cut else "Callers give up waiting, as log lines say."
    )
    against = ("the duration that was measured is far below the timeout",) if quick else ("only log lines say so",)
    return Finding(0.4 if quick else alone(said), sentence, cite(cut[-1:], said, cold), (*against, *contributing))


def _cold(case: ReadCase) -> list[Hit]:
    return [hit for hit in written(case, COLD) if float(hit["ms"]) >= LONG_START_MS]


def _at_its_limit(case: ReadCase, share: float) -> tuple[Series, Hit] | None:
    """A function whose longest run took that share of its timeout; durations are in milliseconds."""
    functions = case.hits("lambda", FUNCTION)
    for one in series(case, "Duration"):
        for function in functions:
            if function["name"] == one.whose and one.high >= share * 1000 * int(function["seconds"]) > 0:
                return one, function
    return None


def _all_quick(case: ReadCase) -> bool:
    known = {function["name"] for function in case.hits("lambda", FUNCTION)}
    return bool(known & {one.whose for one in series(case, "Duration")}) and _at_its_limit(case, QUICK) is None


def _after(cut: list[Hit]) -> str:
    return f" after {cut[-1]['after']} seconds" if cut and cut[-1]["after"] else ""


RULE = Rule(
    cause=Cause.TIMEOUTS,
    look=look,
    outranks=frozenset({Cause.ERROR_BURST}),
    sample={
        "lambda": "lambda:function checkout: state Active, runtime python3.13, memory 512 MB, timeout 3 s, reserved concurrency none",
        "neighbours": "neighbour: AWS/Lambda Duration (FunctionName=checkout), Maximum: latest 3000, min 120, max 3000\n"
        "neighbour change at 2026-11-20T02:57:00Z: AWS/Lambda Duration (FunctionName=checkout) up from about 140 to 3000",
        "logs": "1 error lines, 80 lines read since 2026-11-20T02:45:00Z:\n"
        "2026-11-20T02:59:10Z /aws/lambda/checkout 1  2026-11-20T02:59:10.101Z 7c1e Task timed out after 3.00 seconds",
    },
    more_samples=(
        {"targets": "target group checkout: healthy 1 of 4\ntarget i-0aa11bb22cc33dd44:8080: unhealthy, Target.Timeout: Request timed out"},
        {
            "logs": "3 error lines, 80 lines read since 2026-11-20T02:45:00Z:\n"
            + "\n".join(f"2026-11-20T02:59:1{n}Z /checkout/app app/1  ERROR POST /pay 504 Gateway Timeout" for n in range(3)),
        },
    ),
    impact="Requests that take long fail, and those who asked mostly ask again.",
    steps=(
        "Find what the slow calls wait for: the last line before each timeout, or a trace.",
        "If what they wait for is slow, the trouble is there; a longer timeout would only hide it.",
        "If starts take long, look at what is loaded and at the memory that the function has.",
    ),
    prevention=("Give each call a shorter deadline than its caller has, and alarm on duration before the timeout.",),
    plain_words="Parts of the service take longer to answer than anybody waits.",
)
