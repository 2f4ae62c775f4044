"""What was deployed before the alarm: each kind by its lines, and every kind without its permission."""

from datetime import datetime, timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from analysis.evidence.ask import Ask, Found, Nothing
from analysis.evidence.deployed import kinds
from analysis.evidence.deployments import COLLECTOR, collect
from tests.fakes.aws_accounts import FakeAws, refused
from tests.fakes.words import INSTANCE, NIGHT
from tests.unit.analysis.stories import STOREFRONT, an_ask, cpu_incident, crash_alert, crash_incident
from watchkeeper.errors import NotAllowed
from watchkeeper.ids import now
from watchkeeper.models import Resource
from watchkeeper.team import Service

MINUTE = timedelta(minutes=1)
ARN = "arn:aws:{}:eu-west-1:123456789012:{}"
APPLICATION = ARN.format("codedeploy", "application:checkout")
GROUP = ARN.format("codedeploy", "deploymentgroup:billing/blue")
FUNCTION = ARN.format("lambda", "function:pay")
STACK = ARN.format("cloudformation", "stack/shop/1f2e")
STOREFRONT_TEAM = Service(name="storefront", environment="production", resources=("shop/storefront", STOREFRONT.arn))
CHECKOUT = Service(name="checkout", environment="production", resources=(APPLICATION, GROUP, FUNCTION))


def asked(aws: FakeAws, service: Service | None = CHECKOUT, *resources: Resource, **but: Any) -> Ask:
    return an_ask(aws, cpu_incident(resources=resources), service=service, **but)


def lines(aws: FakeAws, service: Service | None = CHECKOUT, *resources: Resource) -> list[str]:
    said = collect(asked(aws, service, *resources))
    assert isinstance(said, Found)
    head, *rest = said.body.splitlines()
    assert head.endswith(" since 2026-11-20T02:00:00Z:")
    return rest


def codedeploy(name: str, group: str, at: datetime, **but: Any) -> dict[str, Any]:
    facts = {"deploymentId": f"d-{name[:3].upper()}", "applicationName": name, "deploymentGroupName": group, "createTime": at}
    return {**facts, "status": "Succeeded", "revision": {"s3Location": {"bucket": "builds", "key": "app-43.zip"}}, **but}


def test_codedeploy_tells_the_deployments_of_ours_and_of_nobody_else() -> None:
    failed = {"code": "HEALTH_CONSTRAINTS", "message": "too many\nfailed password=hunter2hunter2"}
    before = {"s3Location": {"bucket": "builds", "key": "app-42.zip", "version": "1"}}
    commit = {"gitHubLocation": {"repository": "acme/billing", "commitId": "abc"}}
    spec = {"appSpecContent": {"sha256": "0123456789abcdef"}}
    told = [
        codedeploy("checkout", "all", NIGHT - 9 * MINUTE, previousRevision=before),
        codedeploy("billing", "blue", NIGHT - 8 * MINUTE, status="Failed", errorInformation=failed, revision=commit),
        codedeploy("billing", "green", NIGHT - 7 * MINUTE),
        codedeploy("other", "all", NIGHT - 6 * MINUTE),
        codedeploy("checkout", "all", NIGHT - 5 * MINUTE, deploymentId="d-LAM", revision=spec),
    ]
    pages = iter([told, []])
    aws = FakeAws(
        {"list_deployments": {"deployments": ["d"] * 60}, "batch_get_deployments": lambda **_: {"deploymentsInfo": next(pages)}},
    )
    rest = lines(aws)
    revisions = "revision s3://builds/app-43.zip (was s3://builds/app-42.zip version 1)"
    assert rest[0] == f"deployment 2026-11-20T02:51:00Z: codedeploy d-CHE of checkout/all: Succeeded, {revisions}"
    assert rest[1].startswith(
        "deployment 2026-11-20T02:52:00Z: codedeploy d-BIL of billing/blue: Failed, revision acme/billing@abc, HEALTH_"
    )
    assert "hunter2" not in rest[1]
    assert rest[2] == "deployment 2026-11-20T02:55:00Z: codedeploy d-LAM of checkout/all: Succeeded, revision sha256 0123456789ab"
    assert len(rest) == 3
    assert [len(one["deploymentIds"]) for one in aws.asked("batch_get_deployments")] == [25, 25], "fifty at most"
    assert aws.asked("list_deployments")[0]["createTimeRange"] == {"start": NIGHT - timedelta(hours=1), "end": NIGHT}


