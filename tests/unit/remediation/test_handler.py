"""The handler with its real wiring, over AWS as moto plays it: records in, partial failures out, in the order of their groups."""

import json
import os
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from remediation import handler
from remediation.wiring import client, session, wiring
from tests.fakes.moto_stack import Context, lying_in, moto_stack
from tests.fakes.remediation import an_analysis, completed
from tests.fakes.template import ROOT
from tests.fakes.words import INSTANCE, an_incident
from watchkeeper import team
from watchkeeper.change import change
from watchkeeper.ids import now
from watchkeeper.messages import Message
from watchkeeper.models import Happening, Status
from watchkeeper.settings import RemediationSettings


def a_record(number: int, message: Message | None, group: str = "g") -> dict[str, Any]:
    body = message.model_dump_json() if message else "not json"
    given = {"messageId": f"m{number}", "receiptHandle": f"r{number}", "body": body, "messageAttributes": {}}
    return {**given, "attributes": {"MessageGroupId": group}, "eventSource": "aws:sqs", "awsRegion": "eu-west-1"}


@pytest.fixture
def instance(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The stack's parts that remediation uses, and one tagged instance."""
    for call, answer in ANSWERS.items():
        session().register(f"before-call.{call}", answer)
    with moto_stack(monkeypatch, wiring, client, team.standing_orders):
        tags = [{"ResourceType": "instance", "Tags": [{"Key": "AutoRemediate", "Value": "true"}]}]
        runbook = (ROOT / "runbooks" / "ec2-restart.yaml").read_text()
        name = f"{RemediationSettings.from_env().runbook_prefix}-ec2-restart"
        boto3.client("ssm").create_document(Name=name, Content=runbook, DocumentType="Automation", DocumentFormat="YAML")
        made = boto3.client("ec2").run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1, TagSpecifications=tags)
        yield made["Instances"][0]["InstanceId"]
    for call, answer in ANSWERS.items():
        session().unregister(f"before-call.{call}", answer)


def denied(**_: Any) -> tuple[Any, dict[str, Any]]:
    """SSM's word on trying it, which moto cannot do either."""
    error = {"Code": "AccessDeniedException", "Message": "not authorized to perform: ssm:StartAutomationExecution"}
    return SimpleNamespace(status_code=400), {"Error": error, "ResponseMetadata": {"HTTPStatusCode": 400}}


def allowed(**_: Any) -> tuple[Any, dict[str, Any]]:
    """IAM's word on what a runbook's role may do, which moto cannot give."""
    answer = {"EvaluationResults": [{"EvalActionName": "ec2:RebootInstances", "EvalDecision": "allowed"}], "IsTruncated": False}
    return SimpleNamespace(status_code=200), {**answer, "ResponseMetadata": {"HTTPStatusCode": 200}}


ANSWERS = {"iam.SimulatePrincipalPolicy": allowed, "ssm.StartAutomationExecution": denied}


def opened(instance: str) -> None:
    """An incident of a service for which the team's orders want to be asked."""
    target = INSTANCE.but(id=instance, arn=f"arn:aws:ec2:eu-west-1:123456789012:instance/{instance}")
    incident = an_incident(version=0, status=Status.INVESTIGATING, service="billing", analysis_id="ANA-1", resources=(target,))
    said = Happening(actor="analysis", kind="analysis.completed", says="Done.")
    wiring().publisher.publish(change(incident, [said], now(), rows=[an_analysis()]))


def test_a_record_becomes_a_question_to_a_person(instance: str) -> None:
    opened(instance)
    answer = handler.lambda_handler({"Records": [a_record(1, completed())]}, Context())  # type: ignore[arg-type]  # as much of a context as is read
    assert answer == {"batchItemFailures": []}
    incident = wiring().incidents.load(an_incident().id)
    assert incident
    assert incident.status is Status.AWAITING_APPROVAL, wiring().incidents.history(incident.id)[-1].says
    told = lying_in(os.environ["DISTRIBUTION_QUEUE_URL"])
    assert json.loads(told[-1])["kind"] == "incident_changed"


def test_a_record_that_fails_holds_back_its_own_group_and_no_other(instance: str) -> None:
    opened(instance)
    records = [a_record(1, None, "a"), a_record(2, completed(), "a"), a_record(3, completed(), "b")]
    answer = handler.lambda_handler({"Records": records}, Context())  # type: ignore[arg-type]  # as much of a context as is read
    assert [item["itemIdentifier"] for item in answer["batchItemFailures"]] == ["m1", "m2"]
    incident = wiring().incidents.load(an_incident().id)
    assert incident
    assert incident.status is Status.AWAITING_APPROVAL


def test_a_batch_of_one_that_fails_is_returned_and_not_raised(instance: str) -> None:
    answer = handler.lambda_handler({"Records": [a_record(1, completed())]}, Context())  # type: ignore[arg-type]  # as much of a context as is read
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
