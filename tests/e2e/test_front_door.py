"""What comes in from outside: webhooks with and without proof, and the same alarm many times over."""

import hashlib
import hmac
import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from local.stage import Stage
from tests.e2e.conftest import Played, direct
from watchkeeper.models import Alert, Incident

pytestmark = pytest.mark.stack
DELIVERIES, THREADS = 200, 16
WITHIN_SECONDS = 60.0


def _post(stage: Stage, body: bytes, *, key: str | None = "", secret: str = "", age: int = 0) -> tuple[int, Any]:
    """A webhook as its sender would make it; the stack's own key and secret unless another is given."""
    at = str(int(time.time()) - age)
    secret = secret or stage.stack.secret("WebhookSecretArn")["generic"]
    signature = hmac.new(secret.encode(), f"{at}:".encode() + body, hashlib.sha256).hexdigest()
    headers = {"content-type": "application/json", "x-watchkeeper-timestamp": at, "x-watchkeeper-signature": f"v1={signature}"}
    if key is not None:
        headers["x-api-key"] = key or stage.stack.api_key
    with direct() as session:
        answer = session.post(f"{stage.stack.api_url}/webhooks/generic", body, headers=headers, timeout=30)
    return answer.status_code, answer.json()


def _titled(stage: Stage, title: str) -> list[Incident]:
    return [incident for incident in stage.incidents.recent(100) if incident.title.startswith(title)]


def _soon(stage: Stage, title: str) -> list[Incident]:
    deadline = time.monotonic() + WITHIN_SECONDS
    while time.monotonic() < deadline:
        if found := _titled(stage, title):
            return found
        time.sleep(0.2)
    raise AssertionError(f"no incident titled {title!r} within {WITHIN_SECONDS:g} s")


def test_a_signed_webhook_with_a_key_is_accepted_and_becomes_an_incident(played: Played) -> None:
    status, _ = _post(played.stage, json.dumps({"title": "Disk of web-7 is filling", "severity": "warning", "service": "web"}).encode())
    assert status == 202
    assert len(_soon(played.stage, "Disk of web-7 is filling")) == 1


@pytest.mark.parametrize(
    ("how", "status"),
    [
        pytest.param({"key": None}, 403, id="no key"),
        pytest.param({"key": "not-the-key"}, 403, id="wrong key"),
        pytest.param({"secret": "not-the-secret"}, 401, id="wrong signature"),
        pytest.param({"age": 4000}, 401, id="signed long ago"),
    ],
)
def test_a_webhook_without_proof_is_refused(played: Played, how: dict[str, Any], status: int) -> None:
    title = f"Unproven {sorted(how)[0]} {status}"
    answered, body = _post(played.stage, json.dumps({"title": title}).encode(), **how)
    assert answered == status
    assert "Traceback" not in json.dumps(body)
    assert _titled(played.stage, title) == []


def test_a_signed_body_that_is_no_json_is_refused_by_name(played: Played) -> None:
    status, body = _post(played.stage, b'{"title": ')
    assert (status, "field" in json.dumps(body)) == (400, True)


def test_health_needs_no_key(played: Played) -> None:
    with direct() as session:
        assert session.get(f"{played.stage.stack.api_url}/health", timeout=30).status_code == 200


def test_one_alarm_delivered_many_times_is_one_incident_with_one_alert(played: Played) -> None:
    """From sixteen threads, through the real topic, queue and function; nothing is planned for it because no order speaks of it."""
    stage = played.stage
    alarm = {
        "AlarmName": "duplicates-high", "AlarmDescription": "", "AWSAccountId": "123456789012", "NewStateValue": "ALARM",
        "NewStateReason": "Threshold Crossed", "StateChangeTime": "2026-11-20T03:00:00.000+0000", "Region": "US East (N. Virginia)",
        "AlarmArn": "arn:aws:cloudwatch:us-east-1:123456789012:alarm:duplicates-high", "OldStateValue": "OK",
        "Trigger": {"MetricName": "Depth", "Namespace": "Own/Queue", "StatisticType": "Statistic", "Statistic": "AVERAGE", "Unit": None,
                    "Dimensions": [{"name": "Queue", "value": "orders"}], "Period": 60, "EvaluationPeriods": 1,
                    "ComparisonOperator": "GreaterThanThreshold", "Threshold": 10.0,
                    "TreatMissingData": "", "EvaluateLowSampleCountPercentile": ""},
    }  # fmt: skip
    topic, sns, body = stage.stack.outputs["AlertTopicArn"], stage.stack.client("sns"), json.dumps(alarm)
    treated = _acts(stage)
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda _: sns.publish(TopicArn=topic, Message=body), range(DELIVERIES)))
    _until_empty(stage, stage.stack.outputs["IntakeQueueUrl"])
    own = [incident for incident in stage.incidents.recent(100) if incident.alarm_name == "duplicates-high"]
    assert len(own) == 1
    assert len(stage.incidents.rows(own[0].id, Alert)) == 1
    assert own[0].alert_count == 1
    assert [record.kind for record in stage.incidents.history(own[0].id)].count("incident.opened") == 1
    assert _acts(stage) == treated, "only the stories that were treated changed anything in the account"


def _until_empty(stage: Stage, url: str) -> None:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    deadline = time.monotonic() + WITHIN_SECONDS
    while time.monotonic() < deadline:
        waiting = stage.stack.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        if not any(int(count) for count in waiting.values()):
            return
        time.sleep(0.3)
    raise AssertionError(f"{waiting} messages still wait after {WITHIN_SECONDS:g} s")


def _acts(stage: Stage) -> int:
    """How often a runbook has changed something in the account; a script's own doings are GitHub's."""
    return sum(effect.service != "script" for effect in stage.simulator.journal.effects)
