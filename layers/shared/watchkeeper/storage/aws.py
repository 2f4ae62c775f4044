"""What AWS answers, in our words: whose move it is, and which permission is missing."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from watchkeeper.errors import NotAllowed, Permanent, Throttled, Transient

_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationErrorException"}
# IAM's own words. One call may need several permissions, and a transaction has none of its own: it needs those of its writes.
_WANTING = re.compile(
    r"is not authorized to perform: (?P<permission>[a-z0-9-]{2,40}:[A-Za-z0-9]{3,80})(?: on resource: (?P<on>\S{1,300}))?"
)
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
            raise NotAllowed(*_missing(error, permission, resource)) from error
        if code in _SLOW:
            raise Throttled(f"{permission} on {resource}: {code}") from error
        if status_of(error) >= 500:
            raise Transient(f"{permission} on {resource}: {code}") from error
        raise Permanent(f"{permission} on {resource}: {error.response.get('Error', {}).get('Message', code)}") from error
    except ParamValidationError as error:  # never sent, and would not be the next time
        raise Permanent(f"{permission} on {resource}: {error}") from error
    except BotoCoreError as error:
        raise Transient(f"{permission} on {resource}: {error}") from error


def denied(error: BaseException | None) -> bool:
    """Did AWS refuse it for want of a permission?"""
    return isinstance(error, ClientError) and code_of(error) in _DENIED


def _missing(error: ClientError, permission: str, resource: str) -> tuple[str, str]:
    """Which permission is missing, and on what. Where IAM names another one than the call is called by, that is the one to grant."""
    named = _WANTING.search(error.response.get("Error", {}).get("Message", ""))
    if named is None or named["permission"] == permission:
        return permission, resource
    return named["permission"], named["on"] or resource


def text(value: str) -> dict[str, Any]:
    """A DynamoDB string."""
    return {"S": value}


def number(value: float) -> dict[str, Any]:
    """A DynamoDB number."""
    return {"N": str(value)}
