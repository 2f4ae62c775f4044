"""Puts remediation together, once per cold start. Nothing else here reads the environment or makes a client."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any

from botocore.session import get_session

from remediation.abroad import HOME_ALONE, Abroad
from remediation.alarms import CloudWatchAlarms
from remediation.automation import FromStack, SsmAutomation
from remediation.calendars import ChangeCalendars
from remediation.guardian import ONCE, LambdaGuardian
from remediation.inventory import AwsInventory
from remediation.ports import Alarms, Automation, Guardian, Inventory, Rehearsals
from remediation.rehearsing import AwsRehearsals
from remediation.rehearsing.trial import Means
from remediation.spokes import Session, Spokes, accounts_of
from remediation.terms import Terms
from watchkeeper import team
from watchkeeper.actions import Action, catalogue
from watchkeeper.ids import Clock, now
from watchkeeper.inbox import Inbox, SqsInbox
from watchkeeper.messages import Queue
from watchkeeper.models import Incident, Resource
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
    abroad: Abroad = HOME_ALONE

    def reach(self, incident: Incident, action: Action, start: Resource) -> Sequence[Resource]:
        """What this action could be done to, reached from there, where that is; Permanent where the inventory may not be asked."""
        return self.there(incident, action, start).inventory.reach(action.target_type, start)

    def there(self, incident: Incident, action: Action | None, target: Resource | None) -> "Wiring":
        """The same, where this target is: in a spoke with what a session for this action's plan may do, else at home."""
        if action is None or target is None:
            return self
        ground = self.abroad.ground(incident, action, target)
        if ground is None:
            return self
        return replace(self, inventory=ground.inventory, automation=ground.automation, alarms=ground.alarms, region=ground.region)


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
    filled = from_stack(catalogue(), settings)
    incidents = DynamoIncidents(client("dynamodb"), settings.incidents_table, settings.audit_table)
    blobs = S3Blobs(client("s3"), settings.bucket)
    urls = {Queue.DISTRIBUTION: settings.distribution_queue_url, Queue.REMEDIATION: settings.remediation_queue_url}
    anchors = S3Anchors(client("s3"), settings.bucket, now, settings.anchor_days)
    return Wiring(
        incidents=incidents,
        publisher=Publisher(incidents, SqsOutbox(client("sqs"), urls, blobs), anchors),
        switch=DynamoKillSwitch(client("dynamodb"), settings.incidents_table),
        inventory=AwsInventory(partial(_looking, settings)),
        automation=SsmAutomation(client("ssm"), settings.runbook_prefix, settings.runbook_role_prefix, filled, now),
        alarms=CloudWatchAlarms(client("cloudwatch")),
        inbox=SqsInbox(client("sqs"), settings.remediation_queue_url),
        blobs=blobs,
        rehearsals=AwsRehearsals(
            Means(client, settings.runbook_prefix, settings.runbook_role_prefix, time.monotonic, time.sleep, filled, settings.aws_region)
        ),
        guardian=_guardian(settings),
        abroad=_abroad(settings, filled),
        orders=team.standing_orders,
        people=people,
        calendars=ChangeCalendars(client),
        catalogue=catalogue,
        terms=_terms(settings),
        clock=now,
        accounts=frozenset({account_of(settings.runbook_role_prefix)}) | accounts_of(settings.spoke_accounts),
        region=settings.aws_region,
    )


def _terms(settings: RemediationSettings) -> Terms:
    return Terms(
        timedelta(minutes=settings.approval_minutes),
        timedelta(seconds=settings.observe_seconds),
        settings.runbook_prefix,
        timedelta(seconds=settings.verify_seconds),
    )


def _guardian(settings: RemediationSettings) -> LambdaGuardian:
    """With a client that asks once, and the day's purse."""
    purse = DynamoBudget(client("dynamodb"), settings.analyses_table, now)
    asks = session().create_client("lambda", config=ONCE)
    return LambdaGuardian(
        asks, settings.guardian_function, purse, settings.guardian_budget_per_day_usd, now, settings.guardian_ask_usd
    )  # fmt: skip


def from_stack(actions: Mapping[str, Action], settings: RemediationSettings) -> dict[str, dict[str, str]]:
    """The parameters that no plan names, for each action that wants some; one without a value keeps its runbook's default."""
    known = {
        "GithubApiUrl": settings.github_api_url,
        "SecretId": settings.runbook_secret_id,
        "ToolboxFunction": settings.toolbox_function,
        "DistributionQueueUrl": settings.distribution_queue_url,
    }
    filled = {name: {one: known[one] for one in action.from_stack if known[one]} for name, action in actions.items()}
    return {name: values for name, values in filled.items() if values}


def _abroad(settings: RemediationSettings, filled: FromStack) -> Abroad:
    """The spokes, where the team has named any."""
    accounts = accounts_of(settings.spoke_accounts)
    if not accounts:
        return HOME_ALONE
    partition = settings.runbook_role_prefix.split(":")[1]
    spokes = Spokes(
        client("sts"),
        f"arn:{partition}:iam::{{account}}:role/{settings.spoke_role_name}",
        lambda: _secrets().get(settings.spoke_external_id_secret).get("spoke_external_id", ""),
        now,
        accounts,
        _client_in,
    )
    return Abroad(spokes, accounts, settings.aws_region, settings.runbook_prefix, settings.runbook_role_prefix, filled)


def _client_in(service: str, region: str, lent: Session) -> Any:
    """A client with what a plan was lent in another account."""
    keys = {"aws_access_key_id": lent.key, "aws_secret_access_key": lent.secret, "aws_session_token": lent.token}
    return session().create_client(service, region_name=region, config=QUICK, **keys)


@cache
def _looking(settings: RemediationSettings, service: str) -> Any:
    """What the inventory looks with: AWS for all but three, each of which is made when something of it is first looked at."""
    make = {"github": _github, "mcp": _mcp, "incidents": _incidents}.get(service)
    return make(settings) if make else client(service)


def _github(settings: RemediationSettings) -> Any:
    """With the token that may only read."""
    from remediation.github import GitHub  # here, as in the next one, so that no other incident pays for its import

    return GitHub(settings.github_api_url, lambda: _secrets().get(settings.tools_secret_id).get("github_token", ""))


def _mcp(settings: RemediationSettings) -> Any:
    """The servers of mcp-servers.yaml, for their read tools."""
    from mcp_client.servers import Servers
    from watchkeeper.mcp_servers import mcp_servers

    return Servers(mcp_servers, lambda: _secrets().get(settings.tools_secret_id))


def _incidents(settings: RemediationSettings) -> Any:
    return DynamoIncidents(client("dynamodb"), settings.incidents_table, settings.audit_table)


@cache
def _secrets() -> Any:
    from watchkeeper.storage.secrets import SecretsManager

    return SecretsManager(client("secretsmanager"))


def account_of(arn: str) -> str:
    """The account that an ARN names; empty where it is none."""
    parts = arn.split(":")
    return parts[4] if len(parts) > 5 else ""
