"""How messages travel, and what becomes of those that fail: the rules of wiring, over the template as CloudFormation gets it."""

from typing import Any

import pytest

from tests.template.reading import QUEUES, branches, mappings, of_type, properties, target

FOURTEEN_DAYS = 14 * 24 * 3600
ORDERED = {"Remediation", "Distribution"}


def dead_letters_of(queue: str) -> str:
    return target(properties(f"{queue}Queue")["RedrivePolicy"]["deadLetterTargetArn"])


def reserved(function: str) -> int:
    (number,) = branches(properties(function)["ReservedConcurrentExecutions"])
    return int(number)


def test_there_are_these_queues_and_no_others() -> None:
    expected = {f"{name}{part}" for name in QUEUES for part in ("Queue", "DeadLetters")}
    assert set(of_type("AWS::SQS::Queue")) == expected


@pytest.mark.parametrize("queue", QUEUES)
def test_a_failed_message_is_tried_often_and_then_kept_for_two_weeks(queue: str) -> None:
    assert properties(f"{queue}Queue")["RedrivePolicy"]["maxReceiveCount"] >= 5
    assert dead_letters_of(queue) == f"{queue}DeadLetters"
    assert properties(f"{queue}DeadLetters")["MessageRetentionPeriod"] == FOURTEEN_DAYS
    assert "RedrivePolicy" not in properties(f"{queue}DeadLetters")


@pytest.mark.parametrize("queue", QUEUES)
def test_a_message_stays_hidden_for_six_runs_of_its_function(queue: str) -> None:
    function = target(mappings()[f"{queue}Queue"]["FunctionName"])
    assert properties(f"{queue}Queue")["VisibilityTimeout"] >= 6 * properties(function)["Timeout"]


def test_every_queue_has_one_consumer_and_dead_letters_have_none() -> None:
    assert sorted(mappings()) == sorted(f"{queue}Queue" for queue in QUEUES)
    consumers = [target(mapping["FunctionName"]) for mapping in mappings().values()]
    assert sorted(consumers) == ["AnalysisFunction", "DistributionFunction", "ReceptionFunction", "RemediationFunction"]


@pytest.mark.parametrize("queue", QUEUES)
def test_a_batch_fails_record_by_record_and_never_takes_more_than_is_reserved(queue: str) -> None:
    mapping = mappings()[f"{queue}Queue"]
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    most = mapping["ScalingConfig"]["MaximumConcurrency"]
    assert 2 <= most <= reserved(target(mapping["FunctionName"]))


def test_what_also_answers_requests_reserves_more_than_its_queue_may_take() -> None:
    assert mappings()["IntakeQueue"]["ScalingConfig"]["MaximumConcurrency"] < reserved("ReceptionFunction")


def test_one_sweeper_runs_at_a_time() -> None:
    assert reserved("SweeperFunction") == 1


@pytest.mark.parametrize("queue", QUEUES)
def test_order_is_kept_where_it_matters_and_in_the_dead_letters_too(queue: str) -> None:
    for name in (f"{queue}Queue", f"{queue}DeadLetters"):
        assert properties(name).get("FifoQueue", False) is (queue in ORDERED), name
        assert str(properties(name)["QueueName"]).rstrip("'}").endswith(".fifo") is (queue in ORDERED), name


@pytest.mark.parametrize("queue", sorted(ORDERED))
def test_groups_go_on_beside_each_other(queue: str) -> None:
    fifo = properties(f"{queue}Queue")
    assert (fifo["DeduplicationScope"], fifo["FifoThroughputLimit"]) == ("messageGroup", "perMessageGroupId")
    assert fifo["ContentBasedDeduplication"] is False


@pytest.mark.parametrize("name", [f"{queue}{part}" for queue in QUEUES for part in ("Queue", "DeadLetters")])
def test_queues_are_encrypted_at_rest(name: str) -> None:
    assert properties(name)["SqsManagedSseEnabled"] is True


