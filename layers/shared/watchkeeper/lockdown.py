"""The kill switch where no code of ours can be wrong: a policy that denies, on every role that acts.

IAM weighs a Deny above everything and asks anew at every call, so that a function that no longer does what we wrote can start
nothing, and a runbook that runs already is refused its next call. Only a person takes the policy off again: no role of the stack
may detach it.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from botocore.exceptions import ClientError

from watchkeeper.errors import Permanent, WatchkeeperError
from watchkeeper.storage.aws import code_of, in_our_words

GONE = "NoSuchEntity"
NO_READING = {"secretsmanager:GetSecretValue", "ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"}
"""By their verb they read; what they give may be what a runbook acts with outside of AWS."""
_READS = re.compile(r"[a-z0-9-]+:(BatchGet|Describe|Get|List|Lookup|Query|Scan|Search|Select|Simulate|View)[A-Za-z]*|logs:FilterLogEvents")


def only_reads(action: str) -> bool:
    """Can this call, as IAM writes it, change nothing and give nobody a means to? Unknown verbs change something."""
    return bool(_READS.fullmatch(action)) and action not in NO_READING


def role_name(arn: str) -> str:
    """The name in a role's ARN, without its path."""
    return arn.rpartition("/")[2]


class Lockdown:
    """The stop policy of one stack and the roles that it goes onto, by name: what starts things first, then each runbook's."""

    def __init__(self, iam: Any, policy_arn: str, roles: Sequence[str]) -> None:
        self._iam, self.policy_arn, self.roles = iam, policy_arn, tuple(roles)

    def down(self) -> list[str]:
        """Put it onto every role; a role that has it keeps it. What failed, a sentence for each role, and the others are done."""
        return self._on_each("iam:AttachRolePolicy", self._attach)

    def up(self) -> list[str]:
        """Take it off every role; the same answer. A role that does not have it is no fault."""
        return self._on_each("iam:DetachRolePolicy", self._detach)

    def standing(self) -> dict[str, bool]:
        """Every role, and whether the policy is on it now. NotAllowed names the permission that is missing."""
        on = set()
        with in_our_words("iam:ListEntitiesForPolicy", self.policy_arn):
            pages = self._iam.get_paginator("list_entities_for_policy").paginate(PolicyArn=self.policy_arn, EntityFilter="Role")
            for page in pages:
                on |= {role["RoleName"] for role in page.get("PolicyRoles", [])}
        return {role: role in on for role in self.roles}

    def _on_each(self, permission: str, call: Callable[[str], None]) -> list[str]:
        """One that fails must not keep the rest from being stopped, so every loss is a sentence of the answer."""
        failures = []
        for role in self.roles:
            try:
                with in_our_words(permission, role):
                    call(role)
            except WatchkeeperError as error:
                failures.append(f"{role}: {error}")
        return failures

    def _attach(self, role: str) -> None:
        self._iam.attach_role_policy(RoleName=role, PolicyArn=self.policy_arn)

    def _detach(self, role: str) -> None:
        try:
            self._iam.detach_role_policy(RoleName=role, PolicyArn=self.policy_arn)
        except ClientError as error:
            if code_of(error) != GONE:
                raise


def runbook_roles(iam: Any, prefix: str) -> list[str]:
    """The roles of this name that the account has, so that what is deployed counts and not what this copy of the code knows."""
    with in_our_words("iam:ListRoles", prefix):
        pages = iam.get_paginator("list_roles").paginate()
        return sorted(role["RoleName"] for page in pages for role in page["Roles"] if role["RoleName"].startswith(prefix))


def changes_of(iam: Any, role: str) -> list[str]:
    """Every call that this role's own policies allow and that could change something; Permanent for one that allows by pattern."""
    with in_our_words("iam:ListRolePolicies", role):
        names = [name for page in iam.get_paginator("list_role_policies").paginate(RoleName=role) for name in page["PolicyNames"]]
    allowed: set[str] = set()
    for name in names:
        with in_our_words("iam:GetRolePolicy", role):
            document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        allowed |= set(allows(document["Statement"]))
    patterns = sorted(action for action in allowed if "*" in action)
    if patterns:
        raise Permanent(f"{role} allows by pattern, which no list of calls covers: {', '.join(patterns)}")
    return sorted(action for action in allowed if not only_reads(action))


def allows(statements: dict[str, Any] | Iterable[dict[str, Any]]) -> list[str]:
    """The calls that these statements of a policy allow."""
    each = [statements] if isinstance(statements, dict) else list(statements)
    listed = [one.get("Action", []) for one in each if one.get("Effect") == "Allow"]
    return [action for some in listed for action in ([some] if isinstance(some, str) else some)]
