"""AWS turns requests away because there are more of them than was allowed."""

import re

from analysis.analyst.rule import Finding, Rule, cite
from analysis.analyst.series import Series, series
from analysis.analyst.written import alone, written
from analysis.lines import Hit, ReadCase, Words
from watchkeeper.models import Cause

TABLE = re.compile(r"dynamodb:table (?P<name>\S+): status \S+, billing \S+")
EVENTS = re.compile(
    r"throttled(?: index \S+)?: ReadThrottleEvents (?P<reads>\d{1,12}), WriteThrottleEvents (?P<writes>\d{1,12}) in the window"
)
RESERVED = re.compile(r"lambda:function (?P<name>\S+): .*reserved concurrency (?P<most>\d{1,6})")
METRICS = ("Throttles", "ThrottledRequests", "ReadThrottleEvents", "WriteThrottleEvents", "ThrottleCount")
TABLE_SAYS = Words(("provisionedthroughputexceeded",), re.compile(r"ProvisionedThroughputExceeded", re.IGNORECASE))
SAYS = Words(
    needles=(
        "throttlingexception",
        "throttled",
        "rate exceeded",
        "toomanyrequests",
        "too many requests",
        "requestlimitexceeded",
        "slowdown",
    ),
    pattern=re.compile(
        r"ThrottlingException|\bThrottled\b|Rate exceeded|TooManyRequests|\b429\b.*Too Many Requests|Too Many Requests|"
        r"RequestLimitExceeded|\bSlowDown\b",
        re.IGNORECASE,
    ),
)


def look(case: ReadCase) -> Finding | None:
    """0.85 where throttles were measured and log lines say so, 0.8 for the measurement alone, log lines alone 0.5 or 0.6.
    What a table is said to refuse is not believed where DynamoDB counted no throttle."""
    tables = _tables(case)
    of_tables = written(case, TABLE_SAYS)
    said = [*written(case, SAYS), *(of_tables if not tables or any(_count(events) for _, events in tables) else [])]
    for table, events in tables:
        if _count(events):
            counts = f"ReadThrottleEvents {events['reads']}, WriteThrottleEvents {events['writes']}"
            sentence = f"Requests to the table {table['name']} are throttled: {counts}."
            return Finding(0.85 if said else 0.8, sentence, cite((table, events), said))
    metered = next((one for one in series(case, *METRICS) if one.latest > 0 or one.crossing or one.went("up")), None)
    if metered and metered.high > 0:
        return _metered(metered, said, case)
    if not said:
        return None
    return Finding(alone(said), "Requests are throttled, as log lines say.", cite((), said), ("only log lines say so",))


def _tables(case: ReadCase) -> list[tuple[Hit, Hit]]:
    """Each table with the count that stands below it."""
    tables, events = case.hits("dynamodb", TABLE), case.hits("dynamodb", EVENTS)
    found = []
    for count in events:
        above = [table for table in tables if table.evidence_id == count.evidence_id and table.number < count.number]
        if above:
            found.append((above[-1], count))
    return found


def _count(events: Hit) -> int:
    return int(events["reads"]) + int(events["writes"])


def _metered(metered: Series, said: list[Hit], case: ReadCase) -> Finding:
    reserved = next((hit for hit in case.hits("lambda", RESERVED) if hit["name"] == metered.whose), None)
    why = f", with a reserved concurrency of {reserved['most']}" if reserved else ""
    sentence = f"Calls of {metered.whose} are throttled: {metered.name} reached {metered.most}{why}."
    return Finding(0.85 if said or reserved else 0.8, sentence, cite((*metered.facts, reserved), metered.shown, said))


RULE = Rule(
    cause=Cause.THROTTLED,
    look=look,
    outranks=frozenset({Cause.ERROR_BURST, Cause.TIMEOUTS}),
    sample={
        "dynamodb": "dynamodb:table orders: status ACTIVE, billing PROVISIONED, read 5, write 5\n"
        "throttled: ReadThrottleEvents 120, WriteThrottleEvents 0 in the window",
        "logs": "1 error lines, 80 lines read since 2026-11-20T02:45:00Z:\n"
        "2026-11-20T02:59:10Z /checkout/app app/1  ERROR ProvisionedThroughputExceededException on orders",
    },
    more_samples=(
        {
            "neighbours": "neighbour: AWS/Lambda Throttles (FunctionName=checkout), Sum: latest 41, min 0, max 52\n"
            "neighbour change at 2026-11-20T02:56:00Z: AWS/Lambda Throttles (FunctionName=checkout) up from about 0 to 41",
            "lambda": "lambda:function checkout: state Active, runtime python3.13, memory 512 MB, timeout 3 s, reserved concurrency 10",
        },
        {
            "logs": "3 error lines, 80 lines read since 2026-11-20T02:45:00Z:\n"
            + "\n".join(f"2026-11-20T02:59:1{n}Z /checkout/app app/1  ERROR ThrottlingException: Rate exceeded" for n in range(3)),
        },
    ),
    impact="A share of the requests is turned away or waits for another try.",
    steps=(
        "Compare the demand with what was allowed: capacity of the table, concurrency of the function, rate of the API.",
        "Raise the allowance, or switch the table to on-demand, if the demand is real.",
        "If one caller makes most of it, slow that caller down.",
    ),
    prevention=("Let capacity follow demand, and let callers retry with jitter.",),
    plain_words="The service is asked more often than it is allowed to answer, so some requests are refused.",
)
