"""The signs of tasks that die, which several rules read. Measured ones come from AWS; logged ones anybody may have written."""

import re
from dataclasses import dataclass

from analysis.analyst.series import own
from analysis.analyst.written import written
from analysis.lines import Hit, ReadCase, Words

STOPPED = re.compile(
    r"stopped task .*: (?:Essential container in task exited|Task failed (?:ELB|container) health checks|CannotStart|Task failed to start)"
)
EXITED = re.compile(r"stopped container .*: exit code (?!0\b)-?\d+")
UNSTEADY = re.compile(r"event .*(?:unable to consistently start tasks|deployment failed|tasks failed to start)")
COUNTS = re.compile(r"ecs:service .* desired (?P<desired>\d{1,6}), running (?P<running>\d{1,6})")
TASK_COUNTS = {"RunningTaskCount", "HealthyHostCount"}
LOGGED = Words(
    needles=(
        "exit", "traceback (most", "panic:", "unhandled exception", "back-off restarting", "backoff restarting", "crash",
        "segmentation fault",
    ),
    pattern=re.compile(
        r"exit(?:ed)?(?: with)?(?: status| code)? [1-9]|Traceback \(most recent call last\)|\bpanic:|Unhandled exception|"
        r"back-?off restarting|\bcrash(?:ed|ing|loop\w*)\b|segmentation fault|Essential container in task exited",
        re.IGNORECASE,
    ),
)  # fmt: skip  # the words are read together


@dataclass(frozen=True)
class CrashSigns:
    """Lists of the lines that show each sign. `kinds` counts how many measured signs there are, of three; `began` is none of its own."""

    too_few: list[Hit]
    died: list[Hit]
    unsteady: list[Hit]
    logged: list[Hit]
    began: list[Hit]

    @property
    def kinds(self) -> int:
        return sum(1 for measured in (self.too_few, self.died, self.unsteady) if measured)


def crash_signs(case: ReadCase) -> CrashSigns:
    """What the case shows of tasks that die."""
    return case.once(_crash_signs)


def _crash_signs(case: ReadCase) -> CrashSigns:
    short = any(int(hit["running"]) < int(hit["desired"]) for hit in case.hits("ecs", COUNTS))
    counted = case.hits("ecs", COUNTS) if short else []
    alarm = own(case)
    few_tasks = alarm is not None and alarm.name in TASK_COUNTS and alarm.threshold is not None and not alarm.above
    crossed = [alarm.crossing] if alarm and few_tasks and alarm.crossing else []
    began = [hit for hit in alarm.changes if hit["way"] == "down"][:1] if alarm and crossed else []
    died = case.hits("ecs", STOPPED) + case.hits("ecs", EXITED)
    return CrashSigns(counted + crossed, died, case.hits("ecs", UNSTEADY), written(case, LOGGED), began)
