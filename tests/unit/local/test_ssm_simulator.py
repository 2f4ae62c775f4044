"""The operations that remediation uses, over HTTP, with boto3's own client as the caller."""

import hashlib
import json
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from botocore.exceptions import ClientError

from local.aws import Account
from local.deploy import documents as registered
from local.ssm import documents
from local.ssm.events import status_event
from local.ssm.server import Door
from local.ssm.shelf import Shelf
from local.ssm.simulator import Simulator
from local.standins.http import Reply, Request, Server
from tests.unit.local.pretended import QUICK, Operation, PretendedAccount, call

ROLE = "arn:aws:iam::123456789012:role/runbook"
PARAMETERS = {"Id": {"type": "String", "allowedPattern": "^i-[0-9a-f]+$"}, "AutomationAssumeRole": {"type": "String", "default": ""}}


class Scene:
    """A simulator behind its door, an emulator that notes what is passed on, and a client."""

    def __init__(self) -> None:
        operations: dict[str, Operation] = {
            "svc.do_it": lambda **_: {},
            "svc.describe": lambda **_: {"State": "never"},
            "events.get_paginator": _no_rules,
        }
        self.account = PretendedAccount(operations, roles=(ROLE,))
        self.simulator = Simulator(self.account, QUICK)
        self.passed_on: list[Request] = []
        self.simulator.create_document({"Name": "wk-do", "Content": _document(call("first", inputs={"Id": "{{ Id }}"}))})

    def beyond(self, request: Request) -> Reply:
        self.passed_on.append(request)
        return Reply(200, {"Parameter": {"Name": "/a", "Value": "1"}}, {"content-type": "application/x-amz-json-1.1"})


def _no_rules(_: str) -> Any:
    return SimpleNamespace(paginate=lambda: [{"Rules": []}])


def _document(*steps: dict[str, Any]) -> str:
    text: str = yaml.safe_dump(
        {"schemaVersion": "0.3", "assumeRole": "{{ AutomationAssumeRole }}", "parameters": PARAMETERS, "mainSteps": list(steps)}
    )
    return text


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.fixture
def ssm(scene: Scene) -> Iterator[Any]:
    with Server({"": scene.beyond}) as beyond, Server({"": Door(scene.simulator, beyond.url)}) as server:
        yield Account(server.url).client("ssm")
        scene.simulator.stop_all()


def _ended(ssm: Any, execution: str) -> dict[str, Any]:
    for _ in range(500):
        found: dict[str, Any] = ssm.get_automation_execution(AutomationExecutionId=execution)["AutomationExecution"]
        if found["AutomationExecutionStatus"] not in {"Pending", "InProgress"}:
            return found
        time.sleep(0.005)
    raise AssertionError("it did not end")


