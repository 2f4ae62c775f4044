"""What taking back a stack's update would undo: the resources that the update has touched so far, as CloudFormation tells it.

No change set is made. CloudFormation takes none while an update runs, and one made afterwards would compare with something else.
"""

from collections.abc import Iterator
from typing import Any

from remediation.rehearsing.trial import Means, Trial, Way
from watchkeeper.models import Rehearsed
from watchkeeper.storage.aws import in_our_words

CAN_BE_TAKEN_BACK = {"UPDATE_IN_PROGRESS", "UPDATE_FAILED", "UPDATE_ROLLBACK_FAILED"}
MOST_PAGES, MOST_NAMED, LONGEST_NAME = 10, 10, 80


def _list(trial: Trial, means: Means) -> tuple[Rehearsed, ...]:
    stack = trial.target.arn or trial.target.id.partition("/")[0]
    status, touched = "", dict[str, str]()
    for event in _events(stack, means):
        own = event["PhysicalResourceId"] == event["StackId"]
        status = status or (event["ResourceStatus"] if own else "")
        if own and event["ResourceStatus"] == "UPDATE_IN_PROGRESS":
            break
        if not own:
            touched.setdefault(event["LogicalResourceId"], event["ResourceType"])
    if status not in CAN_BE_TAKEN_BACK:
        says = f"The stack is {status or 'of no known status'}: there is no update to take back."
        return (Rehearsed(what=listed.what, passed=False, says=says),)
    return (Rehearsed(what=listed.what, passed=True, says=_sentence(touched)),)


listed = Way("CloudFormation: what it would undo", _list)


def _events(stack: str, means: Means) -> Iterator[dict[str, Any]]:
    """Newest first, as far back as any one update is long."""
    more: dict[str, str] = {}
    for _ in range(MOST_PAGES):
        with in_our_words("cloudformation:DescribeStackEvents", stack):
            page = means.clients("cloudformation").describe_stack_events(StackName=stack, **more)
        yield from page["StackEvents"]
        if not page.get("NextToken"):
            return
        more = {"NextToken": page["NextToken"]}


def _sentence(touched: dict[str, str]) -> str:
    if not touched:
        return "The update has touched no resource yet."
    named = [f"{name} ({kind})"[:LONGEST_NAME] for name, kind in sorted(touched.items())]
    rest = len(named) - MOST_NAMED
    return f"It would put back {len(named)} resource(s): {', '.join(named[:MOST_NAMED])}" + (f" and {rest} more." if rest > 0 else ".")
