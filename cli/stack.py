"""A stack that runs, on AWS or as `make demo` on this machine: where it is, what its outputs are, and its adapters."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from cli.trouble import Trouble
from watchkeeper.ids import now
from watchkeeper.messages import Queue
from watchkeeper.settings import CliSettings
from watchkeeper.storage.analyses import DynamoAnalyses
from watchkeeper.storage.blobs import S3Anchors, S3Blobs
from watchkeeper.storage.incidents import DynamoIncidents
from watchkeeper.storage.mutes import DynamoMutes
from watchkeeper.storage.queues import SqsOutbox
from watchkeeper.storage.switch import DynamoKillSwitch

ROOT = Path(__file__).parents[1]
LAPTOP = ROOT / ".work" / "stack.json"
KEPT = timedelta(hours=24)
PATIENT = Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "max_attempts": 2})
OUTPUTS = {
    "incidents_table": "IncidentsTableName",
    "audit_table": "AuditTableName",
    "bucket": "BucketName",
    "intake_queue_url": "IntakeQueueUrl",
    "analysis_queue_url": "AnalysisQueueUrl",
    "remediation_queue_url": "RemediationQueueUrl",
    "distribution_queue_url": "DistributionQueueUrl",
}


@dataclass(frozen=True)
class Choice:
    """What the person named on the command line; empty where they named nothing."""

    stack: str = ""
    region: str = ""
    profile: str = ""
    endpoint_url: str = ""

    @property
    def anything(self) -> bool:
        return bool(self.stack or self.region or self.profile or self.endpoint_url)


class Stack:
    """Everything that a command may need of a stack; each part is made when it is first asked for."""

    def __init__(self, session: Any, outputs: Mapping[str, str], name: str, endpoint_url: str = "") -> None:
        self._session, self.outputs, self.name, self.endpoint_url = session, outputs, name, endpoint_url

    def client(self, service: str) -> Any:
        return self._session.client(service, endpoint_url=self.endpoint_url or None, config=PATIENT)

    def aws(self) -> str:
        """How the AWS command line is told where this stack is. Keys are shown only where they are an emulator's."""
        said = f"aws --region {self._session.region_name}"
        if not self.endpoint_url:
            return said + (f" --profile {self._session.profile_name}" if self._session.profile_name != "default" else "")
        key = self._session.get_credentials()
        return f"AWS_ACCESS_KEY_ID={key.access_key} AWS_SECRET_ACCESS_KEY={key.secret_key} {said} --endpoint-url {self.endpoint_url}"

    def output(self, name: str) -> str:
        """One of the stack's outputs; Trouble names the one that is missing."""
        if not self.outputs.get(name):
            raise Trouble(
                f"{self.name} has no output {name}", "it is another stack, or an older one", "deploy it again: ./deploy.sh --help"
            )
        return self.outputs[name]

    @cached_property
    def settings(self) -> CliSettings:
        return CliSettings.from_env({field.upper(): self.output(name) for field, name in OUTPUTS.items()})

    @cached_property
    def incidents(self) -> DynamoIncidents:
        return DynamoIncidents(self.client("dynamodb"), self.settings.incidents_table, self.settings.audit_table)

    @cached_property
    def switch(self) -> DynamoKillSwitch:
        return DynamoKillSwitch(self.client("dynamodb"), self.settings.incidents_table)

    @cached_property
    def mutes(self) -> DynamoMutes:
        return DynamoMutes(self.client("dynamodb"), self.settings.incidents_table)

    @cached_property
    def analyses(self) -> DynamoAnalyses:
        return DynamoAnalyses(self.client("dynamodb"), self.output("AnalysesTableName"), now, KEPT)

    @cached_property
    def blobs(self) -> S3Blobs:
        return S3Blobs(self.client("s3"), self.settings.bucket)

    @cached_property
    def anchors(self) -> S3Anchors:
        return S3Anchors(self.client("s3"), self.settings.bucket, now, self.settings.anchor_days)

    @cached_property
    def outbox(self) -> SqsOutbox:
        settings = self.settings
        urls = {
            Queue.ANALYSIS: settings.analysis_queue_url,
            Queue.REMEDIATION: settings.remediation_queue_url,
            Queue.DISTRIBUTION: settings.distribution_queue_url,
        }
        return SqsOutbox(self.client("sqs"), urls, self.blobs)

    def who(self) -> str:
        """Who these credentials are, as AWS says."""
        arn: str = self.client("sts").get_caller_identity()["Arn"]
        return arn

    def secret(self, output: str) -> dict[str, str]:
        """The values of one of the stack's secrets; empty where none were put yet."""
        try:
            value = self.client("secretsmanager").get_secret_value(SecretId=self.output(output))["SecretString"]
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFoundException":
                return {}
            raise
        try:
            pairs = json.loads(value)
        except json.JSONDecodeError as error:
            raise Trouble(f"the secret behind {output} is not JSON", "nobody can read it", "put it anew: ./deploy.sh --help") from error
        return {key: text for key, text in pairs.items() if isinstance(text, str) and text}


def open_stack(choice: Choice, laptop: Path = LAPTOP, sessions: Callable[..., Any] = boto3.session.Session) -> Stack:
    """The stack that was named; with nothing named the one that `make demo` runs here, else `watchkeeper` on AWS."""
    if not choice.anything and laptop.is_file():
        return _on_this_machine(laptop)
    key = {"aws_access_key_id": "test", "aws_secret_access_key": "test"} if choice.endpoint_url and not choice.profile else {}
    session = sessions(profile_name=choice.profile or None, region_name=choice.region or None, **key)
    name = choice.stack or "watchkeeper"
    client = session.client("cloudformation", endpoint_url=choice.endpoint_url or None, config=PATIENT)
    try:
        found = client.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ValidationError":
            raise
        todo = "name it with --stack, and its region with --region; or start one here with: make demo"
        raise Trouble(f"no stack {name} in {session.region_name}", "it has another name, is elsewhere, or is not deployed", todo) from error
    outputs = {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}
    return Stack(session, outputs, name, choice.endpoint_url)


def _on_this_machine(path: Path) -> Stack:
    try:
        said = json.loads(path.read_text())
        session = boto3.session.Session(
            aws_access_key_id=said.get("access_key_id", "test"),
            aws_secret_access_key=said.get("secret_access_key", "test"),
            region_name=said["region"],
        )
        return Stack(session, said["outputs"], "the laptop stack", said["endpoint_url"])
    except (json.JSONDecodeError, KeyError, AttributeError) as error:
        raise Trouble(f"{path} cannot be read", "a make demo left it half written", "remove it, then: make demo") from error
