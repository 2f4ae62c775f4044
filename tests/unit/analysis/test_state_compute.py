"""The state of Auto Scaling groups, Lambda functions and targets, line by line."""

from datetime import timedelta
from typing import Any

import pytest

from analysis.evidence import asg, lambda_function, targets
from analysis.evidence.ask import Ask, Collector, Found, Nothing
from analysis.evidence.gather import gather
from tests.fakes.aws_accounts import refused
from tests.fakes.strict_aws import StrictAws
from tests.fakes.words import NIGHT
from tests.unit.analysis.stories import an_ask, cpu_incident
from watchkeeper.arns import from_arn
from watchkeeper.errors import NotAllowed
from watchkeeper.models import Answer, Resource
from watchkeeper.team import Service

MINUTE = timedelta(minutes=1)
GROUP = Resource(type="autoscaling:group", id="shop-web", region="eu-west-1", trusted=True)
FUNCTION = Resource(type="lambda:function", id="checkout", region="eu-west-1", trusted=True)
TARGETS_ARN = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/shop-web/6d0ecf831eec9f09"
BALANCER_ARN = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/shop/50dc6c495c0c9188"


def named(arn: str) -> Resource:
    resource = from_arn(arn, trusted=True)
    assert resource is not None
    return resource


def asking(aws: StrictAws, *resources: Resource, **but: Any) -> Ask:
    return an_ask(aws, cpu_incident(resources=resources), service=None, **but)  # type: ignore[arg-type]  # any client will do


def lines(collector: Collector, ask: Ask) -> list[str]:
    said = collector.collect(ask)
    assert isinstance(said, Found)
    assert said.summary.startswith(said.body.splitlines()[0])
    return said.body.splitlines()


# ---------------------------------------------------------------- Auto Scaling


def an_instance(number: int, state: str = "InService", health: str = "Healthy") -> dict[str, Any]:
    return {
        "InstanceId": f"i-{number}", "AvailabilityZone": "eu-west-1a", "LifecycleState": state, "HealthStatus": health,
        "ProtectedFromScaleIn": False,
    }  # fmt: skip


def an_activity(minutes_before: int, status: str, **more: str) -> dict[str, Any]:
    return {
        "ActivityId": "a", "AutoScalingGroupName": "shop-web", "Cause": "a person", "StartTime": NIGHT - minutes_before * MINUTE,
        "StatusCode": status, **more,
    }  # fmt: skip


def a_group() -> dict[str, Any]:
    return {
        "AutoScalingGroupName": "shop-web", "MinSize": 2, "MaxSize": 4, "DesiredCapacity": 4, "DefaultCooldown": 300,
        "AvailabilityZones": ["eu-west-1a"], "HealthCheckType": "ELB", "CreatedTime": NIGHT,
        "Instances": [an_instance(1), an_instance(2, health="Unhealthy"), an_instance(3, "Pending")],
        "SuspendedProcesses": [{"ProcessName": "Launch", "SuspensionReason": "a person"}],
    }  # fmt: skip


def scaling() -> StrictAws:
    activities = [
        an_activity(2, "Failed", StatusMessage="We currently do not have\nsufficient capacity", Description="Launching a new EC2 instance"),
        an_activity(30, "Successful", Description="Terminating EC2 instance: i-0"),
        an_activity(600, "Failed", StatusMessage="long ago"),
    ]
    return StrictAws({asg.GROUPS: {"AutoScalingGroups": [a_group()]}, asg.ACTIVITIES: {"Activities": activities}})


def test_a_group_is_told_with_what_it_could_not_do() -> None:
    aws = scaling()
    assert lines(asg.COLLECTOR, asking(aws, GROUP)) == [
        "autoscaling:group shop-web: desired 4, min 2, max 4, in service 2, healthy 2",
        "process suspended: Launch",
        "instance i-2: InService, Unhealthy",
        "instance i-3: Pending, Healthy",
        "scaling activity 2026-11-20T02:58:00Z: Failed: We currently do not have",
        "      sufficient capacity",
        "scaling activity 2026-11-20T02:30:00Z: Successful: Terminating EC2 instance: i-0",
    ]
    assert aws.used == set(asg.COLLECTOR.permissions)


def test_a_group_is_known_by_its_arn_as_well() -> None:
    arn = "arn:aws:autoscaling:eu-west-2:123456789012:autoScalingGroup:8d1f:autoScalingGroupName/shop-web"
    aws = scaling()
    ask = asking(aws).__class__(**{**asking(aws).__dict__, "service": Service(name="shop", resources=(arn, "shop-*"))})
    assert asg.COLLECTOR.applies(ask)
    assert lines(asg.COLLECTOR, ask)[0].startswith("autoscaling:group shop-web: desired 4")
    assert aws.asked(asg.GROUPS) == [{"AutoScalingGroupNames": ["shop-web"]}]
    assert aws.regions == {"eu-west-2"}


