"""What the stories are made of fits together: traces lead to lines that commits wrote, and events are those of AWS."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from analysis.signals.patches import written_lines
from local import eventbridge
from local.places import ROOT
from local.template import read
from local.world import orders, recommender
from local.world.repositories import CACHE_COMMIT, CACHE_FILE, CACHE_LINE, POOL_COMMIT, POOL_FILE, POOL_LINE, repositories
from reception.resources import Place
from reception.sources.aws_ecs import read_ecs
from reception.sources.registry import Received
from tests.unit.local.pretended import PretendedAccount
from watchkeeper.models import Alert

NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)
TASKS = [f"arn:aws:ecs:us-east-1:123456789012:task/shop/{letter * 32}" for letter in "abc"]


@pytest.mark.parametrize(
    ("repository", "sha", "file", "line", "trouble"),
    [(0, POOL_COMMIT, POOL_FILE, POOL_LINE, orders._TROUBLE), (1, CACHE_COMMIT, CACHE_FILE, CACHE_LINE, recommender._TROUBLE)],
    ids=["orders", "recommender"],
)
def test_the_trace_ends_in_the_line_that_the_commit_wrote(repository: int, sha: str, file: str, line: int, trouble: Any) -> None:
    [commit] = [commit for commit in repositories(NOW)[repository].commits if commit.sha == sha]
    [patched] = [changed for changed in commit.files if changed.path == file]
    assert any(first <= line <= last for first, last in written_lines(patched.patch))
    written = [text for text in patched.patch.splitlines() if text.startswith("+")][line - written_lines(patched.patch)[0][0]]
    [trace] = {said for _, said in trouble if said.startswith("Traceback")}
    assert f'File "/app/{file}", line {line}, in ' in trace
    assert written.removeprefix("+").strip() in trace, "the trace shows the line as it is"


def test_one_pull_request_was_merged_just_before_and_may_be_reverted() -> None:
    merged = [pull for pull in repositories(NOW)[0].pull_requests if pull.merged_at and (NOW - pull.merged_at).days < 1]
    assert [(pull.number, pull.labels) for pull in merged] == [(482, ("AutoRemediate",))]


def event(task: str) -> dict[str, Any]:
    found: dict[str, Any] = recommender._event(task, NOW)
    return found


def test_three_kills_are_three_alerts_of_one_fingerprint_about_the_service() -> None:
    received = Received(at=NOW, home=Place("123456789012", "us-east-1"))
    found = [alert for task in TASKS for alert in read_ecs(event(task), received) if isinstance(alert, Alert)]
    assert (len(found), len({alert.fingerprint for alert in found})) == (3, 1)
    assert all(alert.resources[0].id == "shop/recommender" and alert.resources[0].trusted for alert in found)
    assert found[0].title == "Task of shop/recommender stopped: OutOfMemoryError, container web exited with 137"


def test_the_event_is_the_genuine_one_but_for_whose_it_is_and_when() -> None:
    sample = json.loads(json.loads(recommender.SAMPLE.read_text())["Records"][0]["body"])
    made = event(TASKS[0])
    assert set(made) == set(sample)
    assert set(made["detail"]) == set(sample["detail"])
    assert (made["detail"]["group"], made["detail"]["taskArn"], made["time"]) == ("service:recommender", TASKS[0], "2026-11-20T03:00:00Z")
    assert made["detail"]["stoppedAt"] == "2026-11-20T03:00:00.000Z"
    assert "storefront" not in json.dumps(made)


def test_the_rule_of_the_integration_template_hears_it() -> None:
    pattern = read(ROOT / "cloudwatch-integration.yaml")["Resources"]["EcsTaskRule"]["Properties"]["EventPattern"]
    made = event(TASKS[0])
    assert (made["source"] in pattern["source"], made["detail-type"] in pattern["detail-type"]) == (True, True)
    assert made["detail"]["lastStatus"] in pattern["detail"]["lastStatus"]


def test_events_go_to_the_queues_of_the_rules_that_match_and_together() -> None:
    sent: list[dict[str, Any]] = []
    rules = [
        {"Name": "heard", "State": "ENABLED", "EventPattern": "{}"},
        {"Name": "off", "State": "DISABLED", "EventPattern": "{}"},
        {"Name": "every hour", "State": "ENABLED"},
    ]
    pages = type("Pages", (), {"paginate": lambda _: [{"Rules": rules}]})()
    account = PretendedAccount(
        {
            "events.get_paginator": lambda _: pages,
            "events.test_event_pattern": lambda **_: {"Result": True},
            "events.list_targets_by_rule": lambda Rule: {"Targets": [{"Arn": f"arn:aws:sqs:r:a:{Rule}"}, {"Arn": "arn:aws:lambda:r:a:f"}]},  # noqa: N803 - the API's own name
            "sqs.get_queue_url": lambda QueueName: {"QueueUrl": QueueName},  # noqa: N803 - the API's own name
            "sqs.send_message_batch": lambda **asked: sent.append(asked),
        }
    )
    assert eventbridge.deliver(account, [{"id": "1"}, {"id": "2"}]) == 2
    [batch] = sent
    assert batch["QueueUrl"] == "heard"
    assert [json.loads(entry["MessageBody"])["id"] for entry in batch["Entries"]] == ["1", "2"]
