"""The runbook that can make nothing but dry runs, in the simulator, with the laptop's EC2 that answers them."""

import ast
import re
import time
from typing import Any

import yaml

from local.aws import Account
from local.ec2.server import Door
from local.ssm.execution import ENDED, Pace
from local.ssm.simulator import Simulator
from local.standins.http import Server
from remediation.rehearsing.dry_run import DOCUMENT, HANDED_ON, TRIED
from tests.fakes.template import ROOT

TEXT = (ROOT / "runbooks" / "rehearsals" / f"{DOCUMENT}.yaml").read_text()
RUNBOOK: dict[str, Any] = yaml.safe_load(TEXT)
NOBODY = "http://127.0.0.1:9"
NAMED = {"InstanceId": ["i-0123456789abcdef0"], "VolumeId": ["vol-0123456789abcdef0"], "SizeGib": ["200"]}


def test_every_call_of_its_script_is_dry_by_its_own_text() -> None:
    """No parameter reaches the word that makes it so."""
    [step] = RUNBOOK["mainSteps"]
    tree = ast.parse(step["inputs"]["Script"])
    made = [one for one in ast.walk(tree) if isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute)]
    calls = [one for one in made if isinstance(one.func, ast.Attribute) and ast.unparse(one.func.value) == "ec2"]
    assert len(calls) == len(TRIED)
    for call in calls:
        [dry] = [word.value for word in call.keywords if word.arg == "DryRun"]
        assert isinstance(dry, ast.Constant)
        assert dry.value is True
    assert "{{" not in step["inputs"]["Script"]
    assert step["maxAttempts"] == 1


def test_it_takes_what_the_adapter_hands_on_and_nothing_that_is_no_id() -> None:
    parameters = RUNBOOK["parameters"]
    assert set(parameters) == {*HANDED_ON, "Calls", "AutomationAssumeRole"}
    assert parameters["Calls"]["allowedValues"] == list(TRIED)
    for name in HANDED_ON:
        pattern = parameters[name]["allowedPattern"]
        assert pattern.startswith("^")
        assert pattern.endswith("$")
        assert not any(re.fullmatch(pattern, bad) for bad in ("*", "", "i-1; reboot", "{{ global:REGION }}", "i-0123456789abcdef0\nx"))


def test_it_says_what_ec2_says_of_each_call() -> None:
    """Behind the door there is nobody: a call that were not dry would be no answer of EC2's."""
    with Server({"": Door(NOBODY)}) as server:
        simulator = Simulator(_Alone(server.url), Pace(between_steps_seconds=0.0))
        simulator.create_document({"Name": DOCUMENT, "Content": TEXT})
        role = {"AutomationAssumeRole": ["arn:aws:iam::123456789012:role/watchkeeper-runbook-ec2-restart"]}
        simulator.start_automation_execution({"DocumentName": DOCUMENT, "Parameters": {**NAMED, **role, "Calls": list(TRIED)}})
        [execution] = simulator.executions
        deadline = time.monotonic() + 20
        while execution.status not in ENDED and time.monotonic() < deadline:
            time.sleep(0.01)
    assert (execution.status, execution.failure) == ("Success", "")
    assert execution.outputs == {"rehearse.Said": [", ".join(f"{call} DryRunOperation" for call in TRIED)]}


class _Alone(Account):
    """An account in which whoever asks is every role."""

    def role(self, arn: str, session: str) -> "_Alone":
        return self
