"""Parameter Store: which parameters of the service were changed, when and by whom. Their values are never asked for.

    parameter changed <t>: /checkout/pool/size version 4 by <user>

The service's parameters are those below /<service> and /<environment>/<service>, as services.yaml names both.
"""

import re
from typing import Any

from analysis.evidence.ask import Ask, stamp
from analysis.evidence.deployed.kind import Between, Happened, Kind, Tell, plain, region_of
from watchkeeper.storage.aws import in_our_words

PERMISSION = "ssm:DescribeParameters"
MOST_PAGES = 4  # of fifty


def look(ask: Ask, between: Between, tell: Tell) -> None:
    paths = _paths(ask)
    client = ask.client("ssm", region_of(ask))
    asked: dict[str, Any] = {"ParameterFilters": [{"Key": "Path", "Option": "Recursive", "Values": list(paths)}], "MaxResults": 50}
    for _ in range(MOST_PAGES):
        with in_our_words(PERMISSION, ", ".join(paths)):
            page = client.describe_parameters(**asked)
        for one in page.get("Parameters", []):
            if between.holds(one["LastModifiedDate"]):
                tell(Happened(one["LastModifiedDate"], _line(ask, one)))
        if not page.get("NextToken"):
            return
        asked["NextToken"] = page["NextToken"]


def _paths(ask: Ask) -> tuple[str, ...]:
    service = ask.service
    if service is None:
        return ()
    return (f"/{service.name}", *([f"/{service.environment}/{service.name}"] if service.environment else []))


def _line(ask: Ask, one: dict[str, Any]) -> str:
    who = plain(ask, re.split(r"[/:]", str(one.get("LastModifiedUser") or "somebody"))[-1])
    return f"parameter changed {stamp(one['LastModifiedDate'])}: {plain(ask, one['Name'])} version {one.get('Version', '?')} by {who}"


KIND = Kind(name="parameters", applies=lambda ask: ask.service is not None, look=look, permissions=(PERMISSION,))
