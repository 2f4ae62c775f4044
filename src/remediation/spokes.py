"""Acting in other accounts: for one plan at a time, for fifteen minutes, with no more than that plan needs.

The role in the other account could run every runbook there. What a plan gets is a session of it with a policy of its own, made
here from the catalogue: IAM lets a session do what both allow. So a session that leaks can start this one document, lend it this
one role, and look; and it ends by itself.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from watchkeeper.actions import Action
from watchkeeper.errors import Misconfigured, NotAllowed, Permanent
from watchkeeper.ids import Clock, digest
from watchkeeper.lockdown import only_reads
from watchkeeper.storage.aws import in_our_words

SECONDS = 900
MARGIN = timedelta(seconds=60)
LONGEST_POLICY = 2048
WHOLE = 100
KEPT_AT_MOST = 16
_ACCOUNT = re.compile(r"[0-9]{12}")
_DOCUMENT = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):ssm:(?P<region>[a-z0-9-]+):(?P<account>[0-9]{12}):document/(?P<name>[A-Za-z0-9_.-]{3,128})"
)
_ROLE = re.compile(r"arn:aws[a-z-]*:iam::(?P<account>[0-9]{12}):role/(?P<name>[A-Za-z0-9+=,.@_-]{1,64})")
_WATCHES = ("ssm:DescribeAutomationExecutions",)
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9_=,.@-]")

Policy = dict[str, Any]


def accounts_of(listed: str) -> frozenset[str]:
    """The accounts of a setting, parted by commas; Misconfigured names the first that is none."""
    found = [one.strip() for one in listed.split(",") if one.strip()]
    wrong = next((one for one in found if not _ACCOUNT.fullmatch(one)), None)
    if wrong is not None:
        raise Misconfigured(f"SPOKE_ACCOUNTS: {wrong!r} is no account: twelve digits, parted by commas")
    return frozenset(found)


def session_policy(action: Action, document_arn: str, role_arn: str, reads: Sequence[str]) -> Policy:
    """All that a session for this action's runbook may do: start that document, lend it that role, watch what comes of it, and look.

    ValueError where document and role are not this action's, or lie in two accounts, or where something under `reads` does not
    only read: nothing that came out of a model or an alert can widen it.
    """
    document, role = _DOCUMENT.fullmatch(document_arn), _ROLE.fullmatch(role_arn)
    if document is None or role is None or document["account"] != role["account"]:
        raise ValueError(f"{document_arn} and {role_arn} are not a document and a role of one account")
    if not document["name"].endswith(f"-{action.name}") or not role["name"].endswith(f"-runbook-{action.name}"):
        raise ValueError(f"{document_arn} or {role_arn} is not of {action.name}")
    wider = [call for call in reads if not only_reads(call)]
    if wider:
        raise ValueError(f"these do not only read: {', '.join(wider)}")
    ssm = f"arn:{document['partition']}:ssm:{document['region']}:{document['account']}"
    started = f"{ssm}:automation-execution/*"
    definition = f"{ssm}:automation-definition/{document['name']}:*"
    return {
        "Version": "2012-10-17",
        "Statement": [
            _allow(["ssm:StartAutomationExecution"], [document_arn, definition, started]),
            _allow(["iam:PassRole"], [role_arn]) | {"Condition": {"StringEquals": {"iam:PassedToService": "ssm.amazonaws.com"}}},
            _allow(["ssm:AddTagsToResource", "ssm:GetAutomationExecution"], [started]),
            _allow(sorted({*reads, *_WATCHES}), ["*"]),
        ],
    }


def _allow(actions: list[str], resources: list[str]) -> Policy:
    return {"Effect": "Allow", "Action": actions, "Resource": resources}


@dataclass(frozen=True)
class Session:
    """What a plan was given in another account, and until when it is good."""

    key: str
    secret: str
    token: str
    expires: datetime


@dataclass(frozen=True)
class Errand:
    """For which plan of which incident a session is wanted, where, and what it may do there."""

    incident_id: str
    plan_id: str
    account: str
    region: str
    policy: Mapping[str, Any]

    @property
    def session_name(self) -> str:
        """What the other account's CloudTrail shows for every call: the incident, and the beginning of the plan's id."""
        return _NOT_IN_A_NAME.sub("-", f"{self.incident_id}.{self.plan_id}")[:64]


Making = Callable[[str, str, Session], Any]


class Spokes:
    """Clients for other accounts. `role_arn_pattern` has `{account}` in it; `external_id` is asked for when a role is assumed, so
    that a changed secret counts; `accounts` are those that the team allows; `make` makes a client of service, region and session."""

    def __init__(
        self, sts: Any, role_arn_pattern: str, external_id: Callable[[], str], clock: Clock, accounts: frozenset[str], make: Making
    ) -> None:  # fmt: skip
        self._sts, self._role, self._external_id, self._clock = sts, role_arn_pattern, external_id, clock
        self._accounts, self._make = accounts, make
        self._kept: dict[str, Session] = {}

    def clients(self, errand: Errand) -> Callable[[str], Any]:
        """What makes clients there, by service: each call of it has a session that is good for another minute at least.

        NotAllowed where the team has not named the account, or the role there lets us not in; Misconfigured without an external id.
        """
        self._session(errand)
        return lambda service: self._make(service, errand.region, self._session(errand))

    def _session(self, errand: Errand) -> Session:
        """The one that this very plan was given, as long as it is good; never another plan's, and never under another policy."""
        for_this = digest([errand.account, errand.incident_id, errand.plan_id, errand.policy])
        known = self._kept.get(for_this)
        if known is None or self._clock() >= known.expires - MARGIN:
            self._forget_what_has_ended()
            known = self._kept[for_this] = self._assumed(errand)
        return known

    def _forget_what_has_ended(self) -> None:
        now = self._clock()
        good = {name: session for name, session in self._kept.items() if now < session.expires - MARGIN}
        self._kept = dict(list(good.items())[1 - KEPT_AT_MOST :])

    def _assumed(self, errand: Errand) -> Session:
        role = self._role.format(account=errand.account)
        if errand.account not in self._accounts:
            raise NotAllowed("sts:AssumeRole", f"{role}: the account {errand.account} is not among SPOKE_ACCOUNTS")
        with in_our_words("sts:AssumeRole", role):
            answer = self._sts.assume_role(
                RoleArn=role,
                RoleSessionName=errand.session_name,
                ExternalId=self._said(),
                DurationSeconds=SECONDS,
                Policy=_packed(errand.policy),
            )
        if answer.get("PackedPolicySize", 0) > WHOLE:
            raise Permanent(f"the session policy for {errand.plan_id} is too long: {answer['PackedPolicySize']} % of what STS takes")
        lent = answer["Credentials"]
        return Session(lent["AccessKeyId"], lent["SecretAccessKey"], lent["SessionToken"], lent["Expiration"])

    def _said(self) -> str:
        """Without it any account that knows the role's name could make us act there for it."""
        found = self._external_id()
        if not found:
            raise Misconfigured("the secret of the spokes holds no spoke_external_id; put it: ./deploy.sh --help")
        return found


def _packed(policy: Mapping[str, Any]) -> str:
    """Without white space; Permanent where STS would refuse it for its length."""
    text = json.dumps(policy, separators=(",", ":"))
    if len(text) > LONGEST_POLICY:
        raise Permanent(f"the session policy has {len(text)} characters, and STS takes {LONGEST_POLICY}")
    return text
