"""Tasks start, die and start again."""

from analysis.analyst.crash_signs import crash_signs
from analysis.analyst.rule import Finding, Rule, few
from analysis.lines import ReadCase
from watchkeeper.models import Cause

ENOUGH_LINES = 3


def look(case: ReadCase) -> Finding | None:
    """0.85 for two measured signs, 0.8 for one with crashes in the logs; below what orders ask for with one alone or logs alone."""
    signs = crash_signs(case)
    if not signs.kinds and len(signs.logged) < ENOUGH_LINES:
        return None
    if signs.kinds >= 2:
        confidence = 0.85
    elif signs.kinds and signs.logged:
        confidence = 0.8
    else:
        confidence = 0.55 if signs.kinds else 0.6
    what = "Its tasks keep exiting" if signs.died or signs.logged else "Fewer tasks run than are wanted"
    seen = few(signs.died, signs.too_few, signs.unsteady, signs.logged, signs.began)
    alone = () if signs.kinds else ("only the application's own log lines say so",)
    return Finding(confidence, f"The service is in a crash loop. {what}, and it runs below its desired count.", seen, alone)


RULE = Rule(
    cause=Cause.CRASH_LOOP,
    look=look,
    sample={
        "ecs": "ecs:service shop/storefront: status ACTIVE, desired 2, running 0, pending 0\n"
        "stopped task 4f2a at 2026-11-20T02:58:00Z: Essential container in task exited\n"
        "stopped container web of 4f2a: exit code 1",
        "logs": "2 error lines, 40 lines read since 2026-11-20T02:45:00Z:\n"
        "2026-11-20T02:57:59Z /ecs/storefront web/1  Traceback (most recent call last):\n"
        "2026-11-20T02:58:00Z /ecs/storefront web/1  worker exited with code 1",
    },
    impact="The service answers only part of its requests, or none, until its tasks stay up.",
    steps=(
        "Read the last lines of a stopped task: they name what it died of.",
        "If nothing was deployed, replace the tasks with fresh ones.",
        "If they die again at once, look at what they need at start: configuration, secrets, the database.",
    ),
    prevention=("Turn on the deployment circuit breaker and a health check that fails before traffic arrives.",),
    plain_words="The programs behind this service keep stopping right after they start.",
)
