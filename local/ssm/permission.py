"""May this caller do that? Asked of the emulator's IAM, where it is enforced; the simulator is no part of it otherwise.

Who calls is told by the access key. The emulator makes a function's key from its ARN and its role's, so ours are known.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any

from local.aws import ACCOUNT, REGION, Caller
from local.ssm.faults import AccessDeniedException

Asked = Mapping[str, Any]
Needed = list[tuple[str, str]]
_KEY = re.compile(r"Credential=([^/]+)/")
_SSM = f"arn:aws:ssm:{REGION}:{ACCOUNT}"


def _to_start(asked: Asked) -> Needed:
    """Besides the start itself, every role that the runbook is lent."""
    name, version = str(asked.get("DocumentName", "")), str(asked.get("DocumentVersion") or "$DEFAULT")
    lent = (asked.get("Parameters") or {}).get("AutomationAssumeRole", [])
    start = "ssm:StartAutomationExecution"
    return [
        (start, f"{_SSM}:document/{name}"),
        (start, f"{_SSM}:automation-definition/{name}:{version}"),
        *(("iam:PassRole", role) for role in lent),
    ]


def _on_execution(action: str) -> Callable[[Asked], Needed]:
    return lambda asked: [(action, f"{_SSM}:automation-execution/{asked.get('AutomationExecutionId', '')}")]


NEEDED: dict[str, Callable[[Asked], Needed]] = {
    "StartAutomationExecution": _to_start,
    "GetAutomationExecution": _on_execution("ssm:GetAutomationExecution"),
    "StopAutomationExecution": _on_execution("ssm:StopAutomationExecution"),
    "DescribeDocument": lambda asked: [("ssm:DescribeDocument", f"{_SSM}:document/{asked.get('Name', '')}")],
    "DescribeAutomationExecutions": lambda _: [("ssm:DescribeAutomationExecutions", "*")],
}


class Permissions:
    """The functions of the account, their roles, and what the roles may do."""

    def __init__(self, account: Caller) -> None:
        self._account, self._roles = account, dict[str, str]()

    def check(self, authorization: str, operation: str, asked: Asked) -> None:
        """AccessDeniedException names the role, the action and the resource, as AWS does. The account's root may do anything."""
        found = _KEY.search(authorization)
        key = found[1] if found else ""
        if key == ACCOUNT or operation not in NEEDED:
            return
        role = self._role_of(key)
        for action, resource in NEEDED[operation](asked):
            if not role or not self._allowed(role, action, resource):
                raise AccessDeniedException(f"{role or 'an unknown caller'} is not authorized to perform: {action} on resource: {resource}")

    def _role_of(self, key: str) -> str:
        """The ARN of the role behind this key; empty for a key of nobody's."""
        if key not in self._roles:
            pages = self._account.client("lambda").get_paginator("list_functions").paginate()
            functions = [function for page in pages for function in page["Functions"]]
            self._roles = {_key_of(function["FunctionArn"], function["Role"]): function["Role"] for function in functions}
        return self._roles.get(key, "")

    def _allowed(self, role: str, action: str, resource: str) -> bool:
        asked = {"PolicySourceArn": role, "ActionNames": [action], "ResourceArns": [resource]}
        results = self._account.client("iam").simulate_principal_policy(**asked)["EvaluationResults"]
        return bool(results) and all(result["EvalDecision"] == "allowed" for result in results)


def _key_of(function: str, role: str) -> str:
    """As the emulator makes it."""
    return f"ASIA{hashlib.sha256(f'{function}:{role}'.encode()).hexdigest()[:16].upper()}"
