"""The state of certificates, with the exact record that a renewal waits for, and of quotas."""

from datetime import timedelta
from typing import Any

import pytest

from analysis.evidence import acm, quotas
from analysis.evidence.ask import Ask, Found, Nothing
from analysis.evidence.gather import gather
from analysis.evidence.keep import keep
from tests.fakes.aws_accounts import refused
from tests.fakes.memory import MemoryBlobs
from tests.fakes.strict_aws import StrictAws
from tests.fakes.words import NIGHT
from tests.unit.analysis.stories import CPU, REDACT, an_ask, cpu_alert, cpu_incident
from watchkeeper.arns import from_arn
from watchkeeper.errors import NotAllowed
from watchkeeper.models import Alert, AlertKind, Answer, Resource

DAY = timedelta(days=1)
ARN = "arn:aws:acm:eu-west-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"
CERTIFICATE = from_arn(ARN, trusted=True)
RECORD = {
    "Name": "_a79865eb4cd1a6ab990a45779b4e0b96.shop.example.com.",
    "Type": "CNAME",
    "Value": "_424c7224e9b0146f9a8808af955727d0.mhbtsbpdnt.acm-validations.aws.",
}
USERS = [f"arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/shop-{n}/50dc6c495c0c9188" for n in (1, 2)]


def asking(aws: StrictAws, *resources: Resource | None, alerts: tuple[Alert, ...] = ()) -> Ask:
    trusted = tuple(resource for resource in resources if resource)
    return an_ask(aws, cpu_incident(resources=trusted), *alerts, service=None)  # type: ignore[arg-type]  # any client will do


def lines(said: Found | Nothing) -> list[str]:
    assert isinstance(said, Found)
    return said.body.splitlines()


# ---------------------------------------------------------------- ACM


def option(domain: str, status: str = "PENDING_VALIDATION", **but: Any) -> dict[str, Any]:
    return {"DomainName": domain, "ValidationStatus": status, "ValidationMethod": "DNS", "ResourceRecord": RECORD, **but}


def a_certificate(**but: Any) -> StrictAws:
    renewal = {
        "RenewalStatus": "PENDING_VALIDATION",
        "RenewalStatusReason": "DOMAIN_VALIDATION_DENIED",
        "UpdatedAt": NIGHT - DAY,
        "DomainValidationOptions": [
            option("shop.example.com"),
            option("*.shop.example.com"),
            option("done.example.com", "SUCCESS", ResourceRecord={**RECORD, "Name": "_other."}),
        ],
    }
    certificate = {
        "CertificateArn": ARN, "DomainName": "shop.example.com", "Status": "ISSUED", "NotAfter": NIGHT + 14 * DAY, "InUseBy": USERS,
        "Type": "AMAZON_ISSUED", "RenewalSummary": renewal, **but,
    }  # fmt: skip
    return StrictAws({acm.PERMISSION: {"Certificate": {name: value for name, value in certificate.items() if value is not None}}})


HEAD = "acm:certificate 12345678-1234-1234-1234-123456789012 for shop.example.com: status ISSUED"


def test_a_renewal_is_told_with_the_exact_record_that_it_waits_for() -> None:
    aws = a_certificate()
    assert lines(acm.collect(asking(aws, CERTIFICATE))) == [
        f"{HEAD}, expires 2026-12-04T03:00:00Z (in 14 days), in use by 2 resources",
        *(f"used by {user}" for user in USERS),
        "renewal: status PENDING_VALIDATION, reason DOMAIN_VALIDATION_DENIED, updated 2026-11-19T03:00:00Z",
        "renewal waits for shop.example.com: validation DNS, status PENDING_VALIDATION",
        f"add this record: {RECORD['Name']} CNAME {RECORD['Value']}",
        "renewal waits for *.shop.example.com: validation DNS, status PENDING_VALIDATION",
    ]
    assert aws.used == set(acm.COLLECTOR.permissions)
    assert aws.asked(acm.PERMISSION) == [{"CertificateArn": ARN}]


def test_the_record_reaches_the_reader_letter_by_letter_through_redaction() -> None:
    answered = gather([acm.COLLECTOR], asking(a_certificate(), CERTIFICATE), 5)
    (exhibit,) = keep(answered, "INC-1", 1, NIGHT, REDACT, MemoryBlobs())
    assert f"add this record: {RECORD['Name']} CNAME {RECORD['Value']}" in exhibit.text.splitlines()


