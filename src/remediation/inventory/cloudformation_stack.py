"""CloudFormation stacks, by name; an id with the stack's own unique part behind it, as an ARN has it, is taken too.

The status is state: what a person agrees to is to end this very update or this very failed rollback. So is whether the stack has a
service role, since a rollback that is continued without one is made with the permissions of whoever continues it.
"""

from typing import Any

from remediation.ports import Sighting
from watchkeeper.errors import Permanent
from watchkeeper.models import Resource
from watchkeeper.storage.aws import code_of, in_our_words

TYPE = "cloudformation:stack"


def see(clients: Any, target: Resource) -> Sighting:
    """The stack with its tags; absent where CloudFormation knows no such stack, which it says as a ValidationError."""
    client, name = clients("cloudformation"), target.id.partition("/")[0]
    try:
        with in_our_words("cloudformation:DescribeStacks", name):
            found = client.describe_stacks(StackName=name)["Stacks"]
    except Permanent as error:
        if code_of(error.__cause__) == "ValidationError":
            return Sighting()
        raise
    if not found:
        return Sighting()
    stack = found[0]
    return Sighting(
        exists=True,
        account=stack["StackId"].split(":")[4],
        region=client.meta.region_name,
        name=stack["StackName"],
        tags={tag["Key"]: tag["Value"] for tag in stack.get("Tags", [])},
        state={
            "status": stack["StackStatus"],
            "stack_id": stack["StackId"],
            "service_role": "yes" if stack.get("RoleARN") else "none",
            "parent": stack.get("ParentId") or "none",
        },
        health={"stack": "settled" if stack["StackStatus"].endswith("_COMPLETE") else "unsettled"},
    )
