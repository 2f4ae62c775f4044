"""How far a role reaches: what it may do to one resource, to the world outside of this stack, and which secrets it reads."""

import re

from cli.catalogue.template import logical
from tests.template.reading import STAGES, Statement, granted, of_type, references, target
from watchkeeper.actions import runbooks

LOOKS = re.compile(r"^[a-z0-9-]+:(Describe|Get|List|Lookup|Filter|Query|BatchGet)|^logs:(Start|Stop)Query$|^iam:SimulatePrincipalPolicy$")
KNOWS_NO_RESOURCES = {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}  # a trace names nothing, and can be given to nothing else
ROLES = tuple(f"{stage}Role" for stage in STAGES)
RUNBOOKS = tuple(f"{logical(name)}Role" for name in sorted(runbooks()))
# What a function keeps for itself; everything else that a role may reach is the world.
KEPT = ("AWS::DynamoDB::Table", "AWS::SQS::Queue", "AWS::S3::Bucket", "AWS::Logs::LogGroup", "AWS::SecretsManager::Secret")


def actions_on(role: str, name: str) -> set[str]:
    """What this role may do to the resource with this logical id."""
    return {action for one in granted(role) if f'"{name}"' in one.reaches or f"${{{name}." in one.reaches for action in one.actions}


def outward(role: str) -> list[Statement]:
    """The statements that reach anything which this stack does not keep for itself."""
    kept = {name for kind in KEPT for name in of_type(kind)}
    return [one for one in granted(role) if not all(kept & set(references(resource)) for resource in one.resources)]


def reaches_out(role: str) -> set[str]:
    """What this role may call beyond its own tables, queues, bucket, log and secrets."""
    return {action for one in outward(role) if one.effect == "Allow" for action in one.actions} - KNOWS_NO_RESOURCES


def acts(role: str) -> set[str]:
    """What this role may do to the world outside of Watchkeeper."""
    return {action for action in reaches_out(role) if not LOOKS.match(action)}


def secrets_of(role: str) -> set[str]:
    """The secrets that this role may read, by their logical ids."""
    return {target(r) for one in granted(role) if "secretsmanager:GetSecretValue" in one.actions for r in one.resources}
