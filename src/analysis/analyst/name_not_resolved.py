"""A name is not found in DNS. A handshake that fails after it was found belongs to the certificates."""

import re

from analysis.analyst.rule import Finding, Rule, cite
from analysis.analyst.series import own
from analysis.analyst.what_changed import before_it
from analysis.analyst.written import alone, written
from analysis.lines import Hit, ReadCase, Words
from watchkeeper.models import Cause

SAYS = Words(
    needles=(
        "enotfound", "eai_again", "nxdomain", "getaddrinfo", "name or service not known", "name resolution", "no such host",
        "could not resolve host", "unknownhostexception",
    ),
    pattern=re.compile(
        r"(?:\bENOTFOUND|\bEAI_AGAIN|NXDOMAIN|getaddrinfo (?:failed|error)|Name or service not known|"
        r"Temporary failure in name resolution|no such host|Could not resolve host|UnknownHostException)",
        re.IGNORECASE,
    ),
)  # fmt: skip  # the words are read together
NAMED = re.compile(
    r"(?:ENOTFOUND|EAI_AGAIN|Could not resolve host:|UnknownHostException:|\blookup) (?P<name>[a-z0-9][a-z0-9.-]{0,200}[a-z0-9])\b",
    re.IGNORECASE,
)
INSIDE = (".internal", ".local", ".amazonaws.com")
CHANGED = re.compile(
    r"(?P<at>\S+Z) \S+ (?P<call>ChangeResourceRecordSets|DeleteHostedZone|DisassociateVPCFromHostedZone|"
    r"ModifyVpcAttribute|AssociateDhcpOptions) by "
)
FAILING = re.compile(r"Errors?$|5XX|5xx|Fault")


def look(case: ReadCase) -> Finding | None:
    """Log lines alone 0.5 or 0.6; 0.65 beside a change to DNS; 0.75 beside one where the alarm measured failures as well.
    Only names of our own networks and of AWS are repeated: any other name may be one that somebody wants repeated."""
    said = written(case, SAYS)
    if not said:
        return None
    changed, alarm = before_it(case, case.hits("changes", CHANGED)), own(case)
    failing = [alarm.crossing] if alarm and alarm.crossing and FAILING.search(alarm.name) else []
    confidence = alone(said)
    if changed:
        confidence = 0.75 if failing else 0.65
    named = _named(said)
    name = f"The name {named[1]}" if named else "A name that the service needs"
    after = f", after {changed[-1]['call']}" if changed else ""
    seen = cite((named[0] if named else None, changed[-1] if changed else None), said, failing if changed else [])
    return Finding(confidence, f"{name} cannot be resolved{after}.", seen, () if changed else ("only log lines say so",))


def _named(said: list[Hit]) -> tuple[Hit, str] | None:
    """The newest line that names what was looked up, if that is a name that may be repeated."""
    for hit in reversed(said):
        match = NAMED.search(hit.cited.quote)
        if match and match["name"].lower().endswith(INSIDE):
            return hit, match["name"]
    return None


RULE = Rule(
    cause=Cause.NAME_NOT_RESOLVED,
    look=look,
    outranks=frozenset({Cause.ERROR_BURST, Cause.DEPENDENCY_DOWN}),
    sample={
        "logs": "3 error lines, 80 lines read since 2026-11-20T02:45:00Z:\n"
        + "\n".join(f"2026-11-20T02:59:1{n}Z /checkout/app app/1  Error: getaddrinfo ENOTFOUND orders.shop.internal" for n in range(3)),
    },
    more_samples=(
        {
            "logs": "1 error lines, 80 lines read since 2026-11-20T02:45:00Z:\n"
            "2026-11-20T02:59:10Z /checkout/app app/1  ERROR dial tcp: lookup orders.shop.internal on 10.0.0.2:53: no such host",
            "changes": "1 changes since 2026-11-20T02:00:00Z:\n"
            '2026-11-20T02:51:00Z route53.amazonaws.com ChangeResourceRecordSets by ana {"hostedZoneId": "Z1"}',
        },
    ),
    impact="Every call to that name fails before it leaves the host.",
    steps=(
        "Look the name up from inside the VPC, and compare with the hosted zone.",
        "If the zone was changed of late, put the record back.",
        "If several names fail, look at the VPC's DNS settings and resolver rules.",
    ),
    prevention=("Keep DNS records in code, with a review.",),
    plain_words="A system cannot be found under its name, so calls to it fail.",
)
