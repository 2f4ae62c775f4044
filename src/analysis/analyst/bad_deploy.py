"""Something was deployed just before it broke. A redeployment of the same version would change nothing."""

import re

from analysis.analyst.crash_signs import crash_signs
from analysis.analyst.error_burst import error_lines
from analysis.analyst.rule import Finding, Rule, cite
from analysis.analyst.series import Series, back, own
from analysis.analyst.suspects_named import other_suspect
from analysis.analyst.what_changed import Changed, what_changed
from analysis.lines import Hit, ReadCase
from watchkeeper.models import Cause

BLAMED = re.compile(r"stack frame \S+:\d+ in \S+ is in a line that [0-9a-f]{7,40} changed")
UNHEALTHY = re.compile(r"target \S+: unhealthy")
FAILING = re.compile(r"Errors?$|5XX|5xx|Fault|Latency|ResponseTime|Duration")
MANY_LINES = 5


def look(case: ReadCase) -> Finding | None:
    """0.8 beside a measured crash, unhealthy targets or errors that the alarm measured, 0.05 more where the stack trace lies in
    a line that was just changed; 0.6 beside many error lines; 0.45 where the service map suspects another service.
    A change with no such sign is no cause."""
    changed, signs, errors = what_changed(case), crash_signs(case), error_lines(case)
    measured = [*signs.died, *signs.too_few, *signs.unsteady, *case.hits("targets", UNHEALTHY), *_failing(own(case), case)]
    blamed = case.hits("blame", BLAMED)
    if not changed.deployment or not (measured or errors.count >= MANY_LINES):
        return None
    elsewhere = other_suspect(case)
    confidence = _confidence(measured, blamed, elsewhere)
    against = (f"the service map suspects {elsewhere['name']} instead",) if elsewhere else ()
    seen = cite((*changed.facts, elsewhere), signs.died, signs.unsteady, measured, blamed, errors.shown)
    return Finding(confidence, _sentence(changed), seen, ("a deployment shortly before the alarm", *against))


def _confidence(measured: list[Hit], blamed: list[Hit], elsewhere: Hit | None) -> float:
    if elsewhere:
        return 0.45
    if not measured:
        return 0.6
    return 0.85 if blamed else 0.8


def _failing(alarm: Series | None, case: ReadCase) -> list[Hit]:
    """The first crossing of the alarm's metric, if that counts failures or the time that answers take, and did not just pass by."""
    if alarm is None or alarm.crossing is None or not FAILING.search(alarm.name) or back(alarm, case):
        return []
    return [alarm.crossing]


def _sentence(changed: Changed) -> str:
    if changed.merged or (changed.deployment and changed.deployment.says != "a deployment"):
        return f"It broke {changed.clause}, which is the likely cause."
    return "It broke within half an hour of a deployment, which is the likely cause."


RULE = Rule(
    cause=Cause.BAD_DEPLOY,
    look=look,
    outranks=frozenset({Cause.CRASH_LOOP, Cause.ERROR_BURST}),
    sample={
        "ecs": "ecs:service shop/storefront: status ACTIVE, desired 2, running 0, pending 0\n"
        "stopped task 4f2a at 2026-11-20T02:58:00Z: Essential container in task exited",
        "changes": "1 changes since 2026-11-20T02:00:00Z:\n"
        '2026-11-20T02:51:00Z ecs.amazonaws.com UpdateService by deployer {"service": "storefront", "taskDefinition": "storefront:43"}',
    },
    more_samples=(
        {
            "metric": "metric: AWS/ApplicationELB HTTPCode_Target_5XX_Count (LoadBalancer=app/shop/1), Sum over 60 s; "
            "alarm line: GreaterThanThreshold 10\n"
            "30 points from 2026-11-20T02:31:00Z to 2026-11-20T03:00:00Z: min 0 at 2026-11-20T02:31:00Z, "
            "max 240 at 2026-11-20T02:59:00Z, latest 230\nfirst crossing at 2026-11-20T02:58:00Z with 190, 3 points in all",
            "deployments": "deployment 2026-11-20T02:54:00Z: lambda checkout version 8 (was 7)",
            "github": "pull request #482 merged 2026-11-20T02:52:00Z by ana: Read prices in one call (commit 4be1a09c77d2)",
            "onset": "first bad minute: 2026-11-20T02:58:00Z, by the alarm's metric\n"
            "change 4 min before: deployment 2026-11-20T02:54:00Z: lambda checkout version 8 (was 7)\n"
            "change 6 min before: pull request #482 merged 2026-11-20T02:52:00Z by ana",
        },
    ),
    impact="Everything that the new version serves.",
    steps=(
        "Compare the version that was deployed with the one before.",
        "Roll back to the one before; replacing tasks of the same version would not help.",
        "Confirm by the alarm, then look for the fault at leisure.",
    ),
    prevention=("Deploy with a circuit breaker and alarms that roll back by themselves.",),
    plain_words="It stopped working right after a new version was put in place.",
)