def alarms_on(metric: str, queue: str) -> list[dict[str, Any]]:
    return [
        alarm
        for alarm in of_type("AWS::CloudWatch::Alarm").values()
        if alarm["MetricName"] == metric and [target(dimension["Value"]) for dimension in alarm["Dimensions"]] == [queue]
    ]


@pytest.mark.parametrize("queue", QUEUES)
def test_dead_letters_and_waiting_are_alarmed(queue: str) -> None:
    (given_up,) = alarms_on("ApproximateNumberOfMessagesVisible", f"{queue}DeadLetters")
    assert (given_up["Threshold"], given_up["ComparisonOperator"]) == (1, "GreaterThanOrEqualToThreshold")
    (waiting,) = alarms_on("ApproximateAgeOfOldestMessage", f"{queue}Queue")
    assert waiting["Threshold"] > 0
    assert given_up["Namespace"] == waiting["Namespace"] == "AWS/SQS"


def test_our_own_ill_health_is_told_without_our_own_help() -> None:
    """Every alarm goes to the topic for people, which feeds nothing of ours; none to the topic that we listen to."""
    for name, alarm in of_type("AWS::CloudWatch::Alarm").items():
        assert [target(action) for action in alarm["AlarmActions"]] == ["OperationsTopic"], name
        assert [target(action) for action in alarm["OKActions"]] == ["OperationsTopic"], name
        assert alarm["TreatMissingData"] == "notBreaching", name
    listening = [target(one["TopicArn"]) for one in of_type("AWS::SNS::Subscription").values() if one["Protocol"] == "sqs"]
    assert listening == ["AlertTopic"]


def test_the_sweepers_own_failure_is_alarmed() -> None:
    (alarm,) = [one for one in of_type("AWS::CloudWatch::Alarm").values() if one["Namespace"] == "AWS/Lambda"]
    assert (alarm["MetricName"], target(alarm["Dimensions"][0]["Value"])) == ("Errors", "SweeperFunction")


def test_what_aws_delivers_goes_through_the_intake_queue() -> None:
    """A storm straight from SNS or EventBridge would start one process for each message."""
    subscriptions = of_type("AWS::SNS::Subscription").values()
    assert {one["Protocol"] for one in subscriptions} <= {"sqs", "email"}
    assert [target(one["Endpoint"]) for one in subscriptions if one["Protocol"] == "sqs"] == ["IntakeQueue"]
    for name, rule in of_type("AWS::Events::Rule").items():
        assert [target(one["Arn"]) for one in rule["Targets"]] == ["IntakeQueue"], name


def test_what_aws_cannot_deliver_waits_in_the_dead_letters() -> None:
    (subscription,) = [one for one in of_type("AWS::SNS::Subscription").values() if one["Protocol"] == "sqs"]
    assert target(subscription["RedrivePolicy"]["deadLetterTargetArn"]) == "IntakeDeadLetters"
    for rule in of_type("AWS::Events::Rule").values():
        assert [target(one["DeadLetterConfig"]["Arn"]) for one in rule["Targets"]] == ["IntakeDeadLetters"]
    reception = properties("ReceptionFunction")
    assert target(reception["DeadLetterConfig"]["TargetArn"]) == "IntakeDeadLetters"


def test_the_end_of_our_runbooks_wakes_us_and_nobody_elses() -> None:
    """Its steps, too. By the beginning of the name, since a pattern has 2,048 characters; each document of ours begins so."""
    pattern = properties("RunbookEnded")["EventPattern"]
    assert pattern["source"] == ["aws.ssm"]
    assert pattern["detail-type"] == [
        "EC2 Automation Execution Status-change Notification",
        "EC2 Automation Step Status-change Notification",
    ]
    assert pattern["detail"]["Definition"] == [{"prefix": {"Fn::Sub": "${AWS::StackName}-"}}]
    names = [one["Name"]["Fn::Sub"] for one in of_type("AWS::SSM::Document").values()]
    assert all(name.startswith("${AWS::StackName}-") for name in names)
    assert {"Success", "Failed", "TimedOut", "Cancelled"} == set(pattern["detail"]["Status"])
