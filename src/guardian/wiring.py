"""Puts the guardian together, once per cold start. Nothing else here reads the environment or makes a client.

It has a model and its key: no table, no queue, no bucket. Money is counted by who asks.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from botocore.session import get_session

from claude.client import Claude
from claude.question import Question, Said, T
from watchkeeper.settings import GuardianSettings
from watchkeeper.storage.aws import QUICK
from watchkeeper.storage.secrets import SecretsManager


class Model(Protocol):
    """Claude, or a fake of it."""

    def ready(self) -> None:
        """Raises NotAsked when asking is pointless."""

    def ask(self, question: Question[T], seconds: float) -> Said[T]:
        """The answer within that time, or a ClaudeFailed."""


@dataclass(frozen=True)
class Wiring:
    settings: GuardianSettings
    claude: Model
    has_key: Callable[[], bool]


@cache
def wiring() -> Wiring:
    settings = GuardianSettings.from_env()
    secrets = SecretsManager(get_session().create_client("secretsmanager", config=QUICK))

    def key() -> str:
        return secrets.get(settings.claude_secret_id).get("anthropic_api_key", "")

    return Wiring(
        settings=settings,
        claude=Claude(settings.claude_provider, key, settings.aws_region),
        has_key=lambda: settings.claude_provider == "bedrock" or bool(key()),
    )