def test_codedeploy_knows_what_carries_the_tags_of_the_service() -> None:
    aws = FakeAws(
        {
            "get_resources": lambda ResourceTypeFilters, **_: {  # noqa: N803 - boto3's name
                "ResourceTagMappingList": [{"ResourceARN": APPLICATION}] if ResourceTypeFilters == ["codedeploy"] else []
            },
            "list_deployments": {"deployments": ["d-CHE"]},
            "batch_get_deployments": {"deploymentsInfo": [codedeploy("checkout", "all", NIGHT)]},
        }
    )
    assert lines(aws, Service(name="x", tags={"team": "pay"}))[0].startswith("deployment 2026-11-20T03:00:00Z: codedeploy d-CHE")
    assert aws.asked("get_resources")[0]["TagFilters"] == [{"Key": "team", "Values": ["pay"]}]


def event(status: str, at: datetime, logical: str = "", reason: str = "") -> dict[str, Any]:
    own = {"LogicalResourceId": "shop", "PhysicalResourceId": STACK, "ResourceType": "AWS::CloudFormation::Stack"}
    part = {"LogicalResourceId": logical, "PhysicalResourceId": "x", "ResourceType": "AWS::ECS::Service"}
    facts = {"StackName": "shop", "StackId": STACK, "Timestamp": at, "ResourceStatus": status, "ResourceStatusReason": reason}
    return {**facts, **(part if logical else own)}


EVENTS = [
    event("UPDATE_ROLLBACK_COMPLETE", NIGHT - 2 * MINUTE),
    event("UPDATE_FAILED", NIGHT - 4 * MINUTE, "Service", "Resource handler\nreturned: denied"),
    event("UPDATE_IN_PROGRESS", NIGHT - 5 * MINUTE, "Service", "Requested"),
    event("UPDATE_IN_PROGRESS", NIGHT - 6 * MINUTE, reason="User Initiated"),
    event("CREATE_COMPLETE", NIGHT - 600 * MINUTE),
]


@pytest.mark.parametrize(
    ("answers", "service", "resource"),
    [
        pytest.param({"describe_stack_resources": {"StackResources": [{"StackName": "shop"}]}}, None, STOREFRONT, id="by its owner"),
        pytest.param({}, Service(name="x", resources=(STACK,)), None, id="by services.yaml"),
        pytest.param(
            {"get_resources": {"ResourceTagMappingList": [{"ResourceARN": STACK}]}}, Service(name="x", tags={"a": "b"}), None, id="by tags"
        ),
        pytest.param(
            {
                "describe_stack_resources": refused("ValidationError"),
                "get_resources": {"ResourceTagMappingList": [{"Tags": [{"Key": "aws:cloudformation:stack-name", "Value": "shop"}]}]},
            },
            None,
            INSTANCE,
            id="by the tag that CloudFormation leaves",
        ),
    ],
)
def test_the_stack_of_a_resource_tells_what_happened_to_it(
    answers: dict[str, Any], service: Service | None, resource: Resource | None
) -> None:
    aws = FakeAws({**answers, "describe_stack_events": {"StackEvents": EVENTS, "NextToken": "older"}})
    assert lines(aws, service, *([resource] if resource else [])) == [
        "deployment 2026-11-20T02:54:00Z: cloudformation shop UPDATE_IN_PROGRESS",
        "deployment 2026-11-20T02:58:00Z: cloudformation shop UPDATE_ROLLBACK_COMPLETE",
        "stack resource 2026-11-20T02:56:00Z: Service AWS::ECS::Service UPDATE_FAILED: Resource handler returned: denied",
    ]
    assert [asked["StackName"] for asked in aws.asked("describe_stack_events")] == ["shop"], "what is older is not read"


