"""What the tests ask of a template: resources of a type, statements of a policy, where a reference leads."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cli.catalogue.template import BY_AN_ALARM
from tests.fakes.translated import translated

STAGES = ("Reception", "Analysis", "Remediation", "Distribution", "Sweeper", "Guardian", "Toolbox", "Console")
STORING = ("Reception", "Analysis", "Remediation", "Distribution", "Sweeper", "Console")  # they change incidents; the rest hold none
WORKING_OFF = ("Reception", "Analysis", "Remediation", "Distribution")  # a queue
QUEUES = ("Intake", "Analysis", "Remediation", "Distribution")


@dataclass(frozen=True)
class Statement:
    """One statement of a policy, whichever resource it stands in."""

    where: str
    sid: str
    effect: str
    actions: tuple[str, ...]
    resources: tuple[Any, ...]
    principal: Any
    condition: dict[str, dict[str, Any]]

    def __str__(self) -> str:
        return f"{self.where}/{self.sid}"

    @property
    def services(self) -> tuple[str, ...]:
        """The AWS services that this statement names as principals."""
        return tuple(several(self.principal["Service"])) if isinstance(self.principal, dict) and "Service" in self.principal else ()

    @property
    def reaches(self) -> str:
        """Its resources as one text, to look a name up in."""
        return json.dumps(self.resources)

    def requires(self, key: str) -> Any:
        """What the request's context must be under this key; none when the statement does not ask."""
        return next((wanted[key] for wanted in self.condition.values() if key in wanted), None)


def several(value: Any) -> list[Any]:
    """Where one may stand for a list of one."""
    return value if isinstance(value, list) else [value]


def of_type(kind: str) -> dict[str, dict[str, Any]]:
    """The properties of every resource of this type, by logical id."""
    return {name: one["Properties"] for name, one in translated().items() if one["Type"] == kind}


def properties(name: str) -> dict[str, Any]:
    found: dict[str, Any] = translated()[name]["Properties"]
    return found


def target(value: Any) -> str:
    """The logical id that a Ref or a GetAtt leads to; empty for anything else."""
    if isinstance(value, dict) and "Ref" in value:
        return str(value["Ref"])
    if isinstance(value, dict) and "Fn::GetAtt" in value:
        return str(value["Fn::GetAtt"][0])
    return ""


def branches(value: Any) -> list[Any]:
    """Everything that a value may be: both sides of an Fn::If, without AWS::NoValue."""
    if isinstance(value, dict) and "Fn::If" in value:
        return [one for side in value["Fn::If"][1:] for one in branches(side)]
    return [] if value == {"Ref": "AWS::NoValue"} else [value]


def in_policy(where: str, document: dict[str, Any]) -> Iterator[Statement]:
    for each in several(document["Statement"]):
        for one in branches(each):
            yield Statement(
                where=where,
                sid=one.get("Sid", ""),
                effect=one["Effect"],
                actions=tuple(several(one["Action"])),
                resources=tuple(several(one.get("Resource", []))),
                principal=one.get("Principal"),
                condition=one.get("Condition", {}),
            )


def granted(role: str) -> list[Statement]:
    """What a role may do: by its own policies, and by those of the stack that are put onto it. What every runbook's role has so that an
    alarm can stop it is left out, and looked at apart (test_roles)."""
    named = [policy for policy in properties(role)["Policies"] if policy["PolicyName"] != BY_AN_ALARM]
    own = [one for policy in named for one in in_policy(role, policy["PolicyDocument"])]
    return [*own, *(one for name in put_onto(role) for one in in_policy(role, properties(name)["PolicyDocument"]))]


def put_onto(role: str) -> list[str]:
    """The managed policies of the stack that this role has from the beginning."""
    return [name for name, one in of_type("AWS::IAM::ManagedPolicy").items() if role in map(target, one.get("Roles", []))]


def trusts(role: str) -> list[Statement]:
    """Who may take a role."""
    return list(in_policy(role, properties(role)["AssumeRolePolicyDocument"]))


def on_resources() -> list[Statement]:
    """The statements of all policies that stand on a resource: queues, topics, the bucket, the key."""
    found = []
    for name, one in translated().items():
        for key in ("PolicyDocument", "KeyPolicy", "ResourcePolicy"):
            if key in one.get("Properties", {}) and not one["Type"].startswith("AWS::IAM::"):
                found += list(in_policy(name, one["Properties"][key]))
    return found


def every_statement() -> list[Statement]:
    roles = of_type("AWS::IAM::Role")
    return [*on_resources(), *(one for role in roles for one in [*granted(role), *trusts(role)])]


def mappings() -> dict[str, dict[str, Any]]:
    """The event source mappings, by the queue's logical id."""
    return {target(one["EventSourceArn"]): one for one in of_type("AWS::Lambda::EventSourceMapping").values()}


def references(value: Any) -> Iterator[str]:
    """Every name that a Ref, a GetAtt or a Sub leads to, wherever it stands."""
    if isinstance(value, dict):
        if set(value) == {"Ref"}:
            yield str(value["Ref"])
        elif set(value) == {"Fn::GetAtt"}:
            yield str(value["Fn::GetAtt"][0])
        elif "Fn::Sub" in value:
            text, own = value["Fn::Sub"] if isinstance(value["Fn::Sub"], list) else (value["Fn::Sub"], {})
            names = (name.split(".")[0] for name in re.findall(r"\$\{([A-Za-z0-9:.]+)\}", text))
            yield from (name for name in names if name not in own)
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)
