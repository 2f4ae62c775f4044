"""What AWS answers, in our words: whose move it is, and which permission is missing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from watchkeeper.errors import NotAllowed, Permanent, Throttled, Transient

_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationErrorException"}
_SLOW = {
    "Throttling", "ThrottlingException", "ThrottledException", "RequestLimitExceeded", "TooManyRequestsException",
    "ProvisionedThroughputExceededException", "RequestThrottled", "SlowDown", "AutomationExecutionLimitExceededException",
    "TransactionConflictException", "TransactionInProgressException",
}  # fmt: skip
QUICK = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "max_attempts": 3})


def code_of(error: ClientError) -> str:
    """The error code, e.g. `AccessDenied`."""
    code: str = error.response.get("Error", {}).get("Code", "")
    return code


def status_of(error: ClientError) -> int:
    status: int = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return status


@contextmanager
def in_our_words(permission: str, resource: str) -> Iterator[None]:
    """Raises NotAllowed, Throttled, Transient or Permanent for what the call inside raises; `permission` as IAM writes it."""
    try:
        yield
    except ClientError as error:
        code = code_of(error)
        if code in _DENIED:
            raise NotAllowed(permission, resource) from error
        if code in _SLOW:
            raise Throttled(f"{permission} on {resource}: {code}") from error
        if status_of(error) >= 500:
            raise Transient(f"{permission} on {resource}: {code}") from error
        raise Permanent(f"{permission} on {resource}: {error.response.get('Error', {}).get('Message', code)}") from error
    except BotoCoreError as error:
        raise Transient(f"{permission} on {resource}: {error}") from error


def text(value: str) -> dict[str, Any]:
    """A DynamoDB string."""
    return {"S": value}


def number(value: float) -> dict[str, Any]:
    """A DynamoDB number."""
    return {"N": str(value)}
