"""What DynamoDB's refusals mean, as far as moto cannot be made to refuse."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.fakes.words import NIGHT, an_alert, an_incident
from watchkeeper.change import change
from watchkeeper.errors import AlreadyWritten, Permanent, Stale, Throttled
from watchkeeper.models import Delivery
from watchkeeper.storage.incidents import DynamoIncidents

# the incident, its new alert, the owed message
WRITE = change(an_incident(version=0), [], NIGHT, new=[an_alert()])


class Refusing:
    """A DynamoDB client that refuses every write in this way."""

    def __init__(self, code: str, *reasons: str) -> None:
        self.error: Any = {"Error": {"Code": code, "Message": code}, "CancellationReasons": [{"Code": reason} for reason in reasons]}

    def transact_write_items(self, **_: Any) -> None:
        raise ClientError(self.error, "TransactWriteItems")

    def put_item(self, **_: Any) -> None:
        raise ClientError(self.error, "PutItem")


@pytest.mark.parametrize(
    ("reasons", "meant"),
    [
        pytest.param(("ConditionalCheckFailed", "None", "None"), Stale, id="somebody was first"),
        pytest.param(("ConditionalCheckFailed", "ConditionalCheckFailed", "None"), Stale, id="somebody was first, and with this"),
        pytest.param(("None", "ConditionalCheckFailed", "None"), AlreadyWritten, id="it was done before"),
        pytest.param(("None", "None", "TransactionConflict"), Stale, id="somebody writes right now"),
        pytest.param(("None", "TransactionConflict", "None"), Stale, id="somebody writes the same right now"),
        pytest.param(("ThrottlingError", "None", "None"), Throttled, id="too fast"),
        pytest.param(("None", "ValidationError", "None"), Permanent, id="an item that no table takes"),
        pytest.param((), Throttled, id="no reason given: try again"),
    ],
)
def test_a_cancelled_transaction(reasons: tuple[str, ...], meant: type[Exception]) -> None:
    store = DynamoIncidents(Refusing("TransactionCanceledException", *reasons), "incidents", "audit")
    with pytest.raises(meant) as raised:
        store.write(WRITE)
    assert type(raised.value) is meant


@pytest.mark.parametrize(
    ("code", "meant"),
    [("ConditionalCheckFailedException", Stale), ("TransactionConflictException", Throttled), ("ValidationException", Permanent)],
)
def test_a_refused_row(code: str, meant: type[Exception]) -> None:
    store = DynamoIncidents(Refusing(code), "incidents", "audit")
    with pytest.raises(meant) as raised:
        store.put_delivery(Delivery(incident_id="INC-1", channel="c", revision=1, wanted_version=1, updated_at=NIGHT))
    assert type(raised.value) is meant
