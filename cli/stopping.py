"""The kill switch's two layers of one stack: the word that the gate reads, and the policy that IAM weighs."""

from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from cli.stack import Stack
from cli.trouble import explain
from watchkeeper.actions import runbooks
from watchkeeper.errors import NotAllowed, WatchkeeperError
from watchkeeper.lockdown import Lockdown, role_name, runbook_roles

FAULTS = (WatchkeeperError, ClientError, BotoCoreError)
SPOKE = "this is a further account, whose actions are decided by the hub; here only IAM stops them"
OLDER = "this stack has no stop policy, so IAM stops nothing; deploy it again: ./deploy.sh --help"


@dataclass(frozen=True)
class Layers:
    """How both stand. `word` is who threw the switch and why; of the `roles` those with True carry the policy; `fault` says why IAM
    cannot be asked. A further account has the second layer `alone`."""

    word: str
    roles: dict[str, bool]
    fault: str = ""
    alone: bool = False

    @property
    def open(self) -> list[str]:
        """The roles that IAM lets act."""
        return [role for role, stopped in self.roles.items() if not stopped]

    @property
    def disagree(self) -> str:
        """In what way the two say different things, and what to do; empty where they agree."""
        if self.alone and 0 < len(self.open) < len(self.roles):
            return f"IAM lets {', '.join(self.open)} act and stops the others. To do: ./watchkeeper stop --why …"
        if self.fault or self.alone:
            return ""
        if self.word and self.open:
            return f"IAM lets {', '.join(self.open)} act though the switch is thrown. To do: ./watchkeeper stop --why …"
        if not self.word and len(self.open) < len(self.roles):
            shut = [role for role, stopped in self.roles.items() if stopped]
            return f"IAM stops {', '.join(shut)} though the switch is not thrown. To do: ./watchkeeper go, or stop --why …"
        return ""


def deployed(stack: Stack) -> bool:
    """Has this stack the policy? One that was deployed by an older version has not."""
    return bool(stack.outputs.get("StopPolicyArn"))


def is_spoke(stack: Stack) -> bool:
    """Is it one that spoke.yaml made? It has the policy, and no table for a switch."""
    return deployed(stack) and not stack.outputs.get("IncidentsTableName")


def runbook_prefix(stack: Stack) -> str:
    """What the roles of its runbooks are named with, up to the action."""
    return f"{stack.output('RunbookPrefix')}-runbook-"


def lockdown_of(stack: Stack) -> Lockdown:
    """The roles are those that the account has; where they may not be listed, those that this copy of the catalogue knows."""
    iam, prefix = stack.client("iam"), runbook_prefix(stack)
    try:
        lent = runbook_roles(iam, prefix)
    except NotAllowed:
        lent = [f"{prefix}{name}" for name in sorted(runbooks())]
    return Lockdown(iam, stack.output("StopPolicyArn"), [role_name(stack.output("RemediationRoleArn")), *lent])


def layers_of(stack: Stack) -> Layers:
    """Both as they stand; what IAM does not tell is a fault and not a guess."""
    alone = is_spoke(stack)
    word = "" if alone else stack.switch.thrown()
    if not deployed(stack):
        return Layers(word, {}, OLDER)
    try:
        return Layers(word, lockdown_of(stack).standing(), alone=alone)
    except FAULTS as error:
        return Layers(word, {}, in_a_line(error), alone)


def in_a_line(error: BaseException) -> str:
    """What went wrong, as one line for a person."""
    return str(explain(error)).splitlines()[0]
