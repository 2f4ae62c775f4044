"""A person asks for an action, and the standing orders or the catalogue know it. That is the reason to do it; why they ask is theirs."""

import re

from analysis.analyst.rule import Finding, Rule, cite
from analysis.lines import Hit, ReadCase
from watchkeeper.models import Cause

MEANS = re.compile(r"means (?P<action>[a-z][a-z0-9-]{0,63}), (?:which has that name|by the order)")
STATES = ("asg", "ec2", "ecs", "rds", "lambda", "sqs", "dynamodb", "targets")
OF = re.compile(r"(?P<type>[a-z0-9]+:[A-Za-z-]+) (?P<name>\S+): ")


def look(case: ReadCase) -> Finding | None:
    """0.9 where the state of what the request is about was measured, 0.6 where it could not be; nothing where nobody here knows
    what is meant. How sure we are is that somebody asks for just this, not that it will help."""
    meant = case.hits("request", MEANS)
    if not meant:
        return None
    names = tuple(dict.fromkeys(hit["action"] for hit in meant))
    seen = _states(case)
    sentence = f"A person asks for it through PagerDuty: {', '.join(names)}."
    return Finding(0.9 if seen else 0.6, sentence, cite(meant, seen), proposes=names)


def _states(case: ReadCase) -> list[Hit]:
    """What was measured of the resources that the request itself names."""
    asked = {resource.id.rsplit("/", 1)[-1] for resource in case.incident.resources if resource.trusted}
    return [hit for name in STATES for hit in case.hits(name, OF) if hit["name"].rsplit("/", 1)[-1] in asked]


RULE = Rule(
    cause=Cause.REQUESTED,
    look=look,
    sample={
        "alert": "source: pagerduty-action\ntitle: PagerDuty asks for ec2-restart: Checkout is slow",
        "request": "asked for through PagerDuty: ec2-restart\nmeans ec2-restart, which has that name",
        "ec2": "ec2:instance i-0123456789abcdef0: state running, type t3.micro",
    },
    more_samples=(
        {
            "alert": "source: pagerduty-action\ntitle: PagerDuty asks for turn-it-off-and-on: Checkout is slow",
            "request": "asked for through PagerDuty: turn-it-off-and-on\nmeans ec2-restart, by the order “restart when somebody asks”",
            "ec2": "ec2:instance i-0123456789abcdef0: state running, type t3.micro\nstatus: instance check ok, system check ok",
        },
    ),
    impact="What whoever asks for it sees; it was not looked for.",
    steps=(
        "Ask whoever has requested it what they see, if that is not clear from the incident in PagerDuty.",
        "Look whether it has helped: the alarm that the request names, or the incident in PagerDuty.",
    ),
    prevention=("What is asked for again and again is worth an alarm of its own, and an order for it.",),
    plain_words="Somebody on call has asked for this to be done.",
)
