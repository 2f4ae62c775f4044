"""Puts reception together, once per cold start. Nothing else here reads the environment or makes a client."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.shared.functions import get_tracer_id
from botocore.session import get_session

from reception.resources import Place
from watchkeeper.errors import Misconfigured
from watchkeeper.ids import Clock, now
from watchkeeper.inbox import Inbox, SqsInbox
from watchkeeper.messages import Queue
from watchkeeper.ports import Blobs, Incidents, Outbox, Secrets
from watchkeeper.publish import Publisher
from watchkeeper.redaction import Redactor
from watchkeeper.settings import ReceptionSettings
from watchkeeper.storage.aws import QUICK
from watchkeeper.storage.blobs import S3Anchors, S3Blobs
from watchkeeper.storage.incidents import DynamoIncidents
from watchkeeper.storage.queues import SqsOutbox
from watchkeeper.telemetry import logger

if TYPE_CHECKING:
    from reception.enrichment import Directory
    from reception.hearing import Rules
    from watchkeeper.ports import Mutes
    from watchkeeper.quiet import Noise
    from watchkeeper.team import Services


@dataclass(frozen=True)
class Wiring:
    """All that reception needs of the world. `services` and `secrets` are asked for when they are needed and not before."""

    settings: ReceptionSettings
    incidents: Incidents
    publisher: Publisher
    outbox: Outbox
    blobs: Blobs
    inbox: Inbox
    redact: Redactor
    services: "Callable[[], Services]"
    rules: "Callable[[], Rules]"
    directory: "Callable[[], Directory]"
    secrets: Callable[[], Secrets]
    clock: Clock
    trace: Callable[[], str]

    @property
    def settle(self) -> timedelta:
        return timedelta(minutes=self.settings.settle_minutes)

    @property
    def home(self) -> Place:
        return _home(self.settings)


def _home(settings: ReceptionSettings) -> Place:
    """The account and region of this stack, for what does not say its own."""
    parts = settings.stack_id.split(":")
    return Place(account=parts[4] if len(parts) > 4 else "", region=settings.aws_region)


@cache
def wiring() -> Wiring:
    settings = ReceptionSettings.from_env()
    s3 = _client("s3")
    sqs = _client("sqs")
    blobs = S3Blobs(s3, settings.bucket)
    incidents = DynamoIncidents(_client("dynamodb"), settings.incidents_table, settings.audit_table)
    urls = {
        Queue.INTAKE: settings.intake_queue_url,
        Queue.ANALYSIS: settings.analysis_queue_url,
        Queue.REMEDIATION: settings.remediation_queue_url,
        Queue.DISTRIBUTION: settings.distribution_queue_url,
    }
    outbox = SqsOutbox(sqs, urls, blobs)
    return Wiring(
        settings=settings,
        incidents=incidents,
        publisher=Publisher(incidents, outbox, S3Anchors(s3, settings.bucket, now, settings.anchor_days)),
        outbox=outbox,
        blobs=blobs,
        inbox=SqsInbox(sqs, settings.intake_queue_url),
        redact=Redactor((settings.stack_id or settings.stack).encode()),
        services=team_services,
        rules=lambda: _rules()(),
        directory=_directory,
        secrets=_secrets,
        clock=now,
        trace=trace_id,
    )


def team_services() -> "Services":
    """config/services.yaml. A mistake in it costs alerts the name of their service, and not the watch."""
    from watchkeeper.team import Services, services  # YAML costs a sixth of what may be imported, and health checks need none

    try:
        return services()
    except Misconfigured:
        logger.exception("services.yaml cannot be read: alerts go on without their service")
        return Services()


def team_noise() -> "Noise":
    """config/noise.yaml. With a mistake in it nothing is kept quiet: that costs sleep, and the other way round it would cost the watch."""
    from watchkeeper.quiet import Noise, noise  # YAML, as above

    try:
        return noise()
    except Misconfigured:
        logger.exception("noise.yaml cannot be read: nothing is kept quiet")
        return Noise()


def trace_id() -> str:
    """X-Ray's, so that its console finds the incident; else one of the same form."""
    return get_tracer_id() or f"1-{int(now().timestamp()):08x}-{os.urandom(12).hex()}"


@cache
def _secrets() -> Secrets:
    """Only the HTTP door needs them, so only the first request there pays for the client."""
    from watchkeeper.storage.secrets import SecretsManager

    return SecretsManager(_client("secretsmanager"))


@cache
def _rules() -> "Callable[[], Rules]":
    """Only what folds needs them, as the directory: the HTTP door queues."""
    from reception.rules import CurrentRules, ssm_calendar

    return CurrentRules(team_noise, team_services, _mutes, ssm_calendar(lambda: _client("ssm")), now)


@cache
def _directory() -> "Directory":
    from reception.directory import BRIEF, AwsDirectory

    def brief(service: str, region: str) -> Any:
        return _session().create_client(service, region_name=region, config=BRIEF)

    return AwsDirectory(_home(ReceptionSettings.from_env()), brief, time.monotonic)


@cache
def _mutes() -> "Mutes":
    from watchkeeper.storage.mutes import DynamoMutes

    return DynamoMutes(_client("dynamodb"), ReceptionSettings.from_env().incidents_table)


@cache
def _session() -> Any:
    """botocore's own, which boto3 wraps: without boto3's transfer manager and resources a cold start is a sixth shorter."""
    return get_session()


def _client(service: str) -> Any:
    return _session().create_client(service, config=QUICK)
