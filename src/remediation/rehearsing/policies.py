"""Would IAM let the runbook's role make the calls of the plan? Asked of IAM's own simulator, with the tags that the target carries.

It judges the role's policies, its boundary and the organisation's, and not what the target's service thinks of the request.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

from botocore.session import get_session

from remediation.rehearsing.naming import Touched, touched
from remediation.rehearsing.trial import Means, Trial, Way
from watchkeeper.models import Rehearsed
from watchkeeper.storage.aws import in_our_words

# Where the name of a client, or of a call, is not the one of its permission.
SERVICES = {"elbv2": "elasticloadbalancing", "stepfunctions": "states", "efs": "elasticfilesystem"}
CALLS = {"lambda:Invoke": "lambda:InvokeFunction"}
GATE_TAG = "AutoRemediate"
MOST_TAGS, LONGEST_KEY, LONGEST_VALUE = 50, 128, 256
WORDS = {"allowed": "", "explicitDeny": "a policy forbids it", "implicitDeny": "no policy allows it"}


def permissions(calls: tuple[str, ...]) -> tuple[str, ...]:
    """What IAM calls these calls, each once. A call that is not AWS's is none of IAM's."""
    ours = [call for call in calls if call.partition(":")[0] in _services()]
    return tuple(dict.fromkeys(_permission(call) for call in ours))


def _simulate(trial: Trial, means: Means) -> tuple[Rehearsed, ...]:
    """One question for each thing that is touched, in the order of the calls."""
    asked: dict[Touched | None, list[str]] = {}
    for permission in permissions(trial.action.calls):
        asked.setdefault(touched(permission, trial, means), []).append(permission)
    return tuple(one for thing, names in asked.items() for one in _said_of(thing, names, trial, means))


simulated = Way("IAM", _simulate)


def _said_of(thing: Touched | None, names: list[str], trial: Trial, means: Means) -> Iterator[Rehearsed]:
    if thing is None:
        says = f"IAM was not asked: what it touches beside {trial.target.id} is not known."
        yield from (Rehearsed(what=f"IAM: {name}", passed=False, says=says) for name in names)
        return
    role = means.role(trial.action)
    with in_our_words("iam:SimulatePrincipalPolicy", role):
        found = means.clients("iam").simulate_principal_policy(
            PolicySourceArn=role, ActionNames=names, ResourceArns=[thing.arn], ContextEntries=context_of(thing, names, trial)
        )["EvaluationResults"]
    said = {result["EvalActionName"].lower(): result for result in found}
    yield from (_rehearsed(name, thing, said.get(name.lower(), {})) for name in names)


def _rehearsed(name: str, thing: Touched, result: dict[str, Any]) -> Rehearsed:
    """IAM answers for each resource besides answering for all; we asked about one."""
    own: dict[str, Any] = next(iter(result.get("ResourceSpecificResults", [])), {})
    decision = own.get("EvalResourceDecision") or result.get("EvalDecision") or "nothing"
    missing = own.get("MissingContextValues") or result.get("MissingContextValues") or []
    if decision == "allowed":
        proviso = "" if thing.is_target else f", if that carries {GATE_TAG}=true"
        return Rehearsed(what=f"IAM: {name}", passed=True, says=f"The runbook's role may do it on {thing.arn}{proviso}.")
    why = WORDS.get(decision, f"IAM says {decision}") + (f"; IAM was not told {', '.join(sorted(missing))}" if missing else "")
    return Rehearsed(what=f"IAM: {name}", passed=False, says=f"The runbook's role may not do it on {thing.arn}: {why}.")


def context_of(thing: Touched, names: list[str], trial: Trial) -> list[dict[str, Any]]:
    """The target's tags under IAM's own key, and the tag that lets us in under the services' older keys, too. What is not the
    target was not looked at: IAM is asked what it would say if it carried that tag, and the answer says so."""
    seen = trial.seen.tags if thing.is_target else {GATE_TAG: "true"}
    tags = [(key, value) for key, value in sorted(seen.items()) if len(key) <= LONGEST_KEY and len(value) <= LONGEST_VALUE]
    named = {f"aws:ResourceTag/{key}": value for key, value in tags[:MOST_TAGS]}
    for service in sorted({name.partition(":")[0] for name in names}):
        named |= {f"{service}:ResourceTag/{GATE_TAG}": seen[GATE_TAG]} if GATE_TAG in seen else {}
    return [{"ContextKeyName": name, "ContextKeyValues": [value], "ContextKeyType": "string"} for name, value in named.items()]


def _permission(call: str) -> str:
    service, _, api = call.partition(":")
    return CALLS.get(call, f"{SERVICES.get(service, service)}:{api}")


@cache
def _services() -> frozenset[str]:
    return frozenset(get_session().get_available_services())