def test_cloudformation_is_asked_for_a_service_by_its_arn_and_reads_two_pages_at_most() -> None:
    aws = FakeAws(
        {
            "describe_stack_resources": {"StackResources": [{"StackName": "shop"}]},
            "describe_stack_events": {"StackEvents": EVENTS[:1], "NextToken": "more"},
        }
    )
    lines(aws, None, STOREFRONT)
    assert aws.asked("describe_stack_resources") == [{"PhysicalResourceId": STOREFRONT.arn}]
    assert len(aws.asked("describe_stack_events")) == 2


def definitions(**images: str) -> Any:
    def describe(taskDefinition: str) -> dict[str, Any]:  # noqa: N803 - boto3's name
        revision = taskDefinition.rsplit("/", 1)[-1].replace(":", "_")
        if revision not in images:
            raise refused("ClientException")
        return {"taskDefinition": {"containerDefinitions": [{"image": image} for image in images[revision].split("+")]}}

    return describe


def deployments(*made: tuple[str, datetime]) -> dict[str, Any]:
    arn = ARN.format("ecs", "task-definition/{}")
    return {"services": [{"deployments": [{"taskDefinition": arn.format(name), "createdAt": at} for name, at in made]}]}


HEAD = "deployment 2026-11-20T02:51:00Z: ecs shop/storefront task definition "


@pytest.mark.parametrize(
    ("made", "images", "line"),
    [
        pytest.param(
            [("web:43", NIGHT - 9 * MINUTE), ("web:42", NIGHT - 900 * MINUTE)],
            {"web_43": "web:1.43.0", "web_42": "web:1.42.0"},
            "web:43 (was web:42), image web:1.43.0 (was web:1.42.0)",
            id="while the old one still runs",
        ),
        pytest.param(
            [("web:43", NIGHT - 9 * MINUTE)],
            {"web_43": "web:1.43.0+proxy:2", "web_42": "web:1.42.0+proxy:2"},
            "web:43 (the revision before is web:42), image web:1.43.0 + proxy:2 (the revision before is web:1.42.0 + proxy:2)",
            id="after it is gone",
        ),
        pytest.param(
            [("web:43", NIGHT - 9 * MINUTE), ("web:43", NIGHT - 900 * MINUTE)],
            {"web_43": "web:1"},
            "web:43 (as before), image web:1",
            id="the same again",
        ),
        pytest.param(
            [("web:43", NIGHT - 9 * MINUTE)], {"web_43": "web:1"}, "web:43 (the revision before is web:42), image web:1", id="deleted"
        ),
        pytest.param([("web:1", NIGHT - 9 * MINUTE)], {"web_1": "web:1"}, "web:1, image web:1", id="the first"),
        pytest.param([("web:43", NIGHT - 90 * MINUTE)], {"web_43": "web:1"}, None, id="long ago"),
    ],
)
def test_ecs_tells_the_task_definition_and_its_images(made: list[tuple[str, datetime]], images: dict[str, str], line: str | None) -> None:
    aws = FakeAws({"describe_services": deployments(*made), "describe_task_definition": definitions(**images)})
    if line is None:
        assert isinstance(collect(asked(aws, None, STOREFRONT)), Nothing)
    else:
        assert lines(aws, None, STOREFRONT) == [HEAD + line]


def test_lambda_tells_versions_changes_and_the_aliases_that_lead_to_them() -> None:
    latest = {"Version": "$LATEST", "LastModified": "2026-11-20T02:50:00.000+0000"}
    first = {"Versions": [latest, {"Version": "7", "LastModified": "2026-11-01T00:00:00.000+0000"}], "NextMarker": "8"}
    second = {"Versions": [{"Version": "8", "LastModified": "2026-11-20T02:51:00.000+0000"}]}
    aws = FakeAws(
        {
            "list_versions_by_function": lambda Marker="", **_: second if Marker else first,  # noqa: N803 - boto3's name
            "list_aliases": {"Aliases": [{"Name": "live", "FunctionVersion": "8"}, {"Name": "old", "FunctionVersion": "7"}]},
        }
    )
    assert lines(aws) == [
        "deployment 2026-11-20T02:50:00Z: lambda pay $LATEST changed",
        "deployment 2026-11-20T02:51:00Z: lambda pay version 8 (was 7)",
        "alias live of lambda pay: version 8",
    ]


