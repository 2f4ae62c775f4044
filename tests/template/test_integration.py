"""cloudwatch-integration.yaml: what it is given fits what template.yaml tells, and it stays within what that lets in."""

import json
import re
from typing import Any

import pytest

from reception.resources import Place
from reception.sources.registry import Received, sources
from tests.fakes.template import ROOT, resources, template
from tests.fakes.words import NIGHT
from tests.template.reading import QUEUES, STAGES, branches, in_policy, properties, references, target
from watchkeeper.models import Alert, AlertKind
from watchkeeper.telemetry import NAMESPACE

NAME = "cloudwatch-integration.yaml"


def made(kind: str) -> dict[str, dict[str, Any]]:
    return {name: one for name, one in resources(NAME).items() if one["Type"] == kind}


def test_it_asks_for_outputs_by_their_names() -> None:
    arns = {name for name in template(NAME)["Parameters"] if name.endswith("Arn") and name != "ExistingAlarmTopicArn"}
    assert arns == {"AlertTopicArn", "IntakeQueueArn", "IntakeDeadLettersArn", "ReceptionFunctionArn"}
    assert arns <= set(template()["Outputs"])
    assert template(NAME)["Parameters"]["ExistingAlarmTopicArn"] == {
        **template()["Parameters"]["ExistingAlarmTopicArn"],
        "Description": template(NAME)["Parameters"]["ExistingAlarmTopicArn"]["Description"],
    }


def test_its_rules_have_names_that_the_intake_queue_lets_in() -> None:
    (rules,) = [one for one in in_policy("IntakePolicy", properties("IntakePolicy")["PolicyDocument"]) if one.sid == "Rules"]
    assert rules.requires("aws:SourceArn")["Fn::Sub"].endswith(":rule/${AWS::StackName}-*")
    for one in made("AWS::Events::Rule").values():
        assert one["Properties"]["Name"]["Fn::Sub"].startswith("${WatchkeeperStack}-")


def test_a_topic_that_it_subscribes_is_let_in_by_the_intake_queue() -> None:
    (topics,) = [one for one in in_policy("IntakePolicy", properties("IntakePolicy")["PolicyDocument"]) if one.sid == "Topics"]
    sources = [target(one) for entry in topics.requires("aws:SourceArn") for one in branches(entry)]
    assert sources == ["AlertTopic", "ExistingAlarmTopicArn"]


def test_what_aws_delivers_goes_through_the_intake_queue_and_its_dead_letters() -> None:
    for one in made("AWS::Events::Rule").values():
        assert [target(aim["Arn"]) for aim in one["Properties"]["Targets"]] == ["IntakeQueueArn"]
        assert [target(aim["DeadLetterConfig"]["Arn"]) for aim in one["Properties"]["Targets"]] == ["IntakeDeadLettersArn"]
    for one in made("AWS::SNS::Subscription").values():
        assert (one["Properties"]["Protocol"], target(one["Properties"]["Endpoint"])) == ("sqs", "IntakeQueueArn")
        assert target(one["Properties"]["RedrivePolicy"]["deadLetterTargetArn"]) == "IntakeDeadLettersArn"


def test_an_alarm_comes_one_way() -> None:
    """By the topic or by the rule: where the rule is on, the sample alarms have no action."""
    assert made("AWS::Events::Rule")["AlarmRule"]["Condition"] == "ByRule"
    for name, alarm in made("AWS::CloudWatch::Alarm").items():
        for actions in (alarm["Properties"]["AlarmActions"], alarm["Properties"]["OKActions"]):
            assert [one["Fn::If"][0] for one in actions] == ["ByTopic"], name
            assert [target(each) for one in actions for each in branches(one)] == ["AlertTopicArn"], name
    conditions = template(NAME)["Conditions"]
    assert conditions["ByRule"] == {"Fn::Not": [conditions["ByTopic"]]}


def fits(pattern: Any, value: Any) -> bool:
    """Does EventBridge's pattern match? As far as these templates use its language."""
    if isinstance(pattern, dict):
        if "$or" in pattern:
            return any(fits(one, value) for one in pattern["$or"])
        if isinstance(value, list):
            return any(fits(pattern, one) for one in value)
        return isinstance(value, dict) and all(name in value and fits(inner, value[name]) for name, inner in pattern.items())
    if isinstance(value, list):
        return any(fits(pattern, one) for one in value)
    return any(_one_fits(one, value) for one in pattern)


def _one_fits(wanted: Any, value: Any) -> bool:
    if not isinstance(wanted, dict):
        return bool(wanted == value)
    if "numeric" in wanted:
        operator, least = wanted["numeric"]
        assert operator == ">="
        return bool(value >= least)
    return isinstance(wanted["prefix"], dict) or str(value).startswith(wanted["prefix"])  # a prefix that is a parameter fits all


def events() -> dict[str, dict[str, Any]]:
    """The samples that are events of EventBridge, by their names."""
    found = {}
    for path in sorted((ROOT / "events").glob("*.json")):
        records = json.loads(path.read_text()).get("Records", [{}])
        body = records[0].get("body", "") if isinstance(records[0], dict) else ""
        if body.startswith("{") and "detail-type" in body and "TopicArn" not in body:
            found[path.name] = json.loads(body)
    return {name: event for name, event in found.items() if str(event.get("source", "")).startswith("aws.")}


def heard(event: dict[str, Any]) -> list[str]:
    rules = made("AWS::Events::Rule").items()
    return [name for name, one in rules if fits(one["Properties"]["EventPattern"], event)]


@pytest.mark.parametrize("name", sorted(set(events()) - {"ssm-automation-status.json"}))
def test_each_event_that_we_read_is_heard_by_one_rule(name: str) -> None:
    assert len(heard(events()[name])) == 1


