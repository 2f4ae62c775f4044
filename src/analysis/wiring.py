"""Puts analysis together, once per cold start. Nothing else here reads the environment or makes a client."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import boto3

from analysis.evidence.ask import Clients
from analysis.instructions import withheld
from analysis.thinking.assembled import Assembled
from analysis.thinking.mcp_tools import mcp_tools
from analysis.thinking.thinker import Thinker
from analysis.thought import Matter, Thought
from claude.client import Claude
from mcp_client.servers import Servers
from watchkeeper.ids import now
from watchkeeper.inbox import Inbox, SqsInbox
from watchkeeper.mcp_servers import mcp_servers
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
from watchkeeper.team import Services, StandingOrders, services, standing_orders

Think = Callable[[Matter, Callable[[], float]], Thought]


@dataclass(frozen=True)
class Wiring:
    settings: AnalysisSettings
    incidents: Incidents
    publisher: Publisher
    cache: AnalysisCache
    blobs: Blobs
    inbox: Inbox
    think: Think
    client: Clients
    redact: Callable[[str], str]
    services: Callable[[], Services]
    tokens: Callable[[], dict[str, str]]
    orders_version: Callable[[], str]
    mcp: Servers = field(default_factory=Servers)
    orders: Callable[[], StandingOrders] = standing_orders
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
    redact = Redactor((settings.stack_id or settings.stack).encode())
    budget = DynamoBudget(dynamodb, settings.analyses_table, now)
    thinker = Thinker(claude, budget, settings, redact, thinking=lambda: standing_orders().thinking, withhold=withheld)
    return Wiring(
        settings=settings,
        incidents=incidents,
        publisher=Publisher(incidents, SqsOutbox(sqs, urls, blobs), S3Anchors(s3, settings.bucket, now, settings.anchor_days)),
        cache=DynamoAnalyses(dynamodb, settings.analyses_table, now, timedelta(hours=settings.cache_hours)),
        blobs=blobs,
        inbox=SqsInbox(sqs, settings.analysis_queue_url),
        think=Assembled(thinker, blobs, more=mcp_tools),
        client=aws_clients(),
        redact=redact,
        services=services,
        tokens=lambda: secrets.get(settings.tools_secret_id),
        orders_version=lambda: standing_orders().version,
        mcp=Servers(mcp_servers, lambda: secrets.get(settings.tools_secret_id)),
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
