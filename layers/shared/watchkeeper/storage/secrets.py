"""Secrets by name, kept in memory for five minutes, and read past that when somebody has cause to doubt them."""

import json
import time
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.utilities.parameters import GetParameterError, SecretsProvider

from watchkeeper.errors import Misconfigured, NotAllowed
from watchkeeper.storage.aws import denied

MAX_AGE_SECONDS = 300
RENEW_SECONDS = 30


class SecretsManager:
    """The Secrets port. A secret is a JSON object of text values."""

    def __init__(self, client: Any, seconds: Callable[[], float] = time.monotonic) -> None:
        self._provider = SecretsProvider(boto3_client=client)
        self._seconds = seconds
        self._renewed_at: dict[str, float] = {}

    def get(self, name: str) -> dict[str, str]:
        return self._read(name, past_the_cache=False)

    def renewed(self, name: str) -> dict[str, str]:
        """Counts from the attempt: a store that fails is not asked more often than one that answers."""
        now = self._seconds()
        due = now - self._renewed_at.get(name, -RENEW_SECONDS) >= RENEW_SECONDS
        if due:
            self._renewed_at[name] = now
        return self._read(name, past_the_cache=due)

    def _read(self, name: str, *, past_the_cache: bool) -> dict[str, str]:
        if not name:
            return {}
        try:
            value: Any = self._provider.get(name, max_age=MAX_AGE_SECONDS, force_fetch=past_the_cache)
            pairs = json.loads(value)
        except GetParameterError as error:
            if denied(error.__context__):  # what Powertools met
                raise NotAllowed("secretsmanager:GetSecretValue", name) from error
            raise Misconfigured(f"secret {name} cannot be read: {error}") from error
        except json.JSONDecodeError as error:
            raise Misconfigured(f"secret {name} is not a JSON object") from error
        return {key: text for key, text in pairs.items() if isinstance(text, str) and text}
