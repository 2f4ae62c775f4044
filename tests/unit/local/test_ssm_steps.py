"""Each kind of step, and how a runbook goes from one to the next."""

from typing import Any

import pytest

from local.ssm.faults import InvalidDocumentContent
from local.ssm.mishaps import How, Mishap
from local.ssm.shelf import Shelf
from local.ssm.steps.branch import holds
from local.ssm.steps.sleep import seconds
from tests.unit.local.pretended import Run, call, refused, runbook


def _answers(*values: Any) -> Any:
    """An operation that answers these in turn, the last one for ever."""
    left = list(values)

    def answer(**_: Any) -> dict[str, Any]:
        value = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(value, Exception):
            raise value
        return {"State": value}

    return answer


def test_a_call_hands_its_outputs_to_the_next_step() -> None:
    """Types survive a text that is nothing but one token; inside a longer text the value is spelled out."""
    got: dict[str, Any] = {}

    def second(**parameters: Any) -> dict[str, Any]:
        got.update(parameters)
        return {}

    found = Run(
        runbook(
            call("look", outputs=[{"Name": "Ids", "Selector": "$.Items[*].Id", "Type": "StringList"}]),
            call("use", api="UseThem", inputs={"Ids": "{{ look.Ids }}", "Note": "of {{ automation:EXECUTION_ID }}: {{ look.Ids }}"}),
            outputs=["look.Ids"],
        ),
        {"svc.do_it": lambda: {"Items": [{"Id": "a"}, {"Id": "b"}]}, "svc.use_them": second},
    )
    assert (found.status, got) == ("Success", {"Ids": ["a", "b"], "Note": 'of exec-1: ["a", "b"]'})
    assert found.execution.outputs == {"look.Ids": ["a", "b"]}
    assert found.told == ["InProgress", "Success"]


def test_waiting_ends_when_the_property_is_as_wanted() -> None:
    wait = call("wait", inputs={"PropertySelector": "$.State", "DesiredValues": ["ok"]}) | {"action": "aws:waitForAwsResourceProperty"}
    found = Run(runbook(wait), {"svc.do_it": _answers("initializing", "initializing", "ok")})
    assert (found.status, len(found.journal.calls)) == ("Success", 3)


def test_waiting_too_long_times_out() -> None:
    wait = call("wait", timeoutSeconds=0.02, inputs={"PropertySelector": "$.State", "DesiredValues": ["ok"]})
    found = Run(runbook(wait | {"action": "aws:waitForAwsResourceProperty"}), {"svc.do_it": _answers("never")})
    assert (found.status, found.steps) == ("TimedOut", [("wait", "TimedOut")])
    assert found.failure == "Step wait timed out: step wait was not done within 0.02 s"


@pytest.mark.parametrize(
    ("state", "status"),
    [
        pytest.param("ok", "Success", id="as it should be"),
        pytest.param("down", "Failed", id="otherwise"),
        pytest.param(None, "Failed", id="not there"),
    ],
)
def test_an_assertion_holds_or_fails(state: str | None, status: str) -> None:
    check = call("check", inputs={"PropertySelector": "$.State", "DesiredValues": ["ok"]}) | {"action": "aws:assertAwsResourceProperty"}
    assert Run(runbook(check), {"svc.do_it": _answers(state)}).status == status


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        pytest.param({"Variable": "a", "StringEquals": "a"}, True, id="equal"),
        pytest.param({"Variable": "A", "EqualsIgnoreCase": "a"}, True, id="equal but for case"),
        pytest.param({"Variable": "abc", "StartsWith": "ab"}, True, id="starts"),
        pytest.param({"Variable": "abc", "EndsWith": "ab"}, False, id="does not end"),
        pytest.param({"Variable": ["a", "b"], "Contains": "b"}, True, id="in a list"),
        pytest.param({"Variable": True, "BooleanEquals": True}, True, id="truth"),
        pytest.param({"Variable": "3", "NumericGreater": 2}, True, id="more"),
        pytest.param({"Variable": 2, "NumericLesserOrEquals": 1}, False, id="not less"),
        pytest.param({"And": [{"Variable": 1, "NumericEquals": 1}, {"Variable": 1, "NumericEquals": 2}]}, False, id="both"),
        pytest.param({"Or": [{"Variable": 1, "NumericEquals": 1}, {"Variable": 1, "NumericEquals": 2}]}, True, id="either"),
        pytest.param({"Not": {"Variable": 1, "NumericEquals": 1}}, False, id="not"),
    ],
)
def test_a_choice(choice: dict[str, Any], *, expected: bool) -> None:
    assert holds(choice) is expected


