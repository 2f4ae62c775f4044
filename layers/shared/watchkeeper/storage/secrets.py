"""Secrets by name, kept in memory for five minutes."""

import json
from typing import Any

from aws_lambda_powertools.utilities.parameters import GetParameterError, SecretsProvider

from watchkeeper.errors import Misconfigured

MAX_AGE_SECONDS = 300


class SecretsManager:
    """The Secrets port. A secret is a JSON object of text values."""

    def __init__(self, client: Any) -> None:
        self._provider = SecretsProvider(boto3_client=client)

    def get(self, name: str) -> dict[str, str]:
        if not name:
            return {}
        try:
            value: Any = self._provider.get(name, max_age=MAX_AGE_SECONDS)
            pairs = json.loads(value)
        except GetParameterError as error:
            raise Misconfigured(f"secret {name} cannot be read: {error}") from error
        except json.JSONDecodeError as error:
            raise Misconfigured(f"secret {name} is not a JSON object") from error
        return {key: text for key, text in pairs.items() if isinstance(text, str) and text}
