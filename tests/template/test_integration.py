"""cloudwatch-integration.yaml: what it is given fits what template.yaml tells, and it stays within what that lets in."""

import json
import re
from typing import Any

import pytest

from reception.resources import Place
from reception.sources.registry import Received, sources
from tests.fakes.template import resources, template
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
    (rule,) = made("AWS::Events::Rule").values()
    assert rule["Condition"] == "ByRule"
    for name, alarm in made("AWS::CloudWatch::Alarm").items():
        for actions in (alarm["Properties"]["AlarmActions"], alarm["Properties"]["OKActions"]):
            assert [one["Fn::If"][0] for one in actions] == ["ByTopic"], name
            assert [target(each) for one in actions for each in branches(one)] == ["AlertTopicArn"], name
    conditions = template(NAME)["Conditions"]
    assert conditions["ByRule"] == {"Fn::Not": [conditions["ByTopic"]]}


def as_told(state: str, was: str) -> dict[str, Any]:
    """An alarm's change of state as EventBridge hears of it, after the rule's transformer."""
    event = {
        "source": "aws.cloudwatch", "detail-type": "CloudWatch Alarm State Change", "account": "123456789012", "region": "eu-west-1",
        "time": "2026-11-20T03:00:01Z", "resources": ["arn:aws:cloudwatch:eu-west-1:123456789012:alarm:checkout-cpu-high"],
        "detail": {
            "alarmName": "checkout-cpu-high",
            "state": {"value": state, "reason": 'One datapoint [97.0] was "high"', "timestamp": "2026-11-20T03:00:00.985+0000"},
            "previousState": {"value": was},
        },
    }  # fmt: skip
    (rule,) = made("AWS::Events::Rule").values()
    (aim,) = rule["Properties"]["Targets"]
    text: str = aim["InputTransformer"]["InputTemplate"]
    for name, path in aim["InputTransformer"]["InputPathsMap"].items():
        value: Any = event
        for word in path.removeprefix("$.").split("."):
            value = value[word]
        text = text.replace(f"<{name}>", json.dumps(value))  # EventBridge writes a string with its quotes
    told: dict[str, Any] = json.loads(text)
    return told


@pytest.mark.parametrize(
    ("state", "was", "kind"), [("ALARM", "OK", AlertKind.FIRING), ("OK", "ALARM", AlertKind.RESOLVED)], ids=["fires", "clears"]
)
def test_what_the_rule_tells_is_read_as_that_alarm(state: str, was: str, kind: AlertKind) -> None:
    body, received = as_told(state, was), Received(at=NIGHT, home=Place("000000000000", "us-east-1"))
    (reader,) = [one for one in sources().values() if one.recognises and one.recognises(body)]
    (alert,) = [one for one in reader.read(body, received) if isinstance(one, Alert)]
    assert (alert.source, alert.kind, alert.alarm_name) == ("cloudwatch", kind, "checkout-cpu-high")
    assert (alert.account, alert.region, alert.occurred_at.replace(microsecond=0)) == ("123456789012", "eu-west-1", NIGHT)


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