def test_parameters_are_told_without_their_values() -> None:
    changed = {
        "Name": "/checkout/pool/size",
        "Version": 4,
        "LastModifiedUser": "arn:aws:iam::1:user/dana",
        "Value": "5",
        "Description": "from 20",
    }
    old = {"Name": "/checkout/pool/wait", "Version": 1, "LastModifiedDate": NIGHT - 90 * MINUTE}
    aws = FakeAws({"describe_parameters": {"Parameters": [{**changed, "LastModifiedDate": NIGHT - 9 * MINUTE}, old], "NextToken": "more"}})
    assert set(lines(aws)) == {"parameter changed 2026-11-20T02:51:00Z: /checkout/pool/size version 4 by dana"}
    (filters,) = aws.asked("describe_parameters")[0]["ParameterFilters"]
    assert filters == {"Key": "Path", "Option": "Recursive", "Values": ["/checkout", "/production/checkout"]}
    assert len(aws.asked("describe_parameters")) == 4, "pages are bounded"
    assert {name for name, _ in aws.calls} & {"get_parameter", "get_parameters", "get_parameters_by_path", "get_parameter_history"} == set()


EVERYTHING = Service(name="checkout", environment="production", resources=(APPLICATION, FUNCTION, STOREFRONT.arn), tags={"team": "pay"})


def everything() -> FakeAws:
    return FakeAws(
        {
            "list_deployments": {"deployments": ["d-CHE"]},
            "batch_get_deployments": {"deploymentsInfo": [codedeploy("checkout", "all", NIGHT - 5 * MINUTE)]},
            "describe_stack_resources": {"StackResources": [{"StackName": "shop"}]},
            "describe_stack_events": {"StackEvents": EVENTS},
            "describe_services": deployments(("web:43", NIGHT - 9 * MINUTE)),
            "describe_task_definition": definitions(web_43="web:1"),
            "list_versions_by_function": {"Versions": [{"Version": "8", "LastModified": "2026-11-20T02:51:00.000+0000"}]},
            "describe_parameters": {"Parameters": [{"Name": "/checkout/a", "LastModifiedDate": NIGHT - MINUTE}]},
        }
    )


KINDS = {
    "codedeploy": "codedeploy",
    "cloudformation": "cloudformation",
    "ecs": "ecs shop",
    "lambda": "lambda pay",
    "parameters": "parameter changed",
}


@pytest.mark.parametrize(
    ("operation", "permission", "lost"),
    [
        ("list_deployments", "codedeploy:ListDeployments", "codedeploy"),
        ("batch_get_deployments", "codedeploy:BatchGetDeployments", "codedeploy"),
        ("describe_stack_resources", "cloudformation:DescribeStackResources", "cloudformation"),
        ("describe_stack_events", "cloudformation:DescribeStackEvents", "cloudformation"),
        ("get_resources", "tag:GetResources", ""),
        ("describe_services", "ecs:DescribeServices", "ecs"),
        ("describe_task_definition", "ecs:DescribeTaskDefinition", "ecs"),
        ("list_versions_by_function", "lambda:ListVersionsByFunction", "lambda"),
        ("list_aliases", "lambda:ListAliases", "lambda"),
        ("describe_parameters", "ssm:DescribeParameters", "parameters"),
    ],
)
def test_what_is_not_allowed_leaves_the_others_and_says_so(operation: str, permission: str, lost: str) -> None:
    aws = everything()
    aws.answers[operation] = refused()
    rest = lines(aws, EVERYTHING, STOREFRONT)
    assert rest[-1] == f"not allowed: {permission}"
    assert rest.count(rest[-1]) == 1
    told = {name for name, sign in KINDS.items() if any(sign in line for line in rest[:-1])}
    assert told == set(KINDS) - {lost}
    assert permission in COLLECTOR.permissions


def test_every_permission_is_one_that_a_kind_names() -> None:
    assert len(COLLECTOR.permissions) == 10
    assert [kind.name for kind in kinds()] == sorted(KINDS)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (refused("InternalError", 500), "ssm:DescribeParameters on /checkout, /production/checkout: InternalError"),
        ({"Parameters": [{"Name": "/checkout/a"}]}, "KeyError: 'LastModifiedDate'"),
    ],
    ids=["a fault", "a strange answer"],
)
def test_what_fails_leaves_the_others_and_says_why(answer: Any, why: str) -> None:
    aws = everything()
    aws.answers["describe_parameters"] = answer
    rest = lines(aws, EVERYTHING, STOREFRONT)
    assert rest[-1] == f"failed: parameters: {why}"
    assert len(rest) == len(lines(everything(), EVERYTHING, STOREFRONT))


