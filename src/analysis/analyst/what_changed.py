"""What was changed just before it broke, in words that evidence holds. What came after the first bad minute is no cause of it.

Three collectors tell of a change, each with its time: CloudTrail, the deployments, and the merged pull requests; the join
`onset` says by how many minutes each came before the first bad minute. A minute is as fine as it is known.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from analysis.analyst.series import own
from analysis.lines import Hit, ReadCase

JUST_BEFORE = timedelta(minutes=30)
WITHIN_THE_MINUTE = timedelta(minutes=1)
SAME_LINE = 30
FIRST_BAD = re.compile(r"first bad minute: (?P<at>\S+Z)")
BEFORE_IT = re.compile(r"change (?P<minutes>\d{1,4}) min before: (?P<what>.*)")
TRAIL = re.compile(
    r"(?P<at>\S+Z) \S+ (?:UpdateService by .*\"taskDefinition\"|CreateDeployment by|UpdateFunctionCode\w* by|ExecuteChangeSet by|"
    r"UpdateStack by|CreateTaskSet by|StartDeployment by)"
)
DEPLOYMENT = re.compile(
    r"deployment (?P<at>\S+Z): (?:codedeploy (?P<codedeploy>\S+) of|cloudformation (?P<stack>\S+) [A-Z_]+|"
    r"lambda (?P<function>\S+) version (?P<version>\S+)|ecs \S+ task definition (?P<task>[^\s,]+))"
)
PARAMETER = re.compile(r"parameter changed (?P<at>\S+Z): (?P<name>\S+) version")
MERGED = re.compile(r"pull request (?P<number>#\d{1,9}) merged (?P<at>\S+Z) by ")


@dataclass(frozen=True)
class Change:
    """`says` is a clause, `version 8 of the function orders was deployed`, of what `hit` holds; `soon` is the onset's line about it."""

    at: datetime
    says: str
    hit: Hit
    soon: Hit | None = None

    @property
    def facts(self) -> tuple[Hit, ...]:
        return (self.hit, self.soon) if self.soon else (self.hit,)


@dataclass(frozen=True)
class Changed:
    """The newest deployment before the first bad minute and the pull request that was merged before it, if there are such."""

    deployment: Change | None
    merged: Change | None
    bad: Hit | None

    @property
    def clause(self) -> str:
        """`6 minutes after pull request #482 was merged and deployed`; empty where nothing was changed."""
        last = self.deployment or self.merged
        if last is None:
            return ""
        deployed = " and deployed" if self.merged and self.deployment else ""
        says = f"{self.merged.says}{deployed}" if self.merged else last.says
        soon = last.soon or (self.merged.soon if self.merged else None)
        return f"{_minutes(soon['minutes'])} after {says}" if soon else f"shortly after {says}"

    @property
    def facts(self) -> tuple[Hit, ...]:
        changes = [change for change in (self.deployment, self.merged) if change]
        return (*(hit for change in changes for hit in change.facts), *([self.bad] if self.bad and changes else []))


def what_changed(case: ReadCase) -> Changed:
    """What may have caused it by its time alone."""
    return case.once(_what_changed)


def before_it(case: ReadCase, hits: Sequence[Hit]) -> list[Hit]:
    """Those of the lines with a time, `at`, that came before the first bad minute or within it."""
    start = _start(case)
    return [hit for hit in hits if (at := moment(hit["at"])) and at - start < WITHIN_THE_MINUTE]


def _start(case: ReadCase) -> datetime:
    bad = next(iter(case.hits("onset", FIRST_BAD)), None)
    return (moment(bad["at"]) if bad else None) or _crossed(case) or case.incident.fired_at


def _what_changed(case: ReadCase) -> Changed:
    bad, start = next(iter(case.hits("onset", FIRST_BAD)), None), _start(case)
    deployments = _before(start, _told(case, "deployments", DEPLOYMENT) + _told(case, "changes", TRAIL))
    merged = _before(start, _told(case, "github", MERGED))
    deployment = max(deployments, key=_newest, default=None)
    parameter = max(_before(start, _told(case, "deployments", PARAMETER)), key=_newest, default=None)
    of_it = [one for one in merged if deployment is None or one.at <= deployment.at]
    last = max(of_it, key=_newest, default=None) if deployment or not parameter else None
    return Changed(deployment or parameter, last, bad)


def moment(text: str) -> datetime | None:
    """The time, or none where it only looks like one."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None


def _newest(change: Change) -> tuple[datetime, bool, str]:
    """Of changes at one time, the one that says more, then by name."""
    return change.at, change.says != "a deployment", change.says


def _before(start: datetime, changes: list[Change]) -> list[Change]:
    """Not long before; within the first bad minute counts as before, because the minute is all that is known of it."""
    return [one for one in changes if -WITHIN_THE_MINUTE < start - one.at <= JUST_BEFORE]


def _told(case: ReadCase, collector: str, pattern: "re.Pattern[str]") -> list[Change]:
    soon = case.hits("onset", BEFORE_IT)
    found = []
    for hit in case.hits(collector, pattern):
        at = moment(hit["at"])
        if at:
            about = next((one for one in soon if one["what"][:SAME_LINE] == hit.text[:SAME_LINE]), None)
            found.append(Change(at, _says(hit), hit, about))
    return found


def _says(hit: Hit) -> str:
    named = hit.match.groupdict()
    if named.get("number"):
        return f"pull request {hit['number']} was merged"
    if named.get("name"):
        return f"the parameter {hit['name']} was changed"
    if named.get("codedeploy"):
        return f"deployment {hit['codedeploy']}"
    if named.get("stack"):
        return f"the stack {hit['stack']} was updated"
    if named.get("function"):
        return f"version {hit['version']} of the function {hit['function']} was deployed"
    return f"{hit['task']} was deployed" if named.get("task") else "a deployment"


def _crossed(case: ReadCase) -> datetime | None:
    alarm = own(case)
    return moment(alarm.crossing["at"]) if alarm and alarm.crossing else None


def _minutes(number: str) -> str:
    """Less than one is said in words: it is below what the evidence counts."""
    if not int(number):
        return "less than a minute"
    return f"{number} minute" if number == "1" else f"{number} minutes"
