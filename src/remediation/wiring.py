"""Puts remediation together, once per cold start. Nothing else here reads the environment or makes a client."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any

from botocore.session import get_session

from remediation.alarms import CloudWatchAlarms
from remediation.automation import SsmAutomation
from remediation.calendars import ChangeCalendars
from remediation.guardian import LambdaGuardian
from remediation.inventory import AwsInventory
from remediation.ports import Alarms, Automation, Guardian, Inventory, Rehearsals
from remediation.rehearsing import AwsRehearsals
from remediation.rehearsing.trial import Means
from remediation.terms import Terms
from watchkeeper import team
from watchkeeper.actions import Action, catalogue
from watchkeeper.errors import Permanent
from watchkeeper.ids import Clock, now
from watchkeeper.inbox import Inbox, SqsInbox
from watchkeeper.messages import Queue
from watchkeeper.models import Resource
from watchkeeper.people import People, people
from watchkeeper.ports import Blobs, Incidents, KillSwitch
from watchkeeper.publish import Publisher
from watchkeeper.settings import RemediationSettings
from watchkeeper.storage.analyses import DynamoBudget
from watchkeeper.storage.aws import QUICK
from watchkeeper.storage.blobs import S3Anchors, S3Blobs
from watchkeeper.storage.incidents import DynamoIncidents
from watchkeeper.storage.queues import SqsOutbox
from watchkeeper.storage.switch import DynamoKillSwitch


@dataclass(frozen=True)
class Wiring:
    """`accounts` and `region` are where this stack acts; `sends` the queues that it may send to."""

    incidents: Incidents
    publisher: Publisher
    switch: KillSwitch
    inventory: Inventory
    automation: Automation
    alarms: Alarms
    rehearsals: Rehearsals
    guardian: Guardian
    inbox: Inbox
    blobs: Blobs
    orders: Callable[[], team.StandingOrders]
    people: Callable[[], People]
    calendars: Callable[[Collection[str], datetime], Mapping[str, str]]
    catalogue: Callable[[], Mapping[str, Action]]
    terms: Terms
    clock: Clock
    accounts: frozenset[str]
    region: str
    sends: frozenset[Queue] = frozenset({Queue.DISTRIBUTION, Queue.REMEDIATION})

    def reach(self, kind: str, start: Resource) -> Sequence[Resource]:
        """What the inventory knows to belong to it; nothing where it may not be asked: the gate then says that there is no target."""
        try:
            return self.inventory.reach(kind, start)
        except Permanent:
            return ()


@cache
def session() -> Any:
    """botocore's own: what boto3 puts around it is not used here and costs a sixth of a cold start."""
    return get_session()


@cache
def client(service: str) -> Any:
    """Made on first use: a message that only waits for a person needs no EC2."""
    return session().create_client(service, config=QUICK)


@cache
def wiring() -> Wiring:
    settings = RemediationSettings.from_env()
    incidents = DynamoIncidents(client("dynamodb"), settings.incidents_table, settings.audit_table)
    blobs = S3Blobs(client("s3"), settings.bucket)
    urls = {Queue.DISTRIBUTION: settings.distribution_queue_url, Queue.REMEDIATION: settings.remediation_queue_url}
    anchors = S3Anchors(client("s3"), settings.bucket, now, settings.anchor_days)
    return Wiring(
        incidents=incidents,
        publisher=Publisher(incidents, SqsOutbox(client("sqs"), urls, blobs), anchors),
        switch=DynamoKillSwitch(client("dynamodb"), settings.incidents_table),
        inventory=AwsInventory(partial(_client_or_github, settings)),
        automation=SsmAutomation(client("ssm"), settings.runbook_prefix, settings.runbook_role_prefix, from_stack(catalogue(), settings)),
        alarms=CloudWatchAlarms(client("cloudwatch")),
        inbox=SqsInbox(client("sqs"), settings.remediation_queue_url),
        blobs=blobs,
        rehearsals=AwsRehearsals(Means(client, settings.runbook_prefix, settings.runbook_role_prefix, time.monotonic, time.sleep)),
        guardian=LambdaGuardian(
            client("lambda"),
            settings.guardian_function,
            DynamoBudget(client("dynamodb"), settings.analyses_table, now),
            settings.guardian_budget_per_day_usd,
            now,
        ),
        orders=team.standing_orders,
        people=people,
        calendars=ChangeCalendars(client),
        catalogue=catalogue,
        terms=Terms(timedelta(minutes=settings.approval_minutes), timedelta(seconds=settings.observe_seconds), settings.runbook_prefix),
        clock=now,
        accounts=frozenset({account_of(settings.runbook_role_prefix)}),
        region=settings.aws_region,
    )


def from_stack(actions: Mapping[str, Action], settings: RemediationSettings) -> dict[str, dict[str, str]]:
    """The parameters that no plan names, for each action that wants some; one without a value keeps its runbook's default."""
    known = {"GithubApiUrl": settings.github_api_url, "SecretId": settings.runbook_secret_id}
    return {name: {one: known[one] for one in action.from_stack if known[one]} for name, action in actions.items() if action.from_stack}


@cache
def _client_or_github(settings: RemediationSettings, service: str) -> Any:
    """What the inventory looks with: AWS, or GitHub with the token that may only read, made when a pull request is first looked at."""
    if service != "github":
        return client(service)
    from remediation.github import GitHub  # here, as the next one, so that no other incident pays for their import
    from watchkeeper.storage.secrets import SecretsManager

    secrets = SecretsManager(client("secretsmanager"))
    return GitHub(settings.github_api_url, lambda: secrets.get(settings.tools_secret_id).get("github_token", ""))


def account_of(arn: str) -> str:
    """The account that an ARN names; empty where it is none."""
    parts = arn.split(":")
    return parts[4] if len(parts) > 5 else ""
