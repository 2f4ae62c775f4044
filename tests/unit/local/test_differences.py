"""The laptop's copy of the template: what is left out is named, what referred to it still has its name, the rest is as it was."""

from collections import Counter
from typing import Any

from local import template
from local.differences import UNKNOWN_TYPES, for_the_laptop
from local.places import ROOT

TEMPLATE: dict[str, Any] = {
    "Globals": {"Function": {"Environment": {"Variables": {"A": "1"}}}},
    "Resources": {
        "Book": {"Type": "AWS::SSM::Document", "Properties": {"Name": {"Fn::Sub": "${AWS::StackName}-book"}}},
        "Math": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"Metrics": []}},
        "Plain": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"MetricName": "X"}},
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "Statement": [
                    {"Effect": "Allow", "Action": "ssm:Start", "Resource": {"Fn::Sub": "arn:${AWS::Region}:document/${Book}"}},
                    {"Effect": "Allow", "Action": "ecs:UpdateService", "Resource": "arn:x",
                     "Condition": {"StringEquals": {"aws:ResourceTag/AutoRemediate": "true", "ecs:cluster": "c"}}},
                    {"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
                ]
            },
        },
        "Rule": {"Type": "AWS::Events::Rule", "Properties": {"Definition": [{"Ref": "Book"}]}},
    },
}  # fmt: skip


def test_what_the_emulator_cannot_take_is_left_out_aloud() -> None:
    copy, said = for_the_laptop(TEMPLATE, {"B": "2"}, iam=False)
    assert set(copy["Resources"]) == {"Plain", "Role", "Rule"}
    assert [line.split()[2] for line in said if line.startswith("left out")] == ["Book", "Math"]
    assert copy["Globals"]["Function"]["Environment"]["Variables"] == {"A": "1", "B": "2"}
    assert "Book" in TEMPLATE["Resources"], "the template itself is untouched"


def test_a_reference_to_what_is_gone_becomes_its_name() -> None:
    copy, _ = for_the_laptop(TEMPLATE, {}, iam=False)
    assert copy["Resources"]["Rule"]["Properties"]["Definition"] == [{"Fn::Sub": "${AWS::StackName}-book"}]
    statement = copy["Resources"]["Role"]["Properties"]["Statement"][0]
    assert statement["Resource"] == {"Fn::Sub": "arn:${AWS::Region}:document/${AWS::StackName}-book"}


def test_policies_are_eased_only_where_iam_is_enforced_and_only_in_what_the_emulator_misjudges() -> None:
    plain, _ = for_the_laptop(TEMPLATE, {}, iam=False)
    eased, said = for_the_laptop(TEMPLATE, {}, iam=True)
    assert plain["Resources"]["Role"]["Properties"]["Statement"][1:] == TEMPLATE["Resources"]["Role"]["Properties"]["Statement"][1:]
    _, update, tls = eased["Resources"]["Role"]["Properties"]["Statement"]
    assert (update["Resource"], update["Condition"]) == ("*", {"StringEquals": {"ecs:cluster": "c"}})
    assert tls["Condition"] == {"Bool": {"aws:SecureTransport": "never"}}
    assert len([line for line in said if line.startswith("with --iam")]) == 3


def test_of_the_real_template_nothing_goes_but_what_is_listed() -> None:
    original = template.read(ROOT / "template.yaml")
    copy, said = for_the_laptop(original, {}, iam=False)
    gone = set(original["Resources"]) - set(copy["Resources"])
    assert {original["Resources"][name]["Type"] for name in gone} <= {*UNKNOWN_TYPES, "AWS::CloudWatch::Alarm"}
    by_kind = Counter(original["Resources"][name]["Type"] for name in gone)
    assert len(said) == len(by_kind)
    assert f"and {by_kind['AWS::SSM::Document'] - 1} more (AWS::SSM::Document)" in "".join(said)
