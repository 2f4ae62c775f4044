"""Where the emulator answers a runbook otherwise than AWS does: set right here, so that a runbook finds what it would find there."""

from collections.abc import Callable, Mapping
from typing import Any

Answer = dict[str, Any]
_TAG_FIELDS = {"auto-scaling-group": "ResourceId", "key": "Key", "value": "Value"}
_NOT_REGISTERED = {"State": "unused", "Reason": "Target.NotRegistered", "Description": "Target is not registered to the target group"}


def _tags_of_groups(asked: Mapping[str, Any], answer: Answer) -> Answer:
    """The emulator takes filters of tags and does not judge them."""

    def passes(tag: Mapping[str, Any]) -> bool:
        return all(tag.get(_TAG_FIELDS[one["Name"]]) in one["Values"] for one in asked.get("Filters", []) if one["Name"] in _TAG_FIELDS)

    return {**answer, "Tags": [tag for tag in answer.get("Tags", []) if passes(tag)]}


def _health_of_targets(asked: Mapping[str, Any], answer: Answer) -> Answer:
    """A target that is asked for and is not in the group is unused to AWS; the emulator does not mention it."""
    said = answer.get("TargetHealthDescriptions", [])
    there = {one["Target"]["Id"] for one in said}
    missing = [{"Target": one, "TargetHealth": _NOT_REGISTERED} for one in asked.get("Targets", []) if one["Id"] not in there]
    return {**answer, "TargetHealthDescriptions": [*said, *missing]}


_SET_RIGHT: dict[tuple[str, str], Callable[[Mapping[str, Any], Answer], Answer]] = {
    ("autoscaling", "DescribeTags"): _tags_of_groups,
    ("elbv2", "DescribeTargetHealth"): _health_of_targets,
}


def as_aws(service: str, api: str, asked: Mapping[str, Any], answer: Answer) -> Answer:
    """The answer to this call as AWS would give it, as far as we know the difference."""
    set_right = _SET_RIGHT.get((service, api))
    return set_right(asked, answer) if set_right else answer
