"""Puts the toolbox together, once per cold start. Nothing else here reads the environment or makes a client."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from botocore.session import get_session

from mcp_client.servers import Servers
from toolbox.journal import DynamoJournal, Journal
from watchkeeper.ids import now
from watchkeeper.mcp_servers import mcp_servers
from watchkeeper.redaction import Redactor
from watchkeeper.settings import ToolboxSettings
from watchkeeper.storage.aws import QUICK
from watchkeeper.storage.secrets import SecretsManager


@dataclass(frozen=True)
class Wiring:
    servers: Servers
    journal: Journal
    redact: Callable[[str], str]


@cache
def wiring() -> Wiring:
    settings, session = ToolboxSettings.from_env(), get_session()
    secrets = SecretsManager(session.create_client("secretsmanager", config=QUICK))
    return Wiring(
        servers=Servers(mcp_servers, lambda: secrets.get(settings.toolbox_secret_id)),
        journal=DynamoJournal(session.create_client("dynamodb", config=QUICK), settings.incidents_table, now),
        redact=Redactor((settings.stack_id or settings.stack).encode()),
    )
