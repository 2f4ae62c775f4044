"""Puts distribution together, once per cold start. Nothing else here reads the environment or makes a client."""

from dataclasses import dataclass
from functools import cache

import boto3
from botocore.config import Config

from distribution.ledger import Ledger
from distribution.place import Means
from distribution.record import MessageRecord
from distribution.web import Web
from watchkeeper.ids import Clock, now
from watchkeeper.inbox import Inbox, SqsInbox
from watchkeeper.messages import Queue
from watchkeeper.ports import Anchors, Blobs, Incidents, Outbox
from watchkeeper.settings import DistributionSettings
from watchkeeper.storage.aws import QUICK
from watchkeeper.storage.blobs import S3Anchors, S3Blobs
from watchkeeper.storage.incidents import DynamoIncidents
from watchkeeper.storage.queues import SqsOutbox
from watchkeeper.storage.secrets import SecretsManager
from watchkeeper.team import Channels, channels, services

ONCE = Config(connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 1})
"""For mails: a call that is tried again by itself after a timeout may send a second one."""


@dataclass(frozen=True)
class Wiring:
    incidents: Incidents
    outbox: Outbox
    inbox: Inbox
    blobs: Blobs
    channels: Channels
    means: Means
    anchors: Anchors
    clock: Clock

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.incidents, self.clock)

    @property
    def record(self) -> MessageRecord:
        return MessageRecord(self.incidents, self.anchors, self.clock)


@cache
def wiring() -> Wiring:
    settings = DistributionSettings.from_env()
    sqs = boto3.client("sqs", config=QUICK)
    s3 = boto3.client("s3", config=QUICK)
    blobs = S3Blobs(s3, settings.bucket)
    means = Means(
        settings=settings,
        secrets=SecretsManager(boto3.client("secretsmanager", config=QUICK)),
        services=services(),
        web=Web(now),
        mail=cache(lambda: boto3.client("ses", config=ONCE)),
    )
    return Wiring(
        incidents=DynamoIncidents(boto3.client("dynamodb", config=QUICK), settings.incidents_table, settings.audit_table),
        outbox=SqsOutbox(sqs, {Queue.DISTRIBUTION: settings.distribution_queue_url}, blobs),
        inbox=SqsInbox(sqs, settings.distribution_queue_url),
        blobs=blobs,
        channels=channels(),
        means=means,
        anchors=S3Anchors(s3, settings.bucket, now, settings.anchor_days),
        clock=now,
    )