def test_where_nothing_may_be_looked_at_the_permission_is_named() -> None:
    with pytest.raises(NotAllowed, match="ssm:DescribeParameters"):
        collect(asked(FakeAws({"describe_parameters": refused()}), Service(name="checkout")))


def test_nothing_deployed_still_says_what_was_not_seen() -> None:
    said = collect(asked(FakeAws({"describe_parameters": refused()}), Service(name="checkout", resources=(FUNCTION,))))
    assert said == Nothing("No deployment since 2026-11-20T02:00:00Z. not allowed: ssm:DescribeParameters.")


def test_what_is_known_is_told_before_the_rest_is_read() -> None:
    heard: list[Found | Nothing] = []
    collect(asked(everything(), EVERYTHING, STOREFRONT, so_far=heard.append))
    first = heard[0]
    assert isinstance(first, Found)
    assert "cloudformation shop UPDATE_ROLLBACK_COMPLETE" in first.body
    assert first.body.endswith(
        "not read in time: codedeploy\nnot read in time: ecs\nnot read in time: lambda\nnot read in time: parameters"
    )


def test_lines_stand_in_the_order_of_time_and_are_bounded() -> None:
    many = [{"Name": f"/checkout/{n}", "LastModifiedDate": NIGHT - n * MINUTE / 10} for n in range(99)]
    said = collect(asked(FakeAws({"describe_parameters": {"Parameters": many}})))
    assert isinstance(said, Found)
    head, *rest = said.body.splitlines()
    assert head.endswith("99 deployments and changes of parameters since 2026-11-20T02:00:00Z; the newest 40 of them:"), head
    assert rest == sorted(rest, key=lambda line: line.split(" ")[2])
    assert len(rest) == 40


def test_only_what_the_team_or_an_authenticated_field_named_is_asked_for() -> None:
    forged = STOREFRONT.but(trusted=False)
    assert not COLLECTOR.applies(asked(FakeAws(), None, forged))
    aws = FakeAws()
    collect(asked(aws, Service(name="checkout"), forged))
    assert [name for name, _ in aws.calls] == ["describe_parameters"]


def test_on_moto() -> None:
    def real(service: str, region: str) -> Any:
        return boto3.client(service, region_name=region, aws_access_key_id="test", aws_secret_access_key="test")

    with mock_aws():
        ecs = real("ecs", "eu-west-1")
        ecs.create_cluster(clusterName="shop")
        for image in ("web:1", "web:2"):
            ecs.register_task_definition(family="web", containerDefinitions=[{"name": "web", "image": image, "memory": 128}])
        ecs.create_service(cluster="shop", serviceName="storefront", taskDefinition="web:2", desiredCount=1)
        real("ssm", "eu-west-1").put_parameter(Name="/storefront/pool/size", Value="5", Type="String")
        at = now() + MINUTE
        ask = an_ask(real, crash_incident(fired_at=at, resources=()), crash_alert(), service=STOREFRONT_TEAM, now=at)  # type: ignore[arg-type]  # any client will do
        said = collect(ask)
    assert isinstance(said, Found)
    assert (
        ": ecs shop/storefront task definition web:2 (the revision before is web:1), image web:2 (the revision before is web:1)"
        in said.body
    )
    assert ": /storefront/pool/size version 1 by " in said.body
    assert "not allowed" not in said.body
    assert "failed" not in said.body, said.body
    assert len(said.body.splitlines()) == 3


def test_a_service_that_is_named_twice_is_told_once() -> None:
    aws = FakeAws({"describe_services": deployments(("web:1", NIGHT - 9 * MINUTE)), "describe_task_definition": definitions(web_1="web:1")})
    assert lines(aws, STOREFRONT_TEAM, STOREFRONT) == [HEAD + "web:1, image web:1"]
