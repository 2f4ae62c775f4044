"""The processor is busy to the brim: the alarm is about just that, or a neighbour of its metric shows it."""

import re

from analysis.analyst.rule import Finding, Rule, cite
from analysis.analyst.series import Series, series
from analysis.lines import Hit, ReadCase
from watchkeeper.models import Cause

TOLD = re.compile(r"metric: .*\bCPUUtilization\b.*alarm line: GreaterThan")
RUNNING = re.compile(r"ec2:instance .*: state running")
AT_MOST = re.compile(r"autoscaling:group (?P<group>\S+): desired (?P<desired>\d{1,6}), min \d+, max (?P<most>\d{1,6}),")
SATURATED, BUSY = 90.0, 75.0


def look(case: ReadCase) -> Finding | None:
    """0.8 above 90 %, 0.7 above 75 %, 0.05 more when the instance is known to run; 0.7 where it is not the alarm's metric but a
    neighbour of the same resource that went up above 90 %; 0.45 where it is idle again; 0.5 when only the alert says it and
    nothing was measured. A processor that was measured and was not busy silences what the alert says."""
    of_it = series(case, "CPUUtilization")
    mine = next((one for one in of_it if one.head and one.crossing and one.above and one.high >= BUSY), None)
    if mine:
        return _of_the_alarm(mine, case)
    beside = next((one for one in of_it if not one.head and one.high >= SATURATED and one.went("up") and _of_ours(one, case)), None)
    if beside:
        sentence = f"The processor of {beside.whose} is saturated: CPUUtilization reached {beside.most} %."
        return Finding(0.7 if beside.latest >= BUSY else 0.45, sentence, cite(beside.facts, beside.shown), _capacity(case))
    told = [] if any(one.head for one in of_it) else case.hits("alert", TOLD)
    return Finding(0.5, "The alert reports a saturated processor, but its metric could not be read.", cite((), told)) if told else None


def _of_the_alarm(mine: Series, case: ReadCase) -> Finding:
    running = case.hits("ec2", RUNNING)
    sentence = f"The processor is saturated: CPUUtilization reached {mine.high:.3g} % and crossed the alarm line."
    seen = cite((mine.states, mine.crossing), running, [change for change in mine.changes if change["way"] == "up"][:1])
    if mine.threshold is not None and not mine.crosses_now and mine.latest < BUSY:
        return Finding(0.45, sentence, cite(mine.facts, mine.shown), ("it is below the alarm line again",))
    confidence = round((0.8 if mine.high >= SATURATED else 0.7) + (0.05 if running else 0.0), 2)
    return Finding(confidence, sentence, seen, _capacity(case))


def _of_ours(one: Series, case: ReadCase) -> bool:
    """Is it a resource that the incident is about? What runs hot elsewhere is not helped by what is done here."""
    return any(one.whose in {resource.id, resource.id.rsplit("/", 1)[-1]} for resource in case.incident.resources if resource.trusted)


def _capacity(case: ReadCase) -> tuple[str, ...]:
    at_most: list[Hit] = [hit for hit in case.hits("asg", AT_MOST) if hit["desired"] == hit["most"]]
    return tuple(f"the group {hit['group']} is at its maximum of {hit['most']}" for hit in at_most[:1])


RULE = Rule(
    cause=Cause.CPU_SATURATION,
    look=look,
    sample={
        "metric": "metric: AWS/EC2 CPUUtilization (InstanceId=i-0123456789abcdef0), Average over 60 s; "
        "alarm line: GreaterThanThreshold 80\n"
        "3 points from 2026-11-20T02:58:00Z to 2026-11-20T03:00:00Z: min 12 at 2026-11-20T02:58:00Z, max 97 at 2026-11-20T03:00:00Z, "
        "latest 97\nfirst crossing at 2026-11-20T02:59:00Z with 95, 2 points in all",
        "ec2": "ec2:instance i-0123456789abcdef0: state running, type t3.micro",
    },
    more_samples=(
        {
            "neighbours": "neighbour: AWS/EC2 CPUUtilization (InstanceId=i-0123456789abcdef0), Average: latest 98, min 14, max 99\n"
            "neighbour change at 2026-11-20T02:57:00Z: AWS/EC2 CPUUtilization (InstanceId=i-0123456789abcdef0) up from about 15 to 98",
        },
    ),
    impact="Requests to this host are slow or time out while the processor is saturated.",
    steps=(
        "Look at the processes that use the processor before they are gone: top, or the profiler of the service.",
        "If nothing explains it, restart the host or the process that runs away.",
        "Compare with traffic: if demand rose, add capacity rather than restarting.",
    ),
    prevention=("Alarm on the run queue of the service as well, and scale out before saturation.",),
    plain_words="One server is working at full load and answers slowly.",
)
