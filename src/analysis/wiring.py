"""Puts analysis together, once per cold start. Nothing else here reads the environment or makes a client."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import boto3

from analysis.case import Case
from analysis.evidence.ask import Clients
from analysis.opinion import Opinion
from analysis.reasoner import Reasoner, Second
from claude.client import Claude
from watchkeeper.ids import now
from watchkeeper.inbox import Inbox, SqsInbox
from watchkeeper.messages import Queue
from watchkeeper.ports import AnalysisCache, Blobs, Incidents
from watchkeeper.publish import Publisher
from watchkeeper.redaction import Redactor
from watchkeeper.settings import AnalysisSettings
from watchkeeper.storage.analyses import DynamoAnalyses, DynamoBudget
from watchkeeper.storage.aws import QUICK
from watchkeeper.storage.blobs import S3Anchors, S3Blobs
from watchkeeper.storage.incidents import DynamoIncidents
from watchkeeper.storage.queues import SqsOutbox
from watchkeeper.storage.secrets import SecretsManager
from watchkeeper.team import Services, services, standing_orders

Reason = Callable[[Case, Opinion, Callable[[], float]], Second]


@dataclass(frozen=True)
class Wiring:
    settings: AnalysisSettings
    incidents: Incidents
    publisher: Publisher
    cache: AnalysisCache
    blobs: Blobs
    inbox: Inbox
    reason: Reason
    client: Clients
    redact: Callable[[str], str]
    services: Callable[[], Services]
    orders_version: Callable[[], str]
    clock: Callable[[], datetime] = now
    ticks: Callable[[], float] = time.monotonic
    pause: Callable[[float], None] = time.sleep


@cache
def wiring() -> Wiring:
    settings = AnalysisSettings.from_env()
    dynamodb = boto3.client("dynamodb", config=QUICK)
    sqs = boto3.client("sqs", config=QUICK)
    s3 = boto3.client("s3", config=QUICK)
    incidents = DynamoIncidents(dynamodb, settings.incidents_table, settings.audit_table)
    blobs = S3Blobs(s3, settings.bucket)
    urls = {Queue.REMEDIATION: settings.remediation_queue_url, Queue.DISTRIBUTION: settings.distribution_queue_url}
    secrets = SecretsManager(boto3.client("secretsmanager", config=QUICK))
    claude = Claude(
        settings.claude_provider, lambda: secrets.get(settings.claude_secret_id).get("anthropic_api_key", ""), settings.aws_region
    )
    return Wiring(
        settings=settings,
        incidents=incidents,
        publisher=Publisher(incidents, SqsOutbox(sqs, urls, blobs), S3Anchors(s3, settings.bucket, now, settings.anchor_days)),
        cache=DynamoAnalyses(dynamodb, settings.analyses_table, now, timedelta(hours=settings.cache_hours)),
        blobs=blobs,
        inbox=SqsInbox(sqs, settings.analysis_queue_url),
        reason=Reasoner(claude, DynamoBudget(dynamodb, settings.analyses_table, now), settings),
        client=aws_clients(),
        redact=Redactor((settings.stack_id or settings.stack).encode()),
        services=services,
        orders_version=lambda: standing_orders().version,
    )


def aws_clients() -> Clients:
    """One client for each service and region, made when first asked for. Making one is not safe in two threads at once."""
    made: dict[tuple[str, str], Any] = {}
    lock = threading.Lock()

    def client(service: str, region: str) -> Any:
        with lock:
            if (service, region) not in made:
                made[service, region] = boto3.client(service, region_name=region, config=QUICK)
            return made[service, region]

    return client