@pytest.mark.parametrize(
    ("state", "went"), [("bad", ["look", "fork", "mend"]), ("good", ["look", "fork", "end"]), ("odd", ["look", "fork", "mend"])]
)
def test_a_branch_goes_where_its_first_true_choice_says(state: str, went: list[str]) -> None:
    choices = [{"NextStep": "mend", "Variable": "{{ look.State }}", "StringEquals": "bad"},
               {"NextStep": "end", "Variable": "{{ look.State }}", "StringEquals": "good"}]  # fmt: skip
    found = Run(
        runbook(
            call("look", outputs=[{"Name": "State", "Selector": "$.State"}]),
            {"name": "fork", "action": "aws:branch", "inputs": {"Choices": choices, "Default": "mend"}},
            call("mend", isEnd=True),
            call("end"),
        ),
        {"svc.do_it": _answers(state)},
    )
    assert [name for name, _ in found.steps] == went


@pytest.mark.parametrize(("text", "expected"), [("PT10S", 10), ("PT1M30S", 90), ("P1DT2H", 93600)])
def test_a_duration(text: str, expected: float) -> None:
    assert seconds(text) == expected


def test_a_sleep_is_shortened_to_a_laptops_patience() -> None:
    assert Run(runbook({"name": "nap", "action": "aws:sleep", "inputs": {"Duration": "PT10M"}})).status == "Success"


@pytest.mark.parametrize(("code", "status"), [(0, "Success"), (1, "Failed")])
def test_a_command_runs_on_the_pretended_agent(code: int, status: str) -> None:
    heard: list[str] = []

    def agent(lines: Any) -> tuple[int, str]:
        heard.extend(lines)
        return code, "42 files\n"

    step = {
        "name": "clean",
        "action": "aws:runCommand",
        "inputs": {"DocumentName": "AWS-RunShellScript", "InstanceIds": ["i-1"], "Parameters": {"commands": ["ls"]}},
    }
    found = Run(runbook(step, outputs=["clean.Output"]), agents={"i-1": agent})
    assert (found.status, heard) == (status, ["ls"])
    assert found.execution.outputs == {"clean.Output": ["42 files\n"] if code == 0 else []}


COMMAND = """
schemaVersion: "2.2"
parameters:
  Unit: {type: String, allowedPattern: "^[a-z]+[.]service$"}
mainSteps:
  - name: restart
    action: aws:runShellScript
    inputs:
      runCommand: ["systemctl restart '{{ Unit }}'"]
"""


def _sent(**but: Any) -> tuple[Run, list[str]]:
    """A run of a runbook that sends our command as its inputs say, and what the agent heard."""
    heard: list[str] = []

    def agent(lines: Any) -> tuple[int, str]:
        heard.extend(lines)
        return 0, "done\n"

    shelf = Shelf()
    shelf.add("wk-restart", COMMAND, "Command")
    shelf.renew("wk-restart", COMMAND.replace("restart '", "reload '"))
    inputs = {"DocumentName": "wk-restart", "InstanceIds": ["i-1"], "Parameters": {"Unit": ["nginx.service"]}, **but}
    return Run(runbook({"name": "send", "action": "aws:runCommand", "inputs": inputs}), agents={"i-1": agent}, shelf=shelf), heard


