"""AWS refuses a call because the role may not make it."""

import re

from analysis.analyst.rule import Finding, Rule, cite
from analysis.analyst.series import own
from analysis.analyst.what_changed import before_it
from analysis.analyst.written import alone, written
from analysis.lines import Hit, ReadCase, Words
from watchkeeper.models import Cause

SAYS = Words(
    needles=("accessdenied", "access denied", "not authorized to perform", "unauthorizedoperation"),
    pattern=re.compile(r"AccessDenied|\bAccess Denied\b|is not authorized to perform|UnauthorizedOperation", re.IGNORECASE),
)
ACTION = re.compile(
    r"not authorized to perform:? (?P<action>[a-z0-9-]{2,40}:[A-Za-z0-9]{3,80})\b"
    r"(?: on (?:the )?resource:? \"?(?P<resource>arn:aws[a-z-]*:[\w:/.+=@*-]{5,250}))?"
)
CHANGED = re.compile(
    r"(?P<at>\S+Z) \S+ (?P<call>(?:Put|Delete|Attach|Detach)(?:Role|User|Group)Policy|DeleteRole|UpdateAssumeRolePolicy|"
    r"(?:Create|Delete)PolicyVersion|SetDefaultPolicyVersion|PutRolePermissionsBoundary|(?:Put|Delete)BucketPolicy|PutKeyPolicy|DisableKey|"
    r"RemovePermission|(?:Put|Delete)ResourcePolicy|AttachPolicy) by "
)
REFUSED = re.compile(r"(?P<at>\S+Z) \S+ (?P<call>\w+) REFUSED \S*(?:AccessDenied|UnauthorizedOperation)")
FAILING = re.compile(r"Errors?$|5XX|5xx|Fault|Failed")


def look(case: ReadCase) -> Finding | None:
    """Log lines alone 0.5 or 0.6; 0.65 where CloudTrail has the refusal, or a change of policy before it; 0.8 for a change of
    policy where the alarm measured failures as well. CloudTrail's own refusals without a log line 0.5."""
    said, changed, refused = written(case, SAYS), before_it(case, case.hits("changes", CHANGED)), case.hits("changes", REFUSED)
    if not said and not refused:
        return None
    alarm = own(case)
    failing = [alarm.crossing] if alarm and alarm.crossing and FAILING.search(alarm.name) else []
    confidence = (0.65 if refused else alone(said)) if said else 0.5
    if said and changed:
        confidence = 0.8 if failing else 0.65
    named = _named(said)
    last = changed[-1] if said and changed else None
    after = f", after {last['call']}" if last else ""
    seen = cite((named, last), said, refused, failing if last else [])
    return Finding(confidence, f"{_what(named)}{after}.", seen, () if changed or refused else ("only log lines say so",))


def _named(said: list[Hit]) -> Hit | None:
    """The newest line that names the action, as a match of that."""
    matches = ((hit, ACTION.search(hit.cited.quote)) for hit in reversed(said))
    return next((Hit(hit.evidence_id, hit.number, hit.text, match) for hit, match in matches if match), None)


def _what(named: Hit | None) -> str:
    if named is None:
        return "A call to AWS is refused because its role may not make it"
    on = f" on {named['resource']}" if named["resource"] else ""
    return f"The role may not do {named['action']}{on}"


RULE = Rule(
    cause=Cause.PERMISSION_DENIED,
    look=look,
    outranks=frozenset({Cause.ERROR_BURST}),
    sample={
        "logs": "3 error lines, 80 lines read since 2026-11-20T02:45:00Z:\n"
        + "\n".join(
            f"2026-11-20T02:59:1{n}Z /checkout/app app/1  ERROR AccessDenied: User: arn:aws:sts::123456789012:assumed-role/checkout/app "
            "is not authorized to perform: s3:PutObject on resource: arn:aws:s3:::receipts/2026 with an explicit deny"
            for n in range(3)
        ),
        "changes": "1 changes since 2026-11-20T02:00:00Z:\n"
        '2026-11-20T02:51:00Z iam.amazonaws.com PutRolePolicy by ana {"policyName": "app", "roleName": "checkout"}',
    },
    more_samples=(
        {
            "logs": "1 error lines, 80 lines read since 2026-11-20T02:45:00Z:\n"
            "2026-11-20T02:59:10Z /checkout/app app/1  ERROR An error occurred (AccessDeniedException) when calling the Query operation",
        },
    ),
    impact="Whatever needs that call fails until the permission is back.",
    steps=(
        "Compare the role's policies with the action that is refused, service control policies and key policies included.",
        "If a policy was changed just before, put it back; grant no more than the action that is named.",
    ),
    prevention=("Change policies by code with a review, and try them with the policy simulator.",),
    plain_words="A part of the service is not allowed to do what it has to do.",
)
