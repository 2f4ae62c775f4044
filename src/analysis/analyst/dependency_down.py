"""It is not this service: one that it depends on fails, and this one shows it."""

import re

from analysis.analyst.rule import Finding, Rule, cite
from analysis.analyst.suspects_named import NO_SUSPECT, SUSPECT, other_suspect
from analysis.analyst.written import alone, written
from analysis.lines import Hit, ReadCase, Words
from watchkeeper.models import Cause

CALLS = re.compile(r"calls: (?P<caller>\S+) -> (?P<called>\S+)")
ALARM = re.compile(r"alarm in ALARM since (?P<at>\S+): (?P<name>.{1,255}?) on ")
SAYS = Words(
    needles=("connection refused", "econnrefused", "service unavailable", "econnreset", "no healthy upstream", "connection reset by peer"),
    pattern=re.compile(
        r"connection refused|\bECONNREFUSED\b|\b503\b.*Service Unavailable|Service Unavailable|no healthy upstream|\bECONNRESET\b|"
        r"connection reset by peer",
        re.IGNORECASE,
    ),
)
OWNS = 0.5


def look(case: ReadCase) -> Finding | None:
    """0.8 where the first suspect of the service map is another service and an alarm or log lines agree, 0.7 where it owns half
    of the excess and nothing else is known, 0.6 for less; another alarm with log lines 0.6; log lines alone 0.5 or 0.6,
    and 0.4 where the map was measured and suspects nobody."""
    suspect, said = other_suspect(case), written(case, SAYS)
    alarms = case.hits("other_alarms", ALARM)
    calls = case.hits("service_map", CALLS)
    if suspect:
        return _suspected(suspect, alarms, said, calls)
    if case.hits("service_map", SUSPECT):
        return None
    clear = case.hits("service_map", NO_SUSPECT)
    if not said:
        return None
    against = ("the service map suspects nobody",) if clear else ("nothing that was measured says which",)
    if alarms and not clear:
        sentence = f"Something that the service depends on refuses it, while the alarm {alarms[0]['name']} is in ALARM."
        return Finding(0.6, sentence, cite(alarms[:1], said), against)
    sentence = "Something that the service depends on refuses its calls, as log lines say."
    return Finding(0.4 if clear else alone(said), sentence, cite((), said), against)


def _suspected(suspect: Hit, alarms: list[Hit], said: list[Hit], calls: list[Hit]) -> Finding:
    share = float(suspect["share"]) if suspect["share"] else 0.0
    confidence = 0.8 if (alarms or said) and share >= OWNS else (0.7 if share >= OWNS else 0.6)
    owns = f": it owns {suspect['share']} of the excess {suspect['excess']} ({suspect['kind']})" if suspect["share"] else ""
    path = [hit for hit in calls if hit["called"] == suspect["name"]]
    about = [hit for hit in alarms if suspect["name"] in hit.text] or alarms
    return Finding(confidence, f"The trouble begins at {suspect['name']}, not here{owns}.", cite((suspect,), path, about, said))


RULE = Rule(
    cause=Cause.DEPENDENCY_DOWN,
    look=look,
    outranks=frozenset({Cause.ERROR_BURST, Cause.TIMEOUTS}),
    sample={
        "service_map": "calls: checkout -> orders\ncalls: storefront -> orders\nsuspect 1: orders (latency): owns 0.83 of the excess 0.91",
        "other_alarms": "alarm in ALARM since 2026-11-20T02:56:00Z: orders-latency on AWS/ApplicationELB TargetResponseTime "
        "(LoadBalancer=app/orders/1): Threshold Crossed",
        "logs": "1 error lines, 80 lines read since 2026-11-20T02:45:00Z:\n"
        "2026-11-20T02:59:10Z /checkout/app app/1  ERROR connect to orders:8080: Connection refused",
    },
    more_samples=(
        {"service_map": "calls: checkout -> orders\nsuspect 1: orders (latency): owns 0.83 of the excess 0.91"},
        {
            "logs": "3 error lines, 80 lines read since 2026-11-20T02:45:00Z:\n"
            + "\n".join(f"2026-11-20T02:59:1{n}Z /checkout/app app/1  ERROR connect ECONNREFUSED 10.0.3.7:8080" for n in range(3)),
        },
    ),
    impact="What needs the other service fails or waits; what does not need it goes on.",
    steps=(
        "Go to the service that is named and look at its own alarms and deployments first.",
        "Do not restart what only calls it: it would come back to the same answers.",
        "If it will take long, switch off what needs it.",
    ),
    prevention=("Give calls to it a deadline, a circuit breaker and an answer for when it is away.",),
    plain_words="Another system that this one relies on does not answer.",
)