def test_a_group_that_is_not_there_is_nothing() -> None:
    aws = StrictAws({asg.GROUPS: {"AutoScalingGroups": []}})
    assert asg.collect(asking(aws, GROUP)) == Nothing("Not there: shop-web.")


# ---------------------------------------------------------------- Lambda


def a_function(**but: Any) -> dict[str, Any]:
    return {
        "FunctionName": "checkout", "State": "Active", "Runtime": "python3.13", "MemorySize": 512, "Timeout": 3, "Version": "$LATEST",
        "LastModified": "2026-11-20T02:50:00.000+0000", "CodeSha256": "kXv3Wp0pSomLongerHashOfTheCode=", "LastUpdateStatus": "Successful",
        "Environment": {"Variables": {"DATABASE_URL": "postgresql://app:Tr0ub4dor-3@db/orders"}}, **but,
    }  # fmt: skip


def functions(function: dict[str, Any] | None = None, **but: Any) -> StrictAws:
    aliases = [
        {"Name": "live", "FunctionVersion": "8", "RoutingConfig": {"AdditionalVersionWeights": {"7": 0.1}}},
        {"Name": "next", "FunctionVersion": "9"},
    ]
    answers = {
        lambda_function.CONFIGURATION: function or a_function(),
        lambda_function.CONCURRENCY: {"ReservedConcurrentExecutions": 10},
        lambda_function.ALIASES: {"Aliases": aliases},
    }
    return StrictAws({**answers, **but})


def test_a_function_is_told_and_its_environment_never() -> None:
    aws = functions(a_function(DeadLetterConfig={"TargetArn": "arn:aws:sqs:eu-west-1:123456789012:checkout-dead"}))
    told = lines(lambda_function.COLLECTOR, asking(aws, FUNCTION))
    assert told == [
        "lambda:function checkout: state Active, runtime python3.13, memory 512 MB, timeout 3 s, reserved concurrency 10",
        "last modified 2026-11-20T02:50:00Z, version $LATEST, code sha256 kXv3Wp0pSomL…",
        "dead letters: arn:aws:sqs:eu-west-1:123456789012:checkout-dead",
        "alias live: version 8 (10 % to version 7)",
        "alias next: version 9",
    ]
    assert aws.used == set(lambda_function.COLLECTOR.permissions)


def test_a_function_that_cannot_run_says_why_and_none_is_said_where_none_is() -> None:
    broken = a_function(State="Failed", StateReason="The image\nis gone", LastUpdateStatus="Failed", LastUpdateStatusReason="no such tag")
    del broken["Runtime"]
    aws = functions(broken, **{lambda_function.CONCURRENCY: {}, lambda_function.ALIASES: {}})
    qualified = FUNCTION.but(id="checkout:7")
    assert lines(lambda_function.COLLECTOR, asking(aws, qualified)) == [
        "lambda:function checkout: state Failed, runtime image, memory 512 MB, timeout 3 s, reserved concurrency none",
        "last modified 2026-11-20T02:50:00Z, version $LATEST, code sha256 kXv3Wp0pSomL…",
        "state reason: The image",
        "      is gone",
        "last update: Failed: no such tag",
        "dead letters: none",
    ]
    assert aws.asked(lambda_function.CONFIGURATION) == [{"FunctionName": "checkout", "Qualifier": "7"}]
    assert aws.asked(lambda_function.ALIASES)[0]["FunctionName"] == "checkout"


def test_a_function_that_is_not_there_is_nothing() -> None:
    aws = StrictAws({lambda_function.CONFIGURATION: refused("ResourceNotFoundException", 404)})
    assert lambda_function.collect(asking(aws, FUNCTION)) == Nothing("Not there: checkout.")


def test_what_may_not_be_asked_of_a_function_is_said_beside_what_was_found() -> None:
    aws = functions(**{lambda_function.CONCURRENCY: refused(), lambda_function.ALIASES: refused("TooManyRequestsException", 429)})
    told = lines(lambda_function.COLLECTOR, asking(aws, FUNCTION))
    assert told[0].endswith("reserved concurrency unknown")
    assert told[3:] == [
        "not allowed: lambda:GetFunctionConcurrency",
        "not read: lambda:ListAliases on checkout: TooManyRequestsException",
    ]


# ---------------------------------------------------------------- targets

CHECK = {
    "HealthCheckProtocol": "HTTP", "HealthCheckPath": "/healthz", "HealthCheckIntervalSeconds": 30, "HealthCheckTimeoutSeconds": 5,
    "Matcher": {"HttpCode": "200"}, "TargetGroupArn": TARGETS_ARN, "TargetGroupName": "shop-web",
}  # fmt: skip


def health(identity: str, state: str, port: int | None = 8080, **more: str) -> dict[str, Any]:
    target = {"Id": identity} | ({"Port": port} if port else {})
    return {"Target": target, "TargetHealth": {"State": state, **more}}