@pytest.mark.parametrize(
    ("but", "told"),
    [
        ({"NotAfter": NIGHT - 2 * DAY, "InUseBy": []}, [f"{HEAD}, expires 2026-11-18T03:00:00Z (2 days ago), in use by 0 resources"]),
        ({"NotAfter": NIGHT + DAY / 2, "InUseBy": []}, [f"{HEAD}, expires 2026-11-20T15:00:00Z (in 0 days), in use by 0 resources"]),
        (
            {"Type": "IMPORTED", "InUseBy": []},
            [
                f"{HEAD}, expires 2026-12-04T03:00:00Z (in 14 days), in use by 0 resources",
                "renewal: not by ACM, the certificate is IMPORTED",
            ],
        ),
    ],
    ids=["over", "today", "imported"],
)
def test_a_certificate_that_does_not_renew(but: dict[str, Any], told: list[str]) -> None:
    assert lines(acm.collect(asking(a_certificate(RenewalSummary=None, **but), CERTIFICATE))) == told


def test_a_certificate_that_was_never_issued_waits_as_well() -> None:
    mail = {"DomainName": "b.example.com", "ValidationMethod": "EMAIL", "ValidationEmails": ["admin@example.com"]}
    aws = a_certificate(
        Status="PENDING_VALIDATION", NotAfter=None, InUseBy=[], RenewalSummary=None, FailureReason="CAA_ERROR",
        DomainValidationOptions=[option("shop.example.com"), mail],
    )  # fmt: skip
    told = lines(acm.collect(asking(aws, CERTIFICATE)))
    assert told[0].endswith("status PENDING_VALIDATION, expires at no known time, in use by 0 resources")
    assert told[1:4] == [
        "failure: CAA_ERROR",
        "issue waits for shop.example.com: validation DNS, status PENDING_VALIDATION",
        f"add this record: {RECORD['Name']} CNAME {RECORD['Value']}",
    ]
    assert told[4] == "issue waits for b.example.com: validation EMAIL, status unknown"
    assert told[5].startswith("mail was sent to: ")
    assert "admin@example.com" not in told[5]


def test_certificates_are_asked_for_by_arn_and_trust_alone() -> None:
    assert CERTIFICATE is not None
    assert acm.COLLECTOR.applies(asking(StrictAws(), CERTIFICATE))
    assert not acm.COLLECTOR.applies(asking(StrictAws(), CERTIFICATE.but(trusted=False)))
    assert not acm.COLLECTOR.applies(asking(StrictAws(), CERTIFICATE.but(arn="")))


def test_a_certificate_that_is_not_there_is_nothing_and_one_that_is_refused_names_the_permission() -> None:
    gone = StrictAws({acm.PERMISSION: refused("ResourceNotFoundException")})
    assert acm.collect(asking(gone, CERTIFICATE)) == Nothing("Not there: 12345678-1234-1234-1234-123456789012.")
    with pytest.raises(NotAllowed, match="acm:DescribeCertificate"):
        acm.collect(asking(StrictAws({acm.PERMISSION: refused()}), CERTIFICATE))


def test_a_strange_answer_about_a_certificate_fails_aloud() -> None:
    (answered,) = gather([acm.COLLECTOR], asking(StrictAws({acm.PERMISSION: {}}), CERTIFICATE), 5)
    assert answered.answer is Answer.FAILED


# ---------------------------------------------------------------- quotas

FUNCTION = Resource(type="lambda:function", id="checkout", region="eu-west-1", trusted=True)
GROUP = Resource(type="autoscaling:group", id="shop-web", region="eu-west-2", trusted=True)
DIMENSIONS = {"Class": "None", "Resource": "ConcurrentExecutions", "Service": "Lambda", "Type": "Resource"}


def a_quota(name: str = "Concurrent executions", value: float = 1000.0, **but: Any) -> dict[str, Any]:
    metric = {
        "MetricNamespace": "AWS/Usage",
        "MetricName": "ResourceCount",
        "MetricDimensions": DIMENSIONS,
        "MetricStatisticRecommendation": "Maximum",
    }
    return {"ServiceCode": "lambda", "QuotaCode": "L-B99A9384", "QuotaName": name, "Value": value, "UsageMetric": metric, **but}


def used(*values: float) -> dict[str, Any]:
    return {"MetricDataResults": [{"Id": "used", "Values": list(values)}]}


def an_account(**but: Any) -> StrictAws:
    return StrictAws({quotas.APPLIED: {"Quota": a_quota()}, quotas.METRICS: used(120.0, 998.0, 400.0)} | but)


