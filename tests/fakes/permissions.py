"""AWS as a role finds it that lacks a permission: every call that our clients make is known by the permissions that it needs, and is
refused in AWS's own words where one of them was taken away. What moto lacks is answered from a table.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, NamedTuple

from tests.fakes.strict_aws import IAM_PREFIX, faults_in

WITHIN_A_TRANSACTION = {"Put": "PutItem", "Delete": "DeleteItem", "Update": "UpdateItem", "ConditionCheck": "ConditionCheckItem"}
NAMED_BY = ("TableName", "QueueUrl", "DocumentName", "SecretId", "FunctionName", "RoleArn", "PolicySourceArn", "Name")
REFUSED_AS = {"ec2": "UnauthorizedOperation", "query": "AccessDenied", "rest-xml": "AccessDenied"}
WHO = "arn:aws:sts::123456789012:assumed-role/watchkeeper-remediation/watchkeeper-remediation"
Answer = Mapping[str, Any] | Callable[..., Any]


class Needed(NamedTuple):
    """A permission, and on what."""

    permission: str
    on: str

    @property
    def refusal(self) -> str:
        """As IAM words it."""
        why = f"because no identity-based policy allows the {self.permission} action"
        return f"User: {WHO} is not authorized to perform: {self.permission} on resource: {self.on} {why}"


def needed(service: str, operation: str, asked: Mapping[str, Any]) -> Iterator[Needed]:
    """What IAM asks for when this is called, in its order; a transaction has no permission of its own, only its writes have."""
    name = f"{service}:{operation}"
    if name == "dynamodb:TransactWriteItems":
        for item in asked["TransactItems"]:
            [(kind, one)] = item.items()
            yield Needed(f"dynamodb:{WITHIN_A_TRANSACTION[kind]}", one["TableName"])
        return
    if service == "s3":
        yield Needed(name, f"{asked['Bucket']}/{asked.get('Key', '')}")
        if "ObjectLockMode" in asked:
            yield Needed("s3:PutObjectRetention", f"{asked['Bucket']}/{asked['Key']}")
        return
    yield Needed("lambda:InvokeFunction" if name == "lambda:Invoke" else name, _named(asked))
    if name == "ssm:StartAutomationExecution":
        if asked.get("Tags"):
            yield Needed("ssm:AddTagsToResource", "automation-execution/*")
        yield from (Needed("iam:PassRole", role) for role in asked.get("Parameters", {}).get("AutomationAssumeRole", []))


def _named(asked: Mapping[str, Any]) -> str:
    return next((str(asked[name]) for name in NAMED_BY if name in asked), "*")


@dataclass
class RoleInAws:
    """`taken` are the permissions that were taken away: each with a part of the name of what it is on, empty for everything.

    `answers` has, by permission, an answer or a function of what is asked; the rest goes on to moto. `then` is called with each
    permission that is used, so that one can be taken in the middle of the way.
    """

    answers: Mapping[str, Answer] = field(default_factory=dict)
    taken: set[Needed] = field(default_factory=set)
    used: list[Needed] = field(default_factory=list)
    refused: list[Needed] = field(default_factory=list)
    then: Callable[[Needed], None] = lambda _: None

    def reset(self, answers: Mapping[str, Answer]) -> None:
        """All permissions are there again, and nothing was asked yet."""
        self.answers, self.then = answers, lambda _: None
        for kept in (self.taken, self.used, self.refused):
            kept.clear()

    def attach(self, session: Any) -> None:
        session.register("provide-client-params", self._note, unique_id="what is asked")
        session.register("before-call", self._answer, unique_id="what is answered")

    def detach(self, session: Any) -> None:
        session.unregister("provide-client-params", self._note, unique_id="what is asked")
        session.unregister("before-call", self._answer, unique_id="what is answered")

    def _note(self, params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        context["asked"] = params

    def _answer(self, model: Any, context: dict[str, Any], **_: Any) -> tuple[Any, Any] | None:
        asked, signed_for = context["asked"], model.service_model.signing_name
        service = IAM_PREFIX.get(signed_for, signed_for)
        for one in needed(service, model.name, asked):
            if any(one.permission == gone.permission and gone.on in one.on for gone in self.taken):
                self.refused.append(one)
                return _refusal(one, REFUSED_AS.get(model.service_model.metadata["protocol"], "AccessDeniedException"))
            self.used.append(one)
            self.then(one)
        name = "lambda:InvokeFunction" if model.name == "Invoke" else f"{service}:{model.name}"
        return self._laid_down(name, model, asked) if name in self.answers else None

    def _laid_down(self, name: str, model: Any, asked: dict[str, Any]) -> tuple[Any, Any]:
        answer = self.answers[name]
        said: dict[str, Any] = dict(answer(**asked) if callable(answer) else answer)
        faults = faults_in(model.output_shape, {key: value for key, value in said.items() if key != "ResponseMetadata"})
        assert not faults, f"{name} answers in this test: {faults}"
        return SimpleNamespace(status_code=200), {"ResponseMetadata": {"HTTPStatusCode": 200}} | said


def _refusal(one: Needed, code: str) -> tuple[Any, dict[str, Any]]:
    answer = {"Error": {"Code": code, "Message": one.refusal}, "ResponseMetadata": {"HTTPStatusCode": 403}}
    return SimpleNamespace(status_code=403), json.loads(json.dumps(answer))
