"""Puts the console together, once per cold start. Nothing else here reads the environment or makes a client."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any, Protocol

from botocore.session import get_session

from console.whispers import SlackWhispers
from watchkeeper.ids import Clock, now
from watchkeeper.messages import Queue
from watchkeeper.people import People, people
from watchkeeper.ports import Incidents, Outbox, Secrets
from watchkeeper.publish import Publisher
from watchkeeper.settings import ConsoleSettings
from watchkeeper.storage.analyses import DynamoAnalyses
from watchkeeper.storage.aws import QUICK
from watchkeeper.storage.blobs import S3Anchors, S3Blobs
from watchkeeper.storage.incidents import DynamoIncidents
from watchkeeper.storage.queues import SqsOutbox
from watchkeeper.storage.secrets import SecretsManager
from watchkeeper.storage.switch import DynamoKillSwitch

Whisper = Callable[[str, str, float], None]


class Stopping(Protocol):
    """The half of the kill switch that is in reach here."""

    def throw(self, who: str, why: str) -> None:
        """No action starts from now on."""


@dataclass(frozen=True)
class Wiring:
    """All that the console needs of the world. `forget` takes a signature out of the analyses' cache, `lock` denies every role that
    acts, and says what it could not."""

    settings: ConsoleSettings
    incidents: Incidents
    publisher: Publisher
    outbox: Outbox
    secrets: Secrets
    people: Callable[[], People]
    switch: Stopping
    lock: Callable[[], list[str]]
    forget: Callable[[str], None]
    whisper: Whisper
    clock: Clock


@cache
def wiring() -> Wiring:
    settings = ConsoleSettings.from_env()
    dynamodb, s3 = _client("dynamodb"), _client("s3")
    incidents = DynamoIncidents(dynamodb, settings.incidents_table, settings.audit_table)
    urls = {Queue.REMEDIATION: settings.remediation_queue_url, Queue.DISTRIBUTION: settings.distribution_queue_url}
    outbox = SqsOutbox(_client("sqs"), urls, S3Blobs(s3, settings.bucket))
    return Wiring(
        settings=settings,
        incidents=incidents,
        publisher=Publisher(incidents, outbox, S3Anchors(s3, settings.bucket, now, settings.anchor_days)),
        outbox=outbox,
        secrets=SecretsManager(_client("secretsmanager")),
        people=people,
        switch=DynamoKillSwitch(dynamodb, settings.incidents_table),
        lock=lambda: _locked(settings),
        forget=DynamoAnalyses(dynamodb, settings.analyses_table, now, timedelta(0)).forget,
        whisper=SlackWhispers(settings.slack_hooks_url),
        clock=now,
    )


def _locked(settings: ConsoleSettings) -> list[str]:
    """Every role of the catalogue that this code was deployed with, and first the one that starts them."""
    from watchkeeper.actions import catalogue  # only whoever stops everything needs the names of all that acts
    from watchkeeper.lockdown import Lockdown, role_name

    if not settings.stop_policy_arn:
        return ["IAM: this stack has no stop policy"]
    lent = [f"{role_name(settings.runbook_role_prefix)}-{name}" for name in sorted(catalogue())]
    return Lockdown(_client("iam"), settings.stop_policy_arn, [role_name(settings.remediation_role_arn), *lent]).down()


def _client(service: str) -> Any:
    """botocore's own client, which boto3 wraps: without boto3's resources a cold start is shorter."""
    return get_session().create_client(service, config=QUICK)