def balanced(**but: Any) -> StrictAws:
    described = [
        health("i-1", "healthy"),
        health("i-2", "unhealthy", Reason="Target.ResponseCodeMismatch", Description="Health checks failed with these codes: [503]"),
        health("i-3", "draining"),
        health("i-4", "initial", port=None, Reason="Elb.RegistrationInProgress"),
    ]
    return StrictAws(
        {targets.GROUPS: {"TargetGroups": [CHECK]}, targets.HEALTH: {"TargetHealthDescriptions": described}} | but,
    )


TOLD = [
    "target group shop-web: healthy 1 of 4",
    "target i-2:8080: unhealthy, Target.ResponseCodeMismatch: Health checks failed with these codes: [503]",
    "target i-3:8080: draining",
    "target i-4: initial, Elb.RegistrationInProgress",
    "health check: HTTP /healthz, every 30 s, timeout 5 s, expects 200",
]


@pytest.mark.parametrize(
    ("resource", "asked"),
    [
        (named(TARGETS_ARN), {"TargetGroupArns": [TARGETS_ARN]}),
        (Resource(type=targets.GROUP, id="targetgroup/shop-web/6d0e", trusted=True), {"Names": ["shop-web"]}),
        (named(BALANCER_ARN), {"LoadBalancerArn": BALANCER_ARN}),
    ],
    ids=["by ARN", "by a dimension without account", "by its load balancer"],
)
def test_targets_are_told_whichever_way_they_are_named(resource: Resource, asked: dict[str, Any]) -> None:
    aws = balanced()
    assert lines(targets.COLLECTOR, asking(aws, resource)) == TOLD
    assert aws.asked(targets.GROUPS) == [asked]
    assert aws.asked(targets.HEALTH) == [{"TargetGroupArn": TARGETS_ARN}]
    assert aws.used == set(targets.COLLECTOR.permissions)


def test_a_load_balancer_is_not_asked_for_where_its_target_group_is_named() -> None:
    ask = asking(balanced(), named(BALANCER_ARN), named(TARGETS_ARN))
    assert [thing.id for thing in targets.things_of(ask)] == ["shop-web/6d0ecf831eec9f09"]


def test_health_is_told_even_where_the_check_may_not_be_read() -> None:
    aws = balanced(**{targets.GROUPS: refused()})
    told = lines(targets.COLLECTOR, asking(aws, named(TARGETS_ARN)))
    assert told == [*TOLD[:-1], "not allowed: elasticloadbalancing:DescribeTargetGroups"]


@pytest.mark.parametrize("resource", [named(TARGETS_ARN), Resource(type=targets.BALANCER, id="app/shop/50dc", trusted=True)], ids=str)
def test_targets_that_are_not_there_are_nothing(resource: Resource) -> None:
    gone = refused("TargetGroupNotFound")
    aws = StrictAws({targets.GROUPS: gone, targets.HEALTH: gone})
    assert isinstance(targets.collect(asking(aws, resource)), Nothing)


# ---------------------------------------------------------------- what they have in common


@pytest.mark.parametrize(
    ("collector", "resource", "permission"),
    [
        (asg.COLLECTOR, GROUP, asg.GROUPS),
        (lambda_function.COLLECTOR, FUNCTION, lambda_function.CONFIGURATION),
        (targets.COLLECTOR, named(TARGETS_ARN), targets.HEALTH),
    ],
    ids=["asg", "lambda", "targets"],
)
class TestEach:
    def test_the_missing_permission_is_named(self, collector: Collector, resource: Resource, permission: str) -> None:
        aws = StrictAws(anything=lambda _: refused())
        with pytest.raises(NotAllowed, match=permission):
            collector.collect(asking(aws, resource))

    def test_a_strange_answer_fails_aloud(self, collector: Collector, resource: Resource, permission: str) -> None:
        (answered,) = gather([collector], asking(StrictAws(anything=lambda _: {}), resource), 5)
        assert answered.answer is Answer.FAILED

    def test_only_what_is_trusted_is_looked_at(self, collector: Collector, resource: Resource, permission: str) -> None:
        assert collector.applies(asking(StrictAws(), resource))
        assert not collector.applies(asking(StrictAws(), resource.but(trusted=False)))


def test_one_that_is_refused_does_not_hide_the_others_and_there_is_an_end() -> None:
    def configured(FunctionName: str, **_: Any) -> Any:  # noqa: N803 - boto3's name
        return refused() if FunctionName == "f1" else a_function(FunctionName=FunctionName)

    but: dict[str, Any] = {lambda_function.CONFIGURATION: configured}
    aws = functions(**but)
    heard: list[Any] = []
    many = [FUNCTION.but(id=f"f{n}") for n in range(9)]
    told = lines(lambda_function.COLLECTOR, asking(aws, *many, so_far=heard.append))
    assert [line.split(":")[1] for line in told if line.startswith("lambda:")] == [f"function f{n}" for n in (0, 2, 3, 4)]
    assert told[-2:] == ["not allowed: lambda:GetFunctionConfiguration", "not looked at: 4 more"]
    assert heard[0].body == told[0], "the first line is heard before anything else is told"
    assert heard[-1].body.splitlines() == told[:-1]
