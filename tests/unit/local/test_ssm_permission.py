"""Where IAM is enforced, the simulator lets a function do what its role may, and nothing else."""

import hashlib
from types import SimpleNamespace
from typing import Any

import pytest

from local.aws import ACCOUNT
from local.ssm.faults import AccessDeniedException
from local.ssm.permission import Permissions
from tests.unit.local.pretended import PretendedAccount

FUNCTION, ROLE = "arn:aws:lambda:us-east-1:123456789012:function:wk", "arn:aws:iam::123456789012:role/wk"
KEY = "ASIA" + hashlib.sha256(f"{FUNCTION}:{ROLE}".encode()).hexdigest()[:16].upper()
START: dict[str, Any] = {"DocumentName": "wk-do", "Parameters": {"AutomationAssumeRole": ["arn:aws:iam::123456789012:role/lent"]}}
ALL = {"ssm:StartAutomationExecution", "iam:PassRole"}


def _permissions(allowed: set[str]) -> Permissions:
    def judged(ActionNames: list[str], **_: Any) -> dict[str, Any]:  # noqa: N803 - boto3's own name
        return {"EvaluationResults": [{"EvalDecision": "allowed" if name in allowed else "implicitDeny"} for name in ActionNames]}

    pages = SimpleNamespace(paginate=lambda: [{"Functions": [{"FunctionArn": FUNCTION, "Role": ROLE}]}])
    return Permissions(PretendedAccount({"lambda.get_paginator": lambda _: pages, "iam.simulate_principal_policy": judged}))


def _signed_by(key: str) -> str:
    return f"AWS4-HMAC-SHA256 Credential={key}/20261120/us-east-1/ssm/aws4_request, SignedHeaders=host, Signature=x"


@pytest.mark.parametrize(
    ("key", "allowed", "operation"),
    [
        pytest.param(KEY, ALL, "StartAutomationExecution", id="a function whose role may start it and lend its role"),
        pytest.param(KEY, {"ssm:DescribeDocument"}, "DescribeDocument", id="a function whose role may look at a document"),
        pytest.param(ACCOUNT, set(), "StartAutomationExecution", id="the account itself"),
        pytest.param(KEY, set(), "CreateDocument", id="an operation that only the deployer uses"),
    ],
)
def test_allowed(key: str, allowed: set[str], operation: str) -> None:
    _permissions(allowed).check(_signed_by(key), operation, START)


@pytest.mark.parametrize(
    ("key", "allowed", "says"),
    [
        pytest.param(KEY, {"iam:PassRole"}, "ssm:StartAutomationExecution on resource: .*:document/wk-do", id="may not start"),
        pytest.param(KEY, {"ssm:StartAutomationExecution"}, "iam:PassRole on resource: .*role/lent", id="may not lend the role"),
        pytest.param("ASIAOTHER", ALL, "an unknown caller", id="nobody's key"),
        pytest.param("", ALL, "an unknown caller", id="not signed"),
    ],
)
def test_denied(key: str, allowed: set[str], says: str) -> None:
    with pytest.raises(AccessDeniedException, match=says):
        _permissions(allowed).check(_signed_by(key) if key else "", "StartAutomationExecution", START)