def _hash(version: str) -> str:
    shelf = Shelf()
    shelf.add("wk-restart", COMMAND, "Command")
    shelf.renew("wk-restart", COMMAND.replace("restart '", "reload '"))
    return shelf.find("wk-restart", version).sha256


@pytest.mark.parametrize(
    ("asked", "line"),
    [
        pytest.param({}, "systemctl restart 'nginx.service'", id="the default version, which an edit does not change"),
        pytest.param({"DocumentVersion": "2"}, "systemctl reload 'nginx.service'", id="a version by its number"),
        pytest.param({"DocumentVersion": "$LATEST"}, "systemctl reload 'nginx.service'", id="the latest"),
        pytest.param({"DocumentVersion": "1", "DocumentHash": _hash("1"), "DocumentHashType": "Sha256"},
                     "systemctl restart 'nginx.service'", id="by its hash"),
        pytest.param({"Parameters": {"Unit": "nginx.service"}}, "systemctl restart 'nginx.service'", id="a parameter that is no list"),
    ],
)  # fmt: skip
def test_a_command_document_of_ours_is_what_the_agent_hears(asked: dict[str, Any], line: str) -> None:
    found, heard = _sent(**asked)
    assert (found.status, heard) == ("Success", [line])
    assert [(one.service, one.api) for one in found.journal.effects] == [("ssm", "SendCommand")]


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        pytest.param({"DocumentName": "wk-other"}, "InvalidDocument: there is no document", id="unknown document"),
        pytest.param({"DocumentVersion": "3"}, "InvalidDocumentVersion", id="unknown version"),
        pytest.param({"DocumentVersion": "2", "DocumentHash": _hash("1")}, "InvalidDocument: the hash", id="edited since"),
        pytest.param({"DocumentHash": _hash("1"), "DocumentHashType": "Sha1"}, "InvalidDocument", id="another kind of hash"),
        pytest.param({"Parameters": {}}, "InvalidParameters: parameter Unit is missing", id="missing parameter"),
        pytest.param({"Parameters": {"Unit": ["x; reboot"]}}, "InvalidParameters: parameter Unit", id="pattern"),
        pytest.param({"Parameters": {"Unit": ["a.service", "b.service"]}}, "InvalidParameters", id="two for one"),
        pytest.param({"Parameters": {"commands": ["reboot"]}}, "InvalidParameters: wk-restart has no parameter", id="other parameter"),
        pytest.param({"InstanceIds": ["i-2"]}, "InvalidInstanceId: no agent", id="no agent there"),
        pytest.param({"Targets": []}, "takes no Targets", id="targets by tag"),
    ],
)
def test_a_command_that_is_refused_is_not_heard(asked: dict[str, Any], says: str) -> None:
    found, heard = _sent(**asked)
    assert (found.status, heard, found.journal.effects) == ("Failed", [], ())
    assert says in found.failure


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('"2.2"', '"0.3"', "schemaVersion"),
        ("aws:runShellScript", "aws:runPowerShellScript", "aws:runShellScript only"),
        ("'{{ Unit }}'", "'{{ Other }}'", "Other"),
        ("type: String", "type: Integer", "Unit"),
        ("type: String", "type: String, pattern: x", "pattern"),
        ("runCommand:", "runcommand:", "runcommand"),
        ("\nmainSteps:", "\nmainSteps: []\nother:", "one step, not 0"),
        ("mainSteps:", "mainSteps: [", "not YAML"),
    ],
)
def test_a_wrong_command_document_is_refused_when_it_is_registered(old: str, new: str, says: str) -> None:
    with pytest.raises(InvalidDocumentContent, match=says):
        Shelf().add("wk-restart", COMMAND.replace(old, new), "Command")


