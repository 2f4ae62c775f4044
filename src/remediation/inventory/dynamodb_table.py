"""DynamoDB tables: how they are paid for, and what they may be asked.

AWS counts how often a day a table's capacity is lowered, and starts over at midnight. Of that count only whether it is used up is
part of the state: each lowering shows in the units anyway.
"""

from typing import Any

from remediation.ports import Sighting
from watchkeeper.errors import Permanent
from watchkeeper.models import Resource
from watchkeeper.storage.aws import code_of, in_our_words

TYPE = "dynamodb:table"
LOWERED_AT_ANY_TIME = 4  # a day; then once an hour


def see(clients: Any, target: Resource) -> Sighting:
    """The table with its tags; absent where DynamoDB does not know the name. An index in the id, as an ARN may have it, is left aside."""
    client, name = clients("dynamodb"), target.id.partition("/")[0]
    try:
        with in_our_words("dynamodb:DescribeTable", name):
            table = client.describe_table(TableName=name)["Table"]
    except Permanent as error:
        if code_of(error.__cause__) == "ResourceNotFoundException":
            return Sighting()
        raise
    units = table.get("ProvisionedThroughput", {})
    return Sighting(
        exists=True,
        account=table["TableArn"].split(":")[4],
        region=client.meta.region_name,
        name=name,
        tags=_tags(client, table["TableArn"], name),
        state={
            "status": table["TableStatus"],
            "billing": table.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED"),
            "read": units.get("ReadCapacityUnits", 0),
            "write": units.get("WriteCapacityUnits", 0),
            "may_be_lowered": "yes" if units.get("NumberOfDecreasesToday", 0) < LOWERED_AT_ANY_TIME else "no",
        },
        health={"table": table["TableStatus"].lower()},
    )


def _tags(client: Any, arn: str, name: str) -> dict[str, str]:
    """All of them: a resource has fifty at most, which DynamoDB tells ten at a time."""
    tags: dict[str, str] = {}
    asked = {"ResourceArn": arn}
    while True:
        with in_our_words("dynamodb:ListTagsOfResource", name):
            page = client.list_tags_of_resource(**asked)
        tags |= {tag["Key"]: tag["Value"] for tag in page.get("Tags", [])}
        if not page.get("NextToken"):
            return tags
        asked["NextToken"] = page["NextToken"]
