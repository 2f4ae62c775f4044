"""Puts the sweeper together, once per cold start. Nothing else here reads the environment or makes a client."""

from dataclasses import dataclass
from functools import cache

from botocore.session import get_session

from watchkeeper.ids import Clock, now
from watchkeeper.messages import Queue
from watchkeeper.ports import Incidents, Outbox
from watchkeeper.publish import Publisher
from watchkeeper.settings import SweeperSettings
from watchkeeper.storage.aws import QUICK
from watchkeeper.storage.blobs import S3Anchors, S3Blobs
from watchkeeper.storage.incidents import DynamoIncidents
from watchkeeper.storage.queues import SqsOutbox


@dataclass(frozen=True)
class Wiring:
    incidents: Incidents
    publisher: Publisher
    outbox: Outbox
    clock: Clock


@cache
def wiring() -> Wiring:
    settings, session = SweeperSettings.from_env(), get_session()
    bucket = session.create_client("s3", config=QUICK)
    incidents = DynamoIncidents(session.create_client("dynamodb", config=QUICK), settings.incidents_table, settings.audit_table)
    urls = {
        Queue.INTAKE: settings.intake_queue_url,
        Queue.ANALYSIS: settings.analysis_queue_url,
        Queue.REMEDIATION: settings.remediation_queue_url,
        Queue.DISTRIBUTION: settings.distribution_queue_url,
    }
    outbox = SqsOutbox(session.create_client("sqs", config=QUICK), urls, S3Blobs(bucket, settings.bucket))
    anchors = S3Anchors(bucket, settings.bucket, now, settings.anchor_days)
    return Wiring(incidents, Publisher(incidents, outbox, anchors), outbox, now)