def test_a_command_without_an_agent_goes_through_run_command() -> None:
    seen = iter(["InProgress", "Success"])
    operations = {
        "ssm.send_command": lambda **asked: {"Command": {"CommandId": f"c-{asked['MaxConcurrency']}"}},
        "ssm.get_command_invocation": lambda **_: {"Status": next(seen), "StandardOutputContent": "done"},
    }
    step = {"name": "clean", "action": "aws:runCommand", "inputs": {"DocumentName": "AWS-RunShellScript", "InstanceIds": "i-1"}}
    found = Run(runbook(step), operations)
    assert (found.status, found.execution.runs[0].outputs["Output"]) == ("Success", "done")


@pytest.mark.parametrize(
    ("more", "status", "steps"),
    [
        pytest.param({}, "Failed", ["first"], id="aborts unless told otherwise"),
        pytest.param({"onFailure": "Continue"}, "Success", ["first", "second", "third"], id="goes on, and it did not matter"),
        pytest.param({"onFailure": "Continue", "isCritical": True}, "Failed", ["first", "second", "third"], id="goes on, and it mattered"),
        pytest.param({"onFailure": "step:third"}, "Failed", ["first", "third"], id="goes where it says"),
    ],
)
def test_what_a_failure_leads_to(more: dict[str, Any], status: str, steps: list[str]) -> None:
    failing = {"svc.fail": _answers(refused("Nope", "Fail")), "svc.do_it": _answers("fine")}
    found = Run(runbook(call("first", api="Fail", **more), call("second"), call("third")), failing)
    assert (found.status, [name for name, _ in found.steps]) == (status, steps)
    assert found.journal.calls[0].outcome != "ok"
    assert not found.journal.effects[0:] or found.journal.effects[0].api == "DoIt"


def test_a_step_is_tried_as_often_as_it_may() -> None:
    found = Run(runbook(call("first", maxAttempts=3)), {"svc.do_it": _answers(refused("A", "B"), refused("A", "B"), "fine")})
    assert (found.status, len(found.journal.calls), len(found.journal.effects)) == ("Success", 3, 1)


def test_an_unknown_operation_fails_its_step_and_ends_the_execution() -> None:
    found = Run(runbook(call("first", api="NoSuchThing")))
    assert (found.status, found.told) == ("Failed", ["InProgress", "Failed"])


@pytest.mark.parametrize(
    ("how", "effects", "status"),
    [(How.FAIL, 0, "Failed"), (How.FAIL_AFTER, 1, "Failed")],
)
def test_a_step_can_be_told_to_fail_before_or_after_its_call(how: How, effects: int, status: str) -> None:
    found = Run(runbook(call("first")), {"svc.do_it": _answers("fine")}, mishaps=(Mishap("first", how, document="test"),))
    assert (found.status, len(found.journal.effects)) == (status, effects)


def test_a_step_can_be_told_to_hang_until_somebody_cancels() -> None:
    found = Run(runbook(call("first"), call("second")), mishaps=(Mishap("first", How.HANG),), cancel_after=0.05)
    assert (found.status, found.steps, found.journal.calls) == ("Cancelled", [("first", "Cancelled")], ())


@pytest.mark.parametrize(
    ("change", "says"),
    [
        pytest.param({"action": "aws:doMagic"}, "aws:doMagic", id="unknown action"),
        pytest.param({"nextStep": "nowhere"}, "leads to nowhere", id="unknown next step"),
        pytest.param({"onFailure": "step:nowhere"}, "leads to nowhere", id="unknown step on failure"),
        pytest.param({"inputs": {"Service": "s", "Api": "A", "X": "{{ Unheard }}"}}, "Unheard", id="unknown parameter"),
        pytest.param({"onfailure": "Abort"}, "onfailure", id="misspelt property"),
    ],
)
def test_a_wrong_runbook_is_refused_when_it_is_registered(change: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidDocumentContent, match=says):
        runbook(call("first") | change)
