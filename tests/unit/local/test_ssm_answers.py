"""What the emulator answers otherwise than AWS is set right before a runbook sees it."""

from typing import Any

import pytest

from local.ssm.answers import as_aws

TAGS = [
    {"ResourceId": "web", "Key": "AutoRemediate", "Value": "true"},
    {"ResourceId": "web", "Key": "Name", "Value": "shop"},
    {"ResourceId": "api", "Key": "AutoRemediate", "Value": "false"},
]


@pytest.mark.parametrize(
    ("filters", "left"),
    [
        ([], [0, 1, 2]),
        ([{"Name": "auto-scaling-group", "Values": ["web"]}], [0, 1]),
        ([{"Name": "auto-scaling-group", "Values": ["web"]}, {"Name": "key", "Values": ["AutoRemediate"]}], [0]),
        ([{"Name": "value", "Values": ["true", "shop"]}], [0, 1]),
        ([{"Name": "auto-scaling-group", "Values": ["nobody"]}], []),
    ],
)
def test_tags_of_groups(filters: list[dict[str, Any]], left: list[int]) -> None:
    asked = {"Filters": filters}
    assert as_aws("autoscaling", "DescribeTags", asked, {"Tags": TAGS})["Tags"] == [TAGS[at] for at in left]
    assert as_aws("ec2", "DescribeTags", asked, {"Tags": TAGS}) == {"Tags": TAGS}


def test_a_target_that_is_in_no_group_is_unused() -> None:
    here = {"Target": {"Id": "i-1", "Port": 80}, "TargetHealth": {"State": "healthy"}}
    asked = {"Targets": [{"Id": "i-1", "Port": 80}, {"Id": "i-2", "Port": 80}]}
    found = as_aws("elbv2", "DescribeTargetHealth", asked, {"TargetHealthDescriptions": [here]})["TargetHealthDescriptions"]
    assert [(one["Target"]["Id"], one["TargetHealth"]["State"]) for one in found] == [("i-1", "healthy"), ("i-2", "unused")]
    assert as_aws("elbv2", "DescribeTargetHealth", {}, {"TargetHealthDescriptions": [here]}) == {"TargetHealthDescriptions": [here]}
