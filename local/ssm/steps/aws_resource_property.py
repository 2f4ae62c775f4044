"""What aws:waitForAwsResourceProperty and aws:assertAwsResourceProperty share: is this property one of these values?"""

from typing import Any

from local.ssm.steps.action import Hands
from local.ssm.steps.execute_aws_api import split
from local.ssm.values import as_output, select


def look(inputs: dict[str, Any], hands: Hands) -> tuple[bool, list[str], dict[str, Any]]:
    """Whether the property holds, what it is now, and the whole answer it was found in."""
    response = hands.call(*split(inputs, "PropertySelector", "DesiredValues"))
    found = as_output(select(str(inputs["PropertySelector"]), response))
    wanted = as_output(inputs["DesiredValues"])
    return bool(found) and all(value in wanted for value in found), found, response
