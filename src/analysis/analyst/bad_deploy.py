"""Something was deployed just before it broke. A redeployment of the same version would change nothing."""

import re
from datetime import datetime, timedelta

from analysis.analyst.crash_signs import crash_signs
from analysis.analyst.error_burst import error_lines
from analysis.analyst.rule import Finding, Rule, few
from analysis.case import Case
from watchkeeper.models import Cause, Citation

DEPLOYED = re.compile(
    r"^(?P<at>\S+Z) \S+ (?:UpdateService by .*\"taskDefinition\"|CreateDeployment by|UpdateFunctionCode\w* by|ExecuteChangeSet by|"
    r"UpdateStack by|CreateTaskSet by|StartDeployment by)"
)
JUST_BEFORE = timedelta(minutes=30)
MANY_LINES = 5


def look(case: Case) -> Finding | None:
    """0.8 beside a measured crash, 0.6 beside many error lines; a change with no such sign is no cause."""
    deployed = [line for line in case.lines("changes", DEPLOYED) if _just_before(line, case.incident.fired_at)]
    signs, errors = crash_signs(case), error_lines(case)
    if not deployed or not (signs.kinds or len(errors) >= MANY_LINES):
        return None
    seen = few(deployed, signs.died, signs.unsteady, errors)
    sentence = "It broke within half an hour of a deployment, which is the likely cause."
    return Finding(0.8 if signs.kinds else 0.6, sentence, seen, ("a deployment shortly before the alarm",))


def _just_before(line: Citation, fired_at: datetime) -> bool:
    match = DEPLOYED.search(line.quote)
    at = datetime.fromisoformat(match["at"]) if match else fired_at + JUST_BEFORE
    return fired_at - JUST_BEFORE <= at <= fired_at


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
    impact="Everything that the new version serves.",
    steps=(
        "Compare the version that was deployed with the one before.",
        "Roll back to the one before; replacing tasks of the same version would not help.",
        "Confirm by the alarm, then look for the fault at leisure.",
    ),
    prevention=("Deploy with a circuit breaker and alarms that roll back by themselves.",),
    plain_words="It stopped working right after a new version was put in place.",
)
