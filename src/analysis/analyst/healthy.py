"""The metric crossed its line for a moment and is back, and all that was looked at is as it always is. There is nothing to do."""

import re

from analysis.analyst.crash_signs import crash_signs
from analysis.analyst.rule import Finding, Rule, cite
from analysis.analyst.series import NEIGHBOUR_CHANGE, back, own
from analysis.analyst.suspects_named import NO_SUSPECT, SUSPECT
from analysis.analyst.written import compared, nothing_new
from analysis.lines import ReadCase
from watchkeeper.models import Answer, Cause

CALM = re.compile(
    r"ec2:instance .*: state running|ecs:service .*: status ACTIVE|rds:db .*: status available|lambda:function .*: state Active|"
    r"target group \S+: healthy"
)
TROUBLE = (
    ("ec2", re.compile(r"ec2:instance .*: state (?!running)|status: .*impaired")),
    ("rds", re.compile(r"rds:db \S+: status (?!available)")),
    ("lambda", re.compile(r"lambda:function \S+: state (?!Active)")),
    ("asg", re.compile(r"scaling activity \S+: (?:Failed|Cancelled)|process suspended")),
    ("targets", re.compile(r"target \S+: (?:unhealthy|unavailable)")),
    ("dynamodb", re.compile(r"throttled.*: ReadThrottleEvents (?!0,)|throttled.*: .*WriteThrottleEvents (?!0 )")),
    ("sqs", re.compile(r"dead letters \S+: visible [1-9]")),
    ("other_alarms", re.compile(r"alarm in ALARM ")),
    ("neighbours", NEIGHBOUR_CHANGE),
    ("service_map", SUSPECT),
)


def look(case: ReadCase) -> Finding | None:
    """0.75 where the metric is back after three points at most, the error lines are none or as usual, and a state that was read
    is sound; 0.6 where the logs or a state could not be read. Any sign of trouble, however small, silences it."""
    alarm = own(case)
    if alarm is None or alarm.crossing is None or alarm.threshold is None or not back(alarm, case):
        return None
    if crash_signs(case).kinds or any(case.hits(collector, pattern) for collector, pattern in TROUBLE):
        return None
    quiet = _quiet(case)
    if quiet is None:
        return None
    sound = [hit for name in ("ec2", "ecs", "rds", "lambda", "targets") for hit in case.hits(name, CALM)]
    sound += case.hits("service_map", NO_SUSPECT)
    sentence = (
        f"{alarm.name} crossed its alarm line for a moment and is back at {alarm.states['latest']}; nothing else is out of the ordinary."
    )
    usual = compared(case)
    return Finding(0.75 if quiet and sound else 0.6, sentence, cite((*alarm.facts, alarm.crossing, usual), sound))


def _quiet(case: ReadCase) -> bool | None:
    """Do the logs say that all is as usual? None where they hold news, or errors that could not be compared; False where not read."""
    if case.sheets("logs"):
        return True if nothing_new(case) else None
    answers = {exhibit.evidence.answer for exhibit in case.case.exhibits if exhibit.evidence.collector == "logs"}
    return Answer.NOTHING in answers


RULE = Rule(
    cause=Cause.HEALTHY,
    look=look,
    outranks=frozenset({Cause.CPU_SATURATION}),
    sample={
        "metric": "metric: AWS/EC2 CPUUtilization (InstanceId=i-0123456789abcdef0), Average over 60 s; "
        "alarm line: GreaterThanThreshold 80\n"
        "6 points from 2026-11-20T02:55:00Z to 2026-11-20T03:00:00Z: min 19 at 2026-11-20T02:55:00Z, max 83 at 2026-11-20T02:57:00Z, "
        "latest 22\nfirst crossing at 2026-11-20T02:57:00Z with 83, 1 points in all\n2026-11-20T02:57:00Z 83 crosses\n"
        "2026-11-20T02:58:00Z 24\n2026-11-20T02:59:00Z 21\n2026-11-20T03:00:00Z 22",
        "ec2": "ec2:instance i-0123456789abcdef0: state running, type t3.micro\nstatus: instance check ok, system check ok",
        "logs": "against 400 lines of the 60 minutes before: 0 kinds of error line are new, 0 more frequent; "
        "of 2 lines compared, 2 are as usual\n2 error lines, 80 lines read since 2026-11-20T02:45:00Z:\n"
        "2026-11-20T02:56:10Z /checkout/app app/1  ERROR cart 17 has expired\n"
        "2026-11-20T02:58:10Z /checkout/app app/1  ERROR cart 18 has expired",
    },
    impact="None that the evidence shows.",
    steps=(
        "Nothing has to be done now; look again if the alarm comes back.",
        "If it fires like this often, let the alarm wait for more points before it fires.",
    ),
    prevention=("Ask for several points in the alarm's evaluation, so that a moment does not wake anybody.",),
    plain_words="A measured value was high for a moment; everything works as usual.",
)
