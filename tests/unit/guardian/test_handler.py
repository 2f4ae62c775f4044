"""The handler: JSON in, JSON out, within the time of the function; and what it is put together from."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from moto import mock_aws

from guardian import handler
from guardian.wiring import wiring
from local.standins.claude import ClaudeStandIn
from tests.fakes.claude_side import standing_in
from tests.unit.guardian.plans import a_plan
from watchkeeper.models import Opinion
from watchkeeper.settings import AnalysisSettings, GuardianSettings


@dataclass
class Context:
    """As much of a context as is read."""

    milliseconds: int = 20_000
    function_name: str = "guardian"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:eu-west-1:123456789012:function:guardian"
    aws_request_id: str = "1"

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds


@pytest.fixture
def claude(monkeypatch: pytest.MonkeyPatch) -> Iterator[ClaudeStandIn]:
    """The handler as it is deployed: its settings, a secret with a key, and the stand-in where Claude would be."""
    with mock_aws(), standing_in() as (standin, url):
        given = {"AWS_DEFAULT_REGION": "eu-west-1", "CLAUDE_SECRET_ID": "claude", "ANTHROPIC_BASE_URL": url}
        for name, value in {**given, "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}.items():
            monkeypatch.setenv(name, value)
        client = boto3.client("secretsmanager", region_name="eu-west-1")
        client.create_secret(Name="claude", SecretString=json.dumps({"anthropic_api_key": "sk-test"}))
        wiring.cache_clear()
        yield standin
        wiring.cache_clear()


def invoked(event: Any, context: Context) -> Opinion:
    answer = handler.lambda_handler(event, context)  # type: ignore[arg-type]  # as much of a context as is read
    return Opinion.model_validate(json.loads(json.dumps(answer)))


def test_a_plan_becomes_an_opinion(claude: ClaudeStandIn) -> None:
    claude.behave("hesitates")
    opinion = invoked(json.loads(a_plan().model_dump_json()), Context())
    assert (opinion.objection, opinion.reasons) == ("ask", ("No model ran: the stand-in was told to object.",))
    assert opinion.usd > 0


def test_what_is_left_of_the_functions_time_is_all_that_the_model_has(claude: ClaudeStandIn) -> None:
    claude.behave("hang")
    began = time.monotonic()
    assert invoked(a_plan().model_dump(mode="json"), Context(milliseconds=2_000)).objection == "down"
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("event", [{}, {"action": "ec2-restart"}, {"Records": []}, [], None, "plan"])
def test_what_is_no_plan_is_down(claude: ClaudeStandIn, event: Any) -> None:
    assert invoked(event, Context()).objection == "down"
    assert not claude.requests


def test_an_empty_secret_is_no_guardian(claude: ClaudeStandIn) -> None:
    boto3.client("secretsmanager", region_name="eu-west-1").put_secret_value(SecretId="claude", SecretString="{}")
    assert invoked(a_plan().model_dump(mode="json"), Context()).objection == "absent"
    assert not claude.requests


def test_bedrock_needs_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("CLAUDE_PROVIDER", "bedrock")
    wiring.cache_clear()
    assert wiring().has_key()
    wiring.cache_clear()


def test_its_settings_name_nothing_where_anything_is_stored() -> None:
    """No table, queue or bucket, so that it could not even name one; and another model than the analysis has by default."""
    assert not [name for name in GuardianSettings.model_fields if any(word in name for word in ("table", "queue", "bucket"))]
    usual = {AnalysisSettings.model_fields[f"claude_{role}_model"].default for role in ("triage", "deep")}
    assert GuardianSettings.model_fields["guardian_model"].default not in usual


def test_importing_it_does_not_import_the_sdk() -> None:
    code = (
        f"import sys; sys.path[:0] = {[path for path in sys.path if path]!r}; import guardian.handler; sys.exit('anthropic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603 - our own interpreter
