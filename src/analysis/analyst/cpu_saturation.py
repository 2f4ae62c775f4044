"""The processor is busy to the brim, and the alarm is about just that."""

import re

from analysis.analyst.rule import Finding, Rule, few
from analysis.case import Case
from watchkeeper.models import Cause

METRIC = re.compile(r"^metric: .*\bCPUUtilization\b.*alarm line: GreaterThan")
HIGHEST = re.compile(r"^\d+ points .* max ([\d.]+) at ")
CROSSING = re.compile(r"^first crossing at ")
CHANGED_UP = re.compile(r"^change at \S+: up ")
RUNNING = re.compile(r"^ec2:instance .*: state running")
SATURATED, BUSY = 90.0, 75.0


def look(case: Case) -> Finding | None:
    """0.8 above 90 %, 0.7 above 75 %, 0.05 more when the instance is known to run; 0.5 when only the alert says it."""
    peak = max((float(match[1]) for match in case.matches("metric", HIGHEST)), default=0.0)
    crossed = case.lines("metric", CROSSING)
    if case.matches("metric", METRIC) and crossed and peak >= BUSY:
        running = case.lines("ec2", RUNNING)
        confidence = round((0.8 if peak >= SATURATED else 0.7) + (0.05 if running else 0.0), 2)
        seen = (*few(case.lines("metric", HIGHEST), crossed, running), *case.lines("metric", CHANGED_UP)[:1])
        return Finding(confidence, f"The processor is saturated: CPUUtilization reached {peak:.3g} % and crossed the alarm line.", seen)
    told = case.lines("alert", METRIC)
    return Finding(0.5, "The alert reports a saturated processor, but its metric could not be read.", few(told)) if told else None


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
    impact="Requests to this host are slow or time out while the processor is saturated.",
    steps=(
        "Look at the processes that use the processor before they are gone: top, or the profiler of the service.",
        "If nothing explains it, restart the host or the process that runs away.",
        "Compare with traffic: if demand rose, add capacity rather than restarting.",
    ),
    prevention=("Alarm on the run queue of the service as well, and scale out before saturation.",),
    plain_words="One server is working at full load and answers slowly.",
)