@pytest.mark.parametrize("rule", sorted(made("AWS::Events::Rule")))
def test_each_rule_has_its_sample(rule: str) -> None:
    assert [name for name, event in events().items() if rule in heard(event)]


@pytest.mark.parametrize(
    ("source", "detail"),
    [
        ("ecs", {"lastStatus": "RUNNING"}),
        ("ecs", {"eventType": "INFO", "eventName": "SERVICE_DEPLOYMENT_IN_PROGRESS"}),
        ("ec2", {"state": "pending"}),
        ("guardduty", {"severity": 2.0}),
        ("securityhub", {"findings": [{"Severity": {"Label": "LOW"}, "Workflow": {"Status": "NEW"}, "RecordState": "ACTIVE"}]}),
        ("rds", {"EventCategories": ["backup"], "EventID": "RDS-EVENT-0002"}),
        ("codedeploy", {"state": "START"}),
        ("codepipeline", {"state": "STARTED"}),
    ],
)
def test_what_is_no_news_costs_no_message(source: str, detail: dict[str, Any]) -> None:
    types = {one["detail-type"] for one in events().values() if one["source"] == f"aws.{source}"}
    assert [heard({"source": f"aws.{source}", "detail-type": kind, "detail": detail}) for kind in types] == [[] for _ in types]


def test_what_aws_tells_of_its_services_is_off_until_it_is_turned_on() -> None:
    rules = {name: one["Condition"] for name, one in made("AWS::Events::Rule").items() if name != "AlarmRule"}
    for name, condition in rules.items():
        (parameter, wanted) = template(NAME)["Conditions"][condition]["Fn::Equals"]
        assert (wanted, template(NAME)["Parameters"][target(parameter)]["Default"]) == ("true", "false"), name


@pytest.mark.parametrize(("state", "was"), [("ALARM", "OK"), ("ALARM", "INSUFFICIENT_DATA"), ("OK", "ALARM")])
def test_the_rule_for_alarms_hears_the_whole_event_which_is_read_as_that_alarm(state: str, was: str) -> None:
    event = events()["cloudwatch-alarm-eventbridge.json"]
    event["detail"] = {**event["detail"], "state": {**event["detail"]["state"], "value": state}, "previousState": {"value": was}}
    assert heard(event) == ["AlarmRule"]
    assert "InputTransformer" not in str(made("AWS::Events::Rule"))
    received = Received(at=NIGHT, home=Place("000000000000", "us-east-1"))
    (reader,) = [one for one in sources().values() if one.recognises and one.recognises(event)]
    (alert,) = [one for one in reader.read(event, received) if isinstance(one, Alert)]
    kind = AlertKind.FIRING if state == "ALARM" else AlertKind.RESOLVED
    assert (alert.source, alert.kind, alert.alarm_name) == ("cloudwatch", kind, "checkout-cpu-high")
    assert [r.arn for r in alert.resources] == ["arn:aws:ec2:eu-west-1:123456789012:instance/i-0123456789abcdef0"]


def test_an_alarm_may_invoke_reception_itself() -> None:
    permission = properties("AlarmsMayInvokeReception")
    assert (permission["Principal"], target(permission["FunctionName"])) == ("lambda.alarms.cloudwatch.amazonaws.com", "ReceptionFunction")
    assert permission["SourceAccount"] == {"Ref": "AWS::AccountId"}
    assert permission["SourceArn"]["Fn::Sub"].endswith(":cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:*")


def test_logs_go_to_reception_which_lets_them_in() -> None:
    filters = made("AWS::Logs::SubscriptionFilter")
    assert filters
    for name, one in filters.items():
        assert target(one["Properties"]["DestinationArn"]) == "ReceptionFunctionArn", name
        assert one["Properties"]["FilterPattern"] == {"Ref": "ErrorPattern"}, name
        assert "Condition" in one, name
    permission = properties("LogsMayInvokeReception")
    assert (permission["Principal"], target(permission["FunctionName"])) == ("logs.amazonaws.com", "ReceptionFunction")


def dashboard() -> str:
    body: str = resources(NAME)["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    return body


def test_the_dashboard_is_json_and_shows_every_queue_and_function() -> None:
    filled = re.sub(r"\$\{[A-Za-z:]+\}", "watchkeeper-dev", dashboard())
    widgets = json.loads(filled)["widgets"]
    shown = json.dumps(widgets)
    for queue in QUEUES:
        end = "" if queue in ("Intake", "Analysis") else ".fifo"
        assert f'"watchkeeper-dev-{queue.lower()}{end}"' in shown
        assert f'"watchkeeper-dev-{queue.lower()}-dead-letters{end}"' in shown
    for stage in STAGES:
        assert f'"watchkeeper-dev-{stage.lower()}"' in shown
    assert widgets[-1]["properties"]["metrics"] == [[{"expression": f"SEARCH('Namespace=\"{NAMESPACE}\"', 'Sum', 300)", "id": "counts"}]]


@pytest.mark.parametrize("name", [f"{queue}{part}" for queue in QUEUES for part in ("Queue", "DeadLetters")])
def test_the_dashboard_names_queues_as_they_are_named(name: str) -> None:
    assert properties(name)["QueueName"]["Fn::Sub"].replace("${AWS::StackName}", "${WatchkeeperStack}") in dashboard()


def test_every_reference_leads_somewhere() -> None:
    known = {*resources(NAME), *template(NAME)["Parameters"]}
    leads = set(references(template(NAME)))
    assert {ref for ref in leads if not ref.startswith("AWS::")} <= known
    assert set(template(NAME)["Parameters"]) <= leads


def test_every_condition_is_used() -> None:
    assert all(f"'{name}'" in str(template(NAME)["Resources"]) for name in template(NAME)["Conditions"])
