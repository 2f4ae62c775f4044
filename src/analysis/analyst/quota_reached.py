"""The account has as much of something as AWS lets it have."""

import re

from analysis.analyst.rule import Finding, Rule, cite
from analysis.analyst.written import alone, written
from analysis.lines import ReadCase, Words
from watchkeeper.models import Cause

QUOTA = re.compile(
    r"quota: (?P<name>.{3,160}?): used (?P<used>\d{1,15}(?:\.\d+)?) of (?P<most>\d{1,15}(?:\.\d+)?) \((?P<share>\d{1,6}(?:\.\d{1,4})?) %\)"
)
FAILED = re.compile(r"scaling activity (?P<at>\S+): Failed: .*(?:limit|quota|LimitExceeded)", re.IGNORECASE)
SAYS = Words(
    needles=("limitexceeded", "quota", "limit has been reached"),
    pattern=re.compile(
        r"(?<!Request)LimitExceeded|ServiceQuotaExceeded|quota (?:was |has been |is )?(?:exceeded|reached)|"
        r"exceeded (?:your|the) quota|limit has been reached",
        re.IGNORECASE,
    ),
)
AT_IT, NEAR_IT, FAR = 99.0, 95.0, 80.0


def look(case: ReadCase) -> Finding | None:
    """0.85 for a quota at 95 % that a failed scaling activity or log lines agree with, 0.8 for a scaling activity that failed
    for a limit, 0.75 for a quota at 99 % alone, 0.45 from 95 %: it may be so every day. Log lines alone 0.5 or 0.6,
    and 0.4 where every quota that was read has room."""
    said, failed = written(case, SAYS), case.hits("asg", FAILED)
    quotas = case.hits("quotas", QUOTA)
    fullest = max(quotas, key=lambda hit: (float(hit["share"]), hit["name"]), default=None)
    if fullest and float(fullest["share"]) >= NEAR_IT:
        at_it = 0.75 if float(fullest["share"]) >= AT_IT else 0.45
        sentence = f"The quota {fullest['name']} is used up: {fullest['used']} of {fullest['most']} ({fullest['share']} %)."
        return Finding(0.85 if said or failed else at_it, sentence, cite((fullest,), failed, said))
    if failed:
        return Finding(0.8, "The group cannot grow: AWS refused new instances because of a limit.", cite((failed[-1],), failed, said))
    if not said:
        return None
    room = fullest is not None and float(fullest["share"]) < FAR
    against = ("every quota that was read has room",) if room else ("only log lines say so",)
    return Finding(0.4 if room else alone(said), "A quota of the account is used up, as log lines say.", cite((), said), against)


RULE = Rule(
    cause=Cause.QUOTA_REACHED,
    look=look,
    outranks=frozenset({Cause.THROTTLED, Cause.ERROR_BURST}),
    sample={
        "quotas": "quota: lambda Concurrent executions: used 998 of 1000 (99.8 %)\nquota: ec2 Elastic IPs: used 2 of 5 (40 %)",
    },
    more_samples=(
        {
            "asg": "autoscaling:group checkout: desired 4, min 2, max 8, in service 2, healthy 2\n"
            "scaling activity 2026-11-20T02:57:00Z: Failed: You have requested more vCPU capacity than your current vCPU limit of 32",
        },
        {
            "logs": "3 error lines, 80 lines read since 2026-11-20T02:45:00Z:\n"
            + "\n".join(f"2026-11-20T02:59:1{n}Z /checkout/app app/1  ERROR ServiceQuotaExceededException" for n in range(3)),
        },
    ),
    impact="Nothing more of it can be started, and what needs more waits or fails.",
    steps=(
        "Ask for a higher quota in Service Quotas; say by when it is needed.",
        "Until then give back what is not used.",
    ),
    prevention=("Alarm on the use of quotas at 80 %.",),
    plain_words="The account has reached the most that the provider allows it of one thing.",
)
