"""aws:executeScript: a script of a runbook runs for real, with what the runbook gives it and nothing of this machine."""

import json
import os
from typing import Any

import pytest

from local.aws import Account, Credentials
from tests.unit.local.pretended import Run, runbook


def script(text: str, **more: Any) -> dict[str, Any]:
    inputs = {"Runtime": "python3.11", "Handler": "work", "InputPayload": {"Who": "{{ Who }}"}, "Script": text}
    outputs = [{"Name": "Said", "Selector": "$.Payload.Said", "Type": "String"}]
    return {"name": "work", "action": "aws:executeScript", "inputs": inputs | more.pop("inputs", {}), "outputs": outputs, **more}


def ran(step: dict[str, Any]) -> Run:
    return Run(runbook(step, parameters={"Who": {"type": "String"}}, outputs=["work.Said"]), parameters={"Who": ["ada"]})


def test_what_it_returns_is_its_output_and_what_it_prints_is_not() -> None:
    found = ran(script('def work(events, context):\n    print("aside")\n    return {"Said": "hello " + events["Who"]}'))
    assert (found.status, found.execution.outputs) == ("Success", {"work.Said": ["hello ada"]})


def test_in_the_journal_it_is_one_effect() -> None:
    found = ran(script("def work(events, context):\n    return {}"))
    [effect] = found.journal.effects
    assert (effect.service, effect.api, effect.parameters) == ("script", "work", {"Who": "ada"})


def test_its_environment_is_the_runbooks_role_and_nothing_else() -> None:
    os.environ["OF_THIS_MACHINE"] = "secret"
    try:
        found = ran(script("import os, json\ndef work(events, context):\n    return {'Said': json.dumps(dict(os.environ))}"))
    finally:
        del os.environ["OF_THIS_MACHINE"]
    seen = json.loads(found.execution.outputs["work.Said"][0])
    assert set(seen) - {"LC_CTYPE"} == {"PRETENDED"}  # Python sets LC_CTYPE itself where there is no locale


def test_a_role_is_in_the_environment_with_its_token_and_no_profile_is_read() -> None:
    given = Account("http://127.0.0.1:1", Credentials("AKIA", "s", "t")).environment()
    assert (given["AWS_ENDPOINT_URL"], given["AWS_SESSION_TOKEN"], given["AWS_CONFIG_FILE"]) == ("http://127.0.0.1:1", "t", os.devnull)
    assert "AWS_SESSION_TOKEN" not in Account("http://127.0.0.1:1").environment()


@pytest.mark.parametrize(
    ("text", "status", "failure"),
    [
        pytest.param("def work(e, c):\n    raise RuntimeError('no such thing')", "Failed", "RuntimeError: no such thing", id="raises"),
        pytest.param("def other(e, c):\n    return {}", "Failed", "KeyError: 'work'", id="no handler of that name"),
        pytest.param("def work(e, c)\n    return {}", "Failed", "SyntaxError", id="no Python"),
        pytest.param("def work(e, c):\n    return {'Said': object()}", "Failed", "not JSON serializable", id="not JSON"),
        pytest.param("def work(e, c):\n    return {'Said': 'x' * 200_000}", "Failed", "100000 are allowed", id="too long"),
        pytest.param("import time\ndef work(e, c):\n    time.sleep(9)", "TimedOut", "not over within", id="too slow"),
    ],
)
def test_it_fails_as_the_step_of_its_runbook(text: str, status: str, failure: str) -> None:
    found = ran(script(text, timeoutSeconds=0.6 if status == "TimedOut" else 10))
    assert (found.status, failure in found.failure) == (status, True), found.failure
    assert found.journal.effects == ()


def test_another_language_is_refused() -> None:
    found = ran(script("x", inputs={"Runtime": "PowerShell 7.4"}))
    assert "Python scripts only" in found.failure
