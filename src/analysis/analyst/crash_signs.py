"""The signs of tasks that die, which several rules read. Measured ones come from AWS; logged ones anybody may have written."""

import re
from dataclasses import dataclass

from analysis.case import Case
from watchkeeper.models import Citation

STOPPED = re.compile(
    r"^stopped task .*: (?:Essential container in task exited|Task failed (?:ELB|container) health checks|CannotStart|Task failed to start)"
)
EXITED = re.compile(r"^stopped container .*: exit code (?!0\b)-?\d+")
UNSTEADY = re.compile(r"^event .*(?:unable to consistently start tasks|deployment failed|tasks failed to start)")
CHANGED_DOWN = re.compile(r"^change at \S+: down ")
COUNTED = re.compile(r"^(?:new|more|kind): \d")
COUNTS = re.compile(r"^ecs:service .* desired (\d+), running (\d+)")
FEW_TASKS = re.compile(r"^metric: .*(?:RunningTaskCount|HealthyHostCount).*alarm line: LessThan")
CROSSING = re.compile(r"^first crossing at ")
LOGGED = re.compile(
    r"exit(?:ed)?(?: with)?(?: status| code)? [1-9]|Traceback \(most recent call last\)|\bpanic:|Unhandled exception|back-?off restarting|"
    r"\bcrash(?:ed|ing|loop\w*)\b|segmentation fault|Essential container in task exited",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class CrashSigns:
    """Lists of the lines that show each sign. `kinds` counts how many measured signs there are, of three; `began` is none of its own."""

    too_few: list[Citation]
    died: list[Citation]
    unsteady: list[Citation]
    logged: list[Citation]
    began: list[Citation]

    @property
    def kinds(self) -> int:
        return sum(1 for measured in (self.too_few, self.died, self.unsteady) if measured)


def crash_signs(case: Case) -> CrashSigns:
    """What the case shows of tasks that die."""
    short = any(int(match[2]) < int(match[1]) for match in case.matches("ecs", COUNTS))
    counted = case.lines("ecs", COUNTS) if short else []
    crossed = case.lines("metric", CROSSING) if case.matches("metric", FEW_TASKS) else []
    began = case.lines("metric", CHANGED_DOWN)[:1] if crossed else []
    died = case.lines("ecs", STOPPED) + case.lines("ecs", EXITED)
    return CrashSigns(counted + crossed, died, case.lines("ecs", UNSTEADY), written(case, LOGGED), began)


def written(case: Case, pattern: "re.Pattern[str]") -> list[Citation]:
    """The lines of the logs and the alert that match. Our own count of a kind of line is not one more such line."""
    return [line for line in case.lines("logs", pattern) if not COUNTED.match(line.quote)] + case.lines("alert", pattern)