def _code(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


def test_an_execution_from_start_to_end(ssm: Any, scene: Scene) -> None:
    started = ssm.start_automation_execution(
        DocumentName="wk-do", Parameters={"Id": ["i-1"]}, Tags=[{"Key": "watchkeeper-1", "Value": "x"}]
    )
    found = _ended(ssm, started["AutomationExecutionId"])
    assert found["AutomationExecutionStatus"] == "Success"
    assert [(step["StepName"], step["StepStatus"]) for step in found["StepExecutions"]] == [("first", "Success")]
    assert found["Parameters"]["Id"] == ["i-1"]
    assert [(c.api, c.parameters) for c in scene.simulator.journal.effects] == [("DoIt", {"Id": "i-1"})]


def test_a_client_token_starts_one_execution_and_is_refused_ever_after(ssm: Any, scene: Scene) -> None:
    token = str(uuid.uuid4())
    ssm.start_automation_execution(DocumentName="wk-do", Parameters={"Id": ["i-1"]}, ClientToken=token)
    for resent in (token, token.upper()):
        with pytest.raises(ClientError) as error:
            ssm.start_automation_execution(DocumentName="wk-do", Parameters={"Id": ["i-1"]}, ClientToken=resent)
        assert _code(error) == "IdempotentParameterMismatch"
    assert len(scene.simulator.executions) == 1


def test_what_was_started_is_found_by_its_tag(ssm: Any) -> None:
    for number in range(3):
        ssm.start_automation_execution(
            DocumentName="wk-do", Parameters={"Id": ["i-1"]}, Tags=[{"Key": f"watchkeeper-{number}", "Value": "x"}]
        )
    filters = [{"Key": "TagKey", "Values": ["watchkeeper-1"]}, {"Key": "DocumentNamePrefix", "Values": ["wk-"]}]
    assert len(ssm.describe_automation_executions(Filters=filters)["AutomationExecutionMetadataList"]) == 1
    pages = ssm.get_paginator("describe_automation_executions").paginate(PaginationConfig={"PageSize": 2})
    assert [len(page["AutomationExecutionMetadataList"]) for page in pages] == [2, 1]
    assert not ssm.describe_automation_executions(Filters=[{"Key": "TagKey", "Values": ["other"]}])["AutomationExecutionMetadataList"]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        pytest.param({"DocumentName": "nobody"}, "AutomationDefinitionNotFoundException", id="unknown document"),
        pytest.param({"Parameters": {}}, "InvalidAutomationExecutionParametersException", id="missing parameter"),
        pytest.param(
            {"Parameters": {"Id": ["i-1"], "Other": ["x"]}}, "InvalidAutomationExecutionParametersException", id="unknown parameter"
        ),
        pytest.param({"Parameters": {"Id": ["i-1; rm -rf"]}}, "InvalidAutomationExecutionParametersException", id="pattern"),
        pytest.param({"Parameters": {"Id": ["i-1", "i-2"]}}, "InvalidAutomationExecutionParametersException", id="two for one"),
        pytest.param({"ClientToken": "x" * 36}, "ValidationException", id="token that is no UUID"),
        pytest.param({"Tags": [{"Key": str(n), "Value": ""} for n in range(6)]}, "ValidationException", id="too many tags"),
        pytest.param(
            {"Parameters": {"Id": ["i-1"], "AutomationAssumeRole": [ROLE + "-other"]}},
            "InvalidAutomationExecutionParametersException",
            id="role that cannot be assumed",
        ),
    ],
)
def test_a_start_that_is_refused(ssm: Any, scene: Scene, asked: dict[str, Any], code: str) -> None:
    with pytest.raises(ClientError) as error:
        ssm.start_automation_execution(**{"DocumentName": "wk-do", "Parameters": {"Id": ["i-1"]}, **asked})
    assert (_code(error), scene.simulator.executions) == (code, [])


def test_the_runbook_runs_as_the_role_it_was_lent(ssm: Any, scene: Scene) -> None:
    ssm.start_automation_execution(DocumentName="wk-do", Parameters={"Id": ["i-1"], "AutomationAssumeRole": [ROLE]})
    account = scene.simulator.executions[0].account
    assert isinstance(account, PretendedAccount)
    assert account.assumed == ROLE


def test_an_execution_can_be_stopped(ssm: Any, scene: Scene) -> None:
    wait = {
        "name": "wait",
        "action": "aws:waitForAwsResourceProperty",
        "inputs": {"Service": "svc", "Api": "Describe", "PropertySelector": "$.State", "DesiredValues": ["ok"]},
    }
    scene.simulator.create_document({"Name": "wk-wait", "Content": _document(wait)})
    execution = ssm.start_automation_execution(DocumentName="wk-wait", Parameters={"Id": ["i-1"]})["AutomationExecutionId"]
    ssm.stop_automation_execution(AutomationExecutionId=execution)
    assert _ended(ssm, execution)["AutomationExecutionStatus"] == "Cancelled"


