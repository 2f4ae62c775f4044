"""A collector asks AWS for nothing that it has not declared: each is let loose on clients that answer everything, or refuse."""

from typing import Any

import pytest

from analysis.evidence import collectors
from analysis.evidence.ask import Ask, Collector
from analysis.evidence.gather import gather
from tests.fakes.aws_accounts import refused
from tests.fakes.strict_aws import StrictAws, full, permission_of
from tests.fakes.words import INSTANCE, NIGHT
from tests.unit.analysis.stories import CPU, STOREFRONT, an_ask, cpu_alert, cpu_incident
from watchkeeper.arns import from_arn
from watchkeeper.models import Answer, Resource
from watchkeeper.team import Service

ARNS = (
    "arn:aws:rds:eu-west-1:123456789012:db:orders-db",
    "arn:aws:lambda:eu-west-1:123456789012:function:checkout",
    "arn:aws:sqs:eu-west-1:123456789012:orders",
    "arn:aws:dynamodb:eu-west-1:123456789012:table/orders",
    "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/shop-web/6d0ecf831eec9f09",
    "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/shop/50dc6c495c0c9188",
    "arn:aws:acm:eu-west-1:123456789012:certificate/1b2c3d4e",
)
EVERYTHING = (
    INSTANCE,
    STOREFRONT,
    Resource(type="autoscaling:group", id="shop-web", region="eu-west-1", trusted=True),
    *(one for arn in ARNS if (one := from_arn(arn, trusted=True))),
)
SHOP = Service(name="shop", log_groups=("/shop/web",), repository="acme/shop", depends_on=("orders",))
ORDERS = Service(name="orders", resources=(ARNS[0],))
USAGE = CPU.but(namespace="AWS/Usage", name="ResourceCount", dimensions={"Service": "Lambda", "Resource": "ConcurrentExecutions"})


def an_ask_about_everything(aws: Any) -> Ask:
    alerts = (cpu_alert(), cpu_alert(metric=USAGE, occurred_at=NIGHT))
    return an_ask(aws, cpu_incident(resources=EVERYTHING), *alerts, service=SHOP, services=(SHOP, ORDERS))


@pytest.mark.parametrize("collector", collectors(), ids=lambda collector: collector.name)
@pytest.mark.parametrize("talk", ["everything", "nothing there"])
def test_a_collector_calls_only_what_it_declares(collector: Collector, talk: str) -> None:
    aws = StrictAws(anything=full if talk == "everything" else lambda _: refused("ResourceNotFoundException"))
    gather([collector], an_ask_about_everything(aws), 20)
    assert aws.faults == []
    assert aws.used <= set(collector.permissions)
    assert bool(aws.used) is bool(collector.permissions), "it was not reached at all"


@pytest.mark.parametrize("collector", [one for one in collectors() if one.permissions], ids=lambda collector: collector.name)
def test_a_collector_that_is_refused_everything_names_a_permission_of_its_own(collector: Collector) -> None:
    (answered,) = gather([collector], an_ask_about_everything(StrictAws(anything=lambda _: refused())), 20)
    assert answered.answer is Answer.NOT_ALLOWED
    assert answered.permission in collector.permissions


def test_a_call_is_known_by_the_name_that_a_policy_calls_it() -> None:
    assert permission_of("cloudwatch", "get_metric_data") == "cloudwatch:GetMetricData"
    assert permission_of("elbv2", "describe_target_health") == "elasticloadbalancing:DescribeTargetHealth"
    assert permission_of("service-quotas", "get_aws_default_service_quota") == "servicequotas:GetAWSDefaultServiceQuota"
    assert permission_of("rds", "describe_db_instances") == "rds:DescribeDBInstances"


def test_the_strict_client_refuses_what_aws_would_not_understand() -> None:
    aws = StrictAws({"sqs:GetQueueUrl": {"Url": "https://example.com"}})
    with pytest.raises(AssertionError, match="QueueName"):
        aws("sqs", "eu-west-1").get_queue_url(Name="orders")
    with pytest.raises(AssertionError, match="answers in this test"):
        aws("sqs", "eu-west-1").get_queue_url(QueueName="orders")
    with pytest.raises(AssertionError, match="not expected"):
        aws("sqs", "eu-west-1").list_queues()
    with pytest.raises(AttributeError):
        aws("sqs", "eu-west-1").get_everything()