def test_a_quota_is_told_with_the_most_that_was_used_of_it() -> None:
    aws = an_account()
    assert lines(quotas.collect(asking(aws, FUNCTION))) == ["quota: lambda Concurrent executions: used 998 of 1000 (99.8 %)"]
    assert aws.asked(quotas.APPLIED) == [{"ServiceCode": "lambda", "QuotaCode": "L-B99A9384"}]
    (asked,) = aws.asked(quotas.METRICS)
    stat = asked["MetricDataQueries"][0]["MetricStat"]
    assert (stat["Metric"]["MetricName"], stat["Stat"]) == ("ResourceCount", "Maximum")
    assert {one["Name"]: one["Value"] for one in stat["Metric"]["Dimensions"]} == DIMENSIONS


def test_an_account_without_a_quota_of_its_own_has_the_default() -> None:
    aws = an_account(**{quotas.APPLIED: refused("NoSuchResourceException"), quotas.DEFAULT: {"Quota": a_quota(value=10.0)}})
    assert lines(quotas.collect(asking(aws, FUNCTION))) == ["quota: lambda Concurrent executions: used 998 of 10 (9980 %)"]


def test_an_alarm_on_usage_says_itself_which_quota_it_is_about() -> None:
    def listed(NextToken: str = "", **_: Any) -> dict[str, Any]:  # noqa: N803 - boto3's name
        other = a_quota("Storage", UsageMetric={"MetricDimensions": {"Service": "Lambda"}})
        return {"Quotas": [a_quota()]} if NextToken else {"Quotas": [other, {"QuotaName": "bare"}], "NextToken": "next"}

    aws = an_account(**{quotas.LISTED: listed})
    alert = cpu_alert(metric=CPU.but(namespace="AWS/Usage", name="ResourceCount", dimensions=DIMENSIONS), region="eu-west-3")
    ask = asking(aws, alerts=(alert,))
    assert quotas.COLLECTOR.applies(ask)
    assert lines(quotas.collect(ask)) == ["quota: lambda Concurrent executions: used 998 of 1000 (99.8 %)"]
    assert aws.regions == {"eu-west-3"}
    assert not quotas.COLLECTOR.applies(asking(aws, alerts=(alert.but(kind=AlertKind.RESOLVED),)))


def test_a_limit_on_a_rate_is_compared_with_a_rate() -> None:
    metric = {**a_quota()["UsageMetric"], "MetricName": "CallCount", "MetricStatisticRecommendation": "Sum"}
    rate = a_quota("Rate of Invoke", 10.0, UsageMetric=metric, Period={"PeriodValue": 1, "PeriodUnit": "SECOND"})
    aws = an_account(**{quotas.APPLIED: {"Quota": rate}, quotas.METRICS: used(540.0)})
    assert lines(quotas.collect(asking(aws, FUNCTION))) == ["quota: lambda Rate of Invoke: used 9 of 10 (90 %)"]


@pytest.mark.parametrize(
    ("but", "more"),
    [
        ({quotas.METRICS: used()}, []),
        ({quotas.APPLIED: {"Quota": {"QuotaName": "Concurrent executions", "Value": 1000.0}}}, []),
        ({quotas.METRICS: refused()}, ["not allowed: cloudwatch:GetMetricData"]),
    ],
    ids=["no point", "no metric", "not allowed"],
)
def test_use_that_is_not_measured_is_said_to_be_unknown(but: dict[str, Any], more: list[str]) -> None:
    told = lines(quotas.collect(asking(an_account(**but), FUNCTION)))
    assert told == ["quota: lambda Concurrent executions: used unknown of 1000", *more]


def test_a_quota_is_asked_for_once_in_each_region_and_for_trusted_things_alone() -> None:
    ask = asking(StrictAws(), FUNCTION, FUNCTION.but(id="other"), GROUP)
    assert [(one.service, one.region) for one in quotas.wanted(ask)] == [("lambda", "eu-west-1"), ("ec2", "eu-west-2")]
    assert not quotas.COLLECTOR.applies(asking(StrictAws(), FUNCTION.but(trusted=False)))


def test_no_quota_is_nothing_and_a_missing_permission_is_named() -> None:
    gone = an_account(**{quotas.APPLIED: refused("NoSuchResourceException"), quotas.DEFAULT: refused("NoSuchResourceException")})
    assert isinstance(quotas.collect(asking(gone, FUNCTION)), Nothing)
    with pytest.raises(NotAllowed, match="servicequotas:GetServiceQuota"):
        quotas.collect(asking(an_account(**{quotas.APPLIED: refused()}), FUNCTION))


def test_a_strange_answer_about_a_quota_fails_aloud() -> None:
    (answered,) = gather([quotas.COLLECTOR], asking(an_account(**{quotas.APPLIED: {}}), FUNCTION), 5)
    assert answered.answer is Answer.FAILED
