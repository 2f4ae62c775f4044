"""The desk at which deploy.sh is tried."""

import json
import shutil
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.standins.http import Server
from tests.fakes.template import ROOT
from tests.template.desk import DOOR_KEY, DOOR_SECRET, RECORDER, Desk, Door


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    for name in ("deploy.sh", "samconfig.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "bin").mkdir()
    for name in ("aws", "sam", "make"):
        program = tmp_path / "bin" / name
        program.write_text(RECORDER.format(python=sys.executable))
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
    (tmp_path / "bin" / "python3").symlink_to(sys.executable)
    door = Door()
    with Server({"v1": door}) as server:
        outputs = {
            "ApiUrl": f"{server.url}/v1", "ApiKeyId": "key-id", "WebhookSecretArn": "arn:webhook", "ClaudeSecretArn": "arn:claude",
            "ToolsSecretArn": "arn:tools", "RunbookSecretArn": "arn:runbooks",
            "ToolboxSecretArn": "arn:a-box", "ConsoleSecretArn": "arn:console",
            "ChannelsSecretArn": "arn:channels", "AlertTopicArn": "arn:aws:sns:eu-west-1:123456789012:alerts",
        }  # fmt: skip
        answers = {
            "aws configure get region": ("eu-west-1\n", 0),
            "aws sts get-caller-identity": ("123456789012\n", 0),
            "aws cloudformation describe-stacks": (json.dumps([{"OutputKey": k, "OutputValue": v} for k, v in outputs.items()]), 0),
            "aws secretsmanager get-secret-value --secret-id arn:webhook": (json.dumps({"generic": DOOR_SECRET}) + "\n", 0),
            "aws secretsmanager get-secret-value --secret-id arn:channels": ('{"jira_email": "ops@example.com"}\n', 0),
            "aws secretsmanager get-secret-value --secret-id arn:claude": ("{}\n", 0),
            "aws secretsmanager get-secret-value --secret-id arn:tools": ("{}\n", 0),
            "aws secretsmanager get-secret-value --secret-id arn:runbooks": ("{}\n", 0),
            "aws secretsmanager get-secret-value --secret-id arn:a-box": ("{}\n", 0),
            "aws secretsmanager get-secret-value --secret-id arn:console": ('{"api_token_ann": "kept"}\n', 0),
            "aws secretsmanager put-secret-value": ("version\n", 0),
            "aws apigateway get-api-key": (DOOR_KEY + "\n", 0),
        }
        yield Desk(tmp_path, door, answers)