def test_documents_are_described_and_given_back(ssm: Any) -> None:
    assert ssm.describe_document(Name="wk-do")["Document"]["Status"] == "Active"
    assert documents.read("wk-do", ssm.get_document(Name="wk-do")["Content"]).steps[0].name == "first"
    for call_it, code in ((ssm.describe_document, "InvalidDocument"), (ssm.get_document, "InvalidDocument")):
        with pytest.raises(ClientError) as error:
            call_it(Name="nobody")
        assert _code(error) == code
    with pytest.raises(ClientError) as error:
        ssm.create_document(Name="wk-do", Content=_document(call("x")), DocumentType="Automation")
    assert _code(error) == "DocumentAlreadyExists"
    with pytest.raises(ClientError) as error:
        ssm.get_automation_execution(AutomationExecutionId=str(uuid.uuid4()))
    assert _code(error) == "AutomationExecutionNotFoundException"


def test_an_edit_is_a_further_version_and_an_execution_runs_the_one_it_names(ssm: Any, scene: Scene) -> None:
    """What a plan was made for is what runs, whatever became of the document meanwhile."""
    before = ssm.describe_document(Name="wk-do")["Document"]
    made = ssm.update_document(Name="wk-do", Content=_document(call("second", inputs={"Id": "{{ Id }}"})))["DocumentDescription"]
    assert (made["DocumentVersion"], made["LatestVersion"], made["DefaultVersion"]) == ("2", "2", "1")
    assert made["Hash"] != before["Hash"]
    assert ssm.describe_document(Name="wk-do")["Document"]["Hash"] == before["Hash"]
    ssm.update_document_default_version(Name="wk-do", DocumentVersion="2")
    assert ssm.describe_document(Name="wk-do")["Document"]["DocumentVersion"] == "2"
    assert ssm.describe_document(Name="wk-do", DocumentVersion="1")["Document"]["Hash"] == before["Hash"]
    for version, runs, step in (("1", "1", "first"), ("2", "2", "second"), ("$DEFAULT", "2", "second"), ("$LATEST", "2", "second")):
        started = ssm.start_automation_execution(DocumentName="wk-do", DocumentVersion=version, Parameters={"Id": ["i-1"]})
        found = _ended(ssm, started["AutomationExecutionId"])
        assert ([one["StepName"] for one in found["StepExecutions"]], found["DocumentVersion"]) == ([step], runs)
    assert status_event(scene.simulator.executions[0])["resources"][1].endswith(":automation-definition/wk-do:1")


def test_a_version_that_is_not_there_starts_nothing(ssm: Any, scene: Scene) -> None:
    with pytest.raises(ClientError) as error:
        ssm.start_automation_execution(DocumentName="wk-do", DocumentVersion="7", Parameters={"Id": ["i-1"]})
    assert (_code(error), scene.simulator.executions) == ("AutomationDefinitionVersionNotFoundException", [])


@pytest.mark.parametrize(
    ("operation", "asked", "code"),
    [
        ("update_document", {"Name": "nobody", "Content": "{}"}, "InvalidDocument"),
        ("update_document", {"Name": "wk-do", "Content": "{}"}, "InvalidDocumentContent"),
        ("update_document", {"Name": "wk-do"}, "DuplicateDocumentContent"),
        ("update_document_default_version", {"Name": "wk-do", "DocumentVersion": "7"}, "InvalidDocumentVersion"),
        ("describe_document", {"Name": "wk-do", "DocumentVersion": "7"}, "InvalidDocumentVersion"),
    ],
)
def test_an_edit_that_is_refused(ssm: Any, operation: str, asked: dict[str, Any], code: str) -> None:
    if operation == "update_document":
        asked = {"Content": ssm.get_document(Name="wk-do")["Content"], **asked}
    with pytest.raises(ClientError) as error:
        getattr(ssm, operation)(**asked)
    assert _code(error) == code


