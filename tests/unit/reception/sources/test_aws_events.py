"""What AWS services tell of themselves through EventBridge: each sample read, and what ends what."""

import json
from typing import Any

import pytest

from reception.sources.aws_guardduty import severity
from tests.unit.reception.world import read, sample
from watchkeeper.models import Alert, AlertKind, Severity


def body(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(sample(f"{name}.json")["Records"][0]["body"])
    return found


def told(name: str) -> list[Alert]:
    return read(json.dumps(body(name)))


def but(name: str, **detail: Any) -> list[Alert]:
    """The sample with these fields of its detail changed."""
    event = body(name)
    return read(json.dumps({**event, "detail": {**event["detail"], **detail}}))


ACCOUNT = "arn:aws:{}:eu-west-1:123456789012:{}"
SERVICE, CLUSTER = ACCOUNT.format("ecs", "service/shop/storefront"), ACCOUNT.format("ecs", "cluster/shop")
TASK = ACCOUNT.format("ecs", "task/shop/0a1b2c3d4e5f60718293a4b5c6d7e8f9")
INSTANCE = ACCOUNT.format("ec2", "instance/i-0123456789abcdef0")
MINING = "The EC2 instance i-0123456789abcdef0 asks for a domain that is used to mine cryptocurrency."


@pytest.mark.parametrize(
    ("name", "kind", "title", "severity", "service", "arns"),
    [
        ("ecs-task-stopped", "firing", "Task of shop/storefront stopped: OutOfMemoryError, container web exited with 137", "sev3",
         "storefront", [SERVICE, CLUSTER, TASK]),
        ("ecs-task-stopped-by-deployment", "info", "Task of shop/storefront stopped: Scaling activity", "sev3", "storefront",
         [SERVICE, CLUSTER, TASK]),
        ("ecs-service-impaired", "firing", "Service shop/storefront cannot start its tasks", "sev3", "storefront", [SERVICE, CLUSTER]),
        ("ecs-deployment-failed", "firing", "Deployment of shop/storefront failed", "sev2", "storefront", [SERVICE]),
        ("ecs-deployment-completed", "resolved", "Deployment of shop/storefront is complete", "sev3", "storefront", [SERVICE]),
        ("ec2-stopped", "firing", "Instance i-0123456789abcdef0 stopped", "sev3", "unknown", [INSTANCE]),
        ("ec2-running", "resolved", "Instance i-0123456789abcdef0 runs again", "sev3", "unknown", [INSTANCE]),
        ("autoscaling-launch-successful", "resolved", "Group checkout-web launches instances again", "sev2", "unknown",
         [ACCOUNT.format("autoscaling", "autoScalingGroup:1d5c3b1e-8f7a-4b1c-9a42-6f3d2e1c0b9a:autoScalingGroupName/checkout-web"),
          ACCOUNT.format("ec2", "instance/i-0fedcba9876543210")]),
        ("rds-failover-started", "firing", "Database orders: Started cross AZ failover to DB instance: orders-2", "sev2", "checkout",
         [ACCOUNT.format("rds", "cluster:orders")]),
        ("rds-failover-completed", "resolved", "Database orders: Completed failover to DB instance: orders-2", "sev3", "checkout",
         [ACCOUNT.format("rds", "cluster:orders")]),
        ("health-issue", "firing", "AWS EC2 in eu-west-1: operational issue", "sev2", "unknown", [INSTANCE]),
        ("health-issue-closed", "resolved", "AWS EC2 in eu-west-1: operational issue is over", "sev2", "unknown", [INSTANCE]),
        ("health-scheduled-change", "info", "AWS EC2 in eu-west-1: instance retirement scheduled", "sev4", "unknown", [INSTANCE]),
        ("guardduty-finding", "firing", MINING, "sev2", "checkout", [INSTANCE]),
        ("guardduty-finding-archived", "resolved", MINING, "sev2", "checkout", [INSTANCE]),
        ("securityhub-findings-resolved", "resolved", "S3 buckets should block public read access (checkout-receipts)", "sev4", "checkout",
         ["arn:aws:s3:::checkout-receipts"]),
        ("codedeploy-failure", "firing", "Deployment of checkout/production failed", "sev2", "unknown",
         [ACCOUNT.format("codedeploy", "application:checkout"), ACCOUNT.format("codedeploy", "deploymentgroup:checkout/production")]),
        ("codedeploy-success", "resolved", "Deployment of checkout/production succeeded", "sev3", "unknown",
         [ACCOUNT.format("codedeploy", "application:checkout"), ACCOUNT.format("codedeploy", "deploymentgroup:checkout/production")]),
        ("codepipeline-failed", "firing", "Pipeline storefront-release failed", "sev3", "unknown",
         [ACCOUNT.format("codepipeline", "storefront-release")]),
        ("codepipeline-succeeded", "resolved", "Pipeline storefront-release succeeded", "sev3", "unknown",
         [ACCOUNT.format("codepipeline", "storefront-release")]),
    ],
)  # fmt: skip
def test_an_event_is_read(name: str, kind: str, title: str, severity: str, service: str, arns: list[str]) -> None:
    (alert,) = told(name)
    assert (alert.kind, alert.title, alert.severity, alert.service) == (kind, title, severity, service)
    assert [r.arn for r in alert.resources] == arns
    assert all(r.trusted for r in alert.resources)
    assert (alert.account, alert.region) == ("123456789012", "eu-west-1")
    assert all(link.startswith("https://") for link in alert.links.values())
    assert alert.links


@pytest.mark.parametrize(
    ("begins", "ends"),
    [
        ("ecs-task-stopped", "ecs-service-steady"),
        ("ecs-service-impaired", "ecs-service-steady"),
        ("ecs-deployment-failed", "ecs-deployment-completed"),
        ("ec2-stopped", "ec2-running"),
        ("autoscaling-launch-unsuccessful", "autoscaling-launch-successful"),
        ("rds-failover-started", "rds-failover-completed"),
        ("health-issue", "health-issue-closed"),
        ("guardduty-finding", "guardduty-finding-archived"),
        ("securityhub-findings", "securityhub-findings-resolved"),
        ("codedeploy-failure", "codedeploy-success"),
        ("codepipeline-failed", "codepipeline-succeeded"),
    ],
)
def test_what_ends_a_trouble_is_of_its_fingerprint(begins: str, ends: str) -> None:
    first = told(begins)[0]
    (end,) = [one for one in told(ends) if one.fingerprint == first.fingerprint]
    assert (first.kind, end.kind) == (AlertKind.FIRING, AlertKind.RESOLVED)
    assert end.occurred_at > first.occurred_at


def container(code: int | None = None, reason: str = "", name: str = "web") -> dict[str, Any]:
    return {
        "name": name,
        "lastStatus": "STOPPED",
        **({"exitCode": code} if code is not None else {}),
        **({"reason": reason} if reason else {}),
    }


ILL = "Task failed ELB health checks in (target-group arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/0123)"


@pytest.mark.parametrize(
    ("code", "reason", "containers", "kind", "because"),
    [
        ("EssentialContainerExited", "Essential container in task exited", [container(0)], "info", "Essential container in task exited"),
        ("EssentialContainerExited", "Essential container in task exited", [container(1)], "firing", "container web exited with 1"),
        ("TaskFailedToStart", "CannotPullContainerError: image manifest unknown", [container()], "firing", "CannotPullContainerError"),
        ("ServiceSchedulerInitiated", ILL, [container(137)], "firing", "it failed its health checks, container web exited with 137"),
        ("ServiceSchedulerInitiated", "Scaling activity initiated by (deployment ecs-svc/1)", [container(137)], "info", "Scaling activity"),
        ("UserInitiated", "stopped by Ana", [container(137)], "info", "stopped by Ana"),
        ("SpotInterruption", "Your Spot Task was interrupted.", [container(143)], "info", "Your Spot Task was interrupted"),
        ("", "Host EC2 terminated.", [container()], "firing", "Host EC2 terminated"),
    ],
)  # fmt: skip
def test_only_a_bad_stop_fires(code: str, reason: str, containers: list[dict[str, Any]], kind: str, because: str) -> None:
    (alert,) = but("ecs-task-stopped", stopCode=code, stoppedReason=reason, containers=containers)
    assert (alert.kind, alert.title) == (kind, f"Task of shop/storefront stopped: {because}")


def test_a_stop_is_told_by_its_service_and_not_by_its_task() -> None:
    first, other = told("ecs-task-stopped")[0], but("ecs-task-stopped", taskArn=TASK.replace("0a1b", "ffff"))[0]
    assert first.fingerprint == other.fingerprint
    assert first.labels["exit_codes"] == "web=137"
    (alone,) = but("ecs-task-stopped", group="family:nightly", taskDefinitionArn=ACCOUNT.format("ecs", "task-definition/nightly:3"))
    assert alone.title.startswith("Task of shop/nightly stopped")


def test_a_task_that_runs_and_a_set_that_stays_steady_are_no_news() -> None:
    event = body("ecs-task-stopped")
    detail = {name: value for name, value in event["detail"].items() if name not in {"stoppedReason", "stopCode"}}
    assert read(json.dumps({**event, "detail": {**detail, "lastStatus": "RUNNING"}})) == []
    assert but("ecs-service-steady", eventName="TASKSET_STEADY_STATE") == []


def test_an_unknown_event_of_a_service_is_said_in_its_own_words() -> None:
    (alert,) = but("ecs-service-impaired", eventName="SERVICE_OUT_OF_TEA", eventType="ERROR")
    assert (alert.kind, alert.title) == (AlertKind.FIRING, "Service shop/storefront service out of tea")


@pytest.mark.parametrize(("state", "kind"), [("terminated", "info"), ("stopping", "info"), ("pending", "info"), ("stopped", "firing")])
def test_a_terminated_instance_only_informs(state: str, kind: str) -> None:
    assert but("ec2-stopped", state=state)[0].kind == kind


def test_a_group_says_why_it_cannot_launch() -> None:
    (alert,) = told("autoscaling-launch-unsuccessful")
    assert alert.title == "Group checkout-web cannot launch an instance: There is no capacity of m7i.large in this Availability Zone"
    assert [(r.type, r.id) for r in alert.resources] == [("autoscaling:group", "checkout-web")]
    assert "desired and actual" in alert.description


@pytest.mark.parametrize(
    ("number", "categories", "kind", "severity"),
    [
        ("RDS-EVENT-0007", ["low storage"], "firing", "sev1"),
        ("RDS-EVENT-0218", ["configuration change"], "resolved", "sev3"),
        ("RDS-EVENT-9999", ["failure"], "firing", "sev2"),
        ("RDS-EVENT-9999", ["recovery"], "resolved", "sev3"),
        ("RDS-EVENT-0002", ["backup"], "info", "sev4"),
        ("", [], "info", "sev4"),
    ],
)
def test_a_database_event_is_judged_by_its_number_then_by_its_category(
    number: str, categories: list[str], kind: str, severity: str
) -> None:
    (alert,) = but("rds-storage-low", EventID=number, EventCategories=categories)
    assert (alert.kind, alert.severity) == (kind, severity)


def test_storage_that_grew_ends_storage_that_was_low() -> None:
    (grew,) = but("rds-storage-low", EventID="RDS-EVENT-0218", EventCategories=["configuration change"])
    assert grew.fingerprint == told("rds-storage-low")[0].fingerprint
    assert grew.labels["event"] == "RDS-EVENT-0218"


def test_trouble_at_aws_is_placed_where_it_is() -> None:
    (alert,) = but("health-issue", eventRegion="eu-north-1", affectedAccount="210987654321")
    assert (alert.account, alert.region) == ("210987654321", "eu-north-1")
    assert alert.resources[0].arn == "arn:aws:ec2:eu-north-1:210987654321:instance/i-0123456789abcdef0"
    assert alert.description == "Some instances in one Availability Zone of this Region have lost power.\nWe are working on it."


def test_abuse_fires_whatever_its_category_is() -> None:
    event = {**body("health-scheduled-change"), "detail-type": "AWS Health Abuse Event"}
    (alert,) = read(json.dumps(event))
    assert (alert.kind, alert.severity) == (AlertKind.FIRING, Severity.SEV2)


@pytest.mark.parametrize(
    ("level", "ours"),
    [(9.0, "sev1"), (8.9, "sev2"), (7.0, "sev2"), (6.9, "sev3"), (4.0, "sev3"), (3.9, "sev4"), (1.0, "sev4"), (None, "sev3")],
)
def test_a_findings_number_is_on_our_scale(level: float | None, ours: str) -> None:
    assert severity(level) == ours


def test_a_finding_names_what_it_is_about() -> None:
    bucket = {
        "resourceType": "S3Bucket",
        "s3BucketDetails": [{"arn": "arn:aws:s3:::checkout-receipts"}],
        "accessKeyDetails": {"userName": "ana"},
    }
    (alert,) = but("guardduty-finding", resource=bucket)
    assert ([r.id for r in alert.resources], alert.labels["user"]) == (["checkout-receipts"], "ana")
    key = {"resourceType": "AccessKey", "accessKeyDetails": {"userName": "ana"}}
    first, again = but("guardduty-finding", resource=key)[0], but("guardduty-finding", resource=key, id="another")[0]
    assert first.resources == ()
    assert first.fingerprint == again.fingerprint


def test_an_event_of_several_findings_is_several_alerts() -> None:
    alerts = told("securityhub-findings")
    assert [(a.kind, a.severity, a.vendor_severity) for a in alerts] == [
        ("firing", "sev1", "CRITICAL"), ("firing", "sev2", "HIGH"), ("info", "sev4", "INFORMATIONAL"),
    ]  # fmt: skip
    assert len({a.fingerprint for a in alerts}) == 3
    assert alerts[0].links["advice"] == "https://docs.aws.amazon.com/console/securityhub/S3.2/remediation"


@pytest.mark.parametrize(
    ("field", "value", "kind"),
    [
        ("RecordState", "ARCHIVED", "resolved"),
        ("Workflow", {"Status": "RESOLVED"}, "resolved"),
        ("Compliance", {"Status": "PASSED"}, "resolved"),
        ("Workflow", {"Status": "SUPPRESSED"}, "info"),
        ("Workflow", {"Status": "NOTIFIED"}, "info"),
        ("Workflow", {"Status": "NEW"}, "firing"),
    ],
)
def test_the_state_of_a_finding(field: str, value: Any, kind: str) -> None:
    finding = {**body("securityhub-findings")["detail"]["findings"][0], field: value}
    (alert,) = but("securityhub-findings", findings=[finding])
    assert alert.kind == kind


@pytest.mark.parametrize("state", ["START", "STOP", "READY", "", "SOMETHING"])
def test_a_deployment_that_goes_on_only_informs(state: str) -> None:
    assert but("codedeploy-failure", state=state)[0].kind is AlertKind.INFO


def test_a_pipeline_says_where_it_failed_where_it_is_told() -> None:
    more = {"failedStage": "Deploy", "failedActions": [{"action": "Release", "additionalInformation": "The change set is empty"}]}
    (alert,) = read(json.dumps({**body("codepipeline-failed"), "additionalAttributes": more}))
    assert alert.title == "Pipeline storefront-release failed in Deploy: The change set is empty"


def test_a_china_console_is_linked_for_china() -> None:
    (alert,) = read(json.dumps({**body("ec2-stopped"), "region": "cn-north-1"}))
    assert alert.links["console"].startswith("https://cn-north-1.console.amazonaws.cn/ec2/")
