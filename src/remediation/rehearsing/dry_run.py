"""EC2's own dry run, made as the runbook's role by a runbook that can make nothing but dry runs.

EC2 asks for the same permission whether a call is dry or not, and no condition of IAM tells them apart: so remediation, which may
not reboot anything, cannot ask EC2 itself. It may start this runbook, and lend it the roles that it may lend anyway.
"""

import re
from typing import Any

from remediation.rehearsing.trial import Means, Trial, Way
from watchkeeper.models import Rehearsed
from watchkeeper.storage.aws import in_our_words

DOCUMENT = "rehearse-ec2"
TRIED = ("RebootInstances", "StopInstances", "StartInstances", "ModifyVolume")
HANDED_ON = ("InstanceId", "VolumeId", "SizeGib")
PATIENCE_SECONDS, A_LOOK_SECONDS = 12.0, 1.0
ENDED = {"Success", "Failed", "TimedOut", "Cancelled"}
CODE = re.compile(r"[A-Za-z.]{1,80}")
WOULD_BE_DONE = "DryRunOperation"


def _try(trial: Trial, means: Means) -> tuple[Rehearsed, ...]:
    calls = tuple(name for name in dict.fromkeys(call.partition(":")[2] for call in trial.action.calls) if name in TRIED)
    if not calls:
        return ()
    found = _ended(_started(trial, calls, means), means)
    if found is None:
        return tuple(_not_passed(call, f"EC2 did not say within {PATIENCE_SECONDS:.0f} s.") for call in calls)
    said = {call: code for call, _, code in (one.partition(" ") for one in _said(found).split(", ")) if CODE.fullmatch(code)}
    why = f"the rehearsal ended as {found['AutomationExecutionStatus']}"
    return tuple(_rehearsed(call, said.get(call, ""), why) for call in calls)


tried = Way("EC2 dry run", _try)


def _started(trial: Trial, calls: tuple[str, ...], means: Means) -> str:
    """It takes no client token: to try twice what is not done changes nothing."""
    document, role = f"{means.document_prefix}-{DOCUMENT}", means.role(trial.action)
    handed_on = {name: list(trial.parameters[name]) for name in HANDED_ON if name in trial.parameters}
    with in_our_words("ssm:StartAutomationExecution", f"{document} with iam:PassRole of {role}"):
        started: str = means.clients("ssm").start_automation_execution(
            DocumentName=document,
            Parameters={**handed_on, "Calls": list(calls), "AutomationAssumeRole": [role]},
            Tags=[{"Key": "watchkeeper-rehearsal", "Value": trial.action.name}],
        )["AutomationExecutionId"]
    return started


def _ended(automation_id: str, means: Means) -> dict[str, Any] | None:
    """The execution when it has ended; none where it takes longer than anybody waits."""
    ssm, until = means.clients("ssm"), means.ticks() + PATIENCE_SECONDS
    while means.ticks() < until:
        means.pause(A_LOOK_SECONDS)
        with in_our_words("ssm:GetAutomationExecution", automation_id):
            found: dict[str, Any] = ssm.get_automation_execution(AutomationExecutionId=automation_id)["AutomationExecution"]
        if found["AutomationExecutionStatus"] in ENDED:
            return found
    return None


def _said(found: dict[str, Any]) -> str:
    outputs = {name.rpartition(".")[2]: values for name, values in found.get("Outputs", {}).items()}
    return next(iter(outputs.get("Said", [])), "")


def _rehearsed(call: str, code: str, why: str) -> Rehearsed:
    if code == WOULD_BE_DONE:
        return Rehearsed(what=f"EC2 dry run: {call}", passed=True, says="EC2 would have done it.")
    return _not_passed(call, f"EC2 says {code}." if code else f"EC2 said nothing of it: {why}.")


def _not_passed(call: str, says: str) -> Rehearsed:
    return Rehearsed(what=f"EC2 dry run: {call}", passed=False, says=says)