def test_a_command_document_is_registered_and_is_no_runbook(ssm: Any) -> None:
    content = Path("runbooks/commands/clean-temp.yaml").read_text()
    ssm.create_document(Name="wk-clean-temp", Content=content, DocumentType="Command", DocumentFormat="YAML")
    found = ssm.describe_document(Name="wk-clean-temp")["Document"]
    assert {key: found[key] for key in ("DocumentType", "SchemaVersion", "DocumentVersion", "HashType")} == {
        "DocumentType": "Command", "SchemaVersion": "2.2", "DocumentVersion": "1", "HashType": "Sha256",
    }  # fmt: skip
    assert found["Hash"] == hashlib.sha256(content.encode()).hexdigest()
    assert ssm.get_document(Name="wk-clean-temp")["Content"] == content
    with pytest.raises(ClientError) as error:
        ssm.start_automation_execution(DocumentName="wk-clean-temp")
    assert _code(error) == "AutomationDefinitionNotFoundException"
    with pytest.raises(ClientError) as error:
        ssm.create_document(Name="wk-policy", Content=content, DocumentType="Policy")
    assert _code(error) == "ValidationException"


def test_every_other_operation_is_passed_on_as_it_came(ssm: Any, scene: Scene) -> None:
    assert ssm.get_parameter(Name="/a")["Parameter"]["Value"] == "1"
    passed = scene.passed_on[0]
    assert passed.headers["x-amz-target"] == "AmazonSSM.GetParameter"
    assert passed.headers["authorization"].startswith("AWS4-HMAC-SHA256")
    assert json.loads(passed.body) == {"Name": "/a"}


def test_an_emulator_that_is_gone_is_an_internal_error_and_no_trace() -> None:
    door = Door(Simulator(PretendedAccount(), QUICK), "http://127.0.0.1:1")
    reply = door(Request("POST", "/", {}, {"x-amz-target": "AmazonSSM.GetParameter"}, b"{}"))
    assert (reply.status, reply.body["__type"]) == (500, "InternalServerError")


def test_a_mishap_can_be_planned_and_the_journal_read_over_http(scene: Scene) -> None:
    door = Door(scene.simulator, "http://127.0.0.1:1")
    planned = door(Request("POST", "/_simulator/mishaps", {}, {}, json.dumps({"step": "first", "how": "fail"}).encode()))
    assert planned.status == 200
    execution = scene.simulator.start_automation_execution({"DocumentName": "wk-do", "Parameters": {"Id": ["i-1"]}})
    for _ in range(500):
        found = scene.simulator.get_automation_execution(execution)["AutomationExecution"]
        if found["AutomationExecutionStatus"] == "Failed":
            break
        time.sleep(0.005)
    assert found["FailureMessage"] == "Step first failed: told to fail"
    assert door(Request("GET", "/_simulator/journal", {}, {}, b"")).body == scene.simulator.journal.as_json()


def test_the_status_event_has_the_shape_that_eventbridge_documents(scene: Scene) -> None:
    scene.simulator.start_automation_execution({"DocumentName": "wk-do", "Parameters": {"Id": ["i-1"]}})
    execution = scene.simulator.executions[0]
    event = status_event(execution)
    assert (event["source"], event["detail-type"]) == ("aws.ssm", "EC2 Automation Execution Status-change Notification")
    assert (event["detail"]["ExecutionId"], event["detail"]["Definition"]) == (execution.id, "wk-do")
    assert event["resources"][0].endswith(f":automation-execution/{execution.id}")


OURS = [
    (kind, path) for kind, where in (("Automation", "runbooks"), ("Command", "runbooks/commands")) for path in Path(where).glob("*.yaml")
]


@pytest.mark.parametrize(("kind", "path"), sorted(OURS), ids=lambda value: getattr(value, "stem", ""))
def test_our_own_documents_are_taken(kind: str, path: Path) -> None:
    assert Shelf().add(path.stem, path.read_text(), kind).kind == kind
    assert any((name.endswith(path.stem), of) == (True, kind) for name, of, _ in registered())
