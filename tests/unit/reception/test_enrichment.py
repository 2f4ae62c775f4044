"""Tags and alias: what they add, what they cost, and that they keep no alert up."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError
from moto import mock_aws

from reception.directory import BOUND_SECONDS, FAILED_SECONDS, TAGS_SECONDS, AwsDirectory
from reception.enrichment import Known, enriched
from reception.resources import Place
from reception.tidying import placed
from tests.fakes.words import INSTANCE, an_alert
from watchkeeper.team import Service, Services

HOME = Place("123456789012", "eu-west-1")
NOBODYS = {"account": "123456789012", "service": "unknown", "alarm_name": ""}


@dataclass
class Directory:
    """The Directory port with one answer."""

    known: Known
    asked: list[tuple[str, Sequence[str]]] = field(default_factory=list)

    def look_up(self, account: str, arns: Sequence[str]) -> Known:
        self.asked.append((account, arns))
        return self.known


def as_it_is(text: str) -> str:
    return text


def with_tags(services: tuple[Service, ...] = (), alias: str = "acme-prod", **tags: str) -> Any:
    return enriched(an_alert(**NOBODYS), Directory(Known(alias, {INSTANCE.arn: tags})), Services(services=services), as_it_is)


def test_tags_say_whose_it_is() -> None:
    alert = with_tags(Service="checkout", env="production", owner="payments", cost="42")
    assert (alert.service, alert.environment) == ("checkout", "production")
    assert alert.labels == {"account_alias": "acme-prod", "tag:Service": "checkout", "tag:env": "production", "tag:owner": "payments"}


def test_services_yaml_may_ask_for_any_tag_and_its_word_stands_before_the_tags() -> None:
    till = Service(name="till", environment="prod", tags={"cost": "42", "service": "checkout"})
    alert = with_tags((till,), service="checkout", cost="42")
    assert (alert.service, alert.environment) == ("till", "prod")
    assert alert.labels["tag:cost"] == "42"
    assert with_tags((till,), service="checkout", cost="7").service == "checkout"


def test_what_the_sender_said_stays() -> None:
    alert = an_alert(service="storefront", environment="staging", labels={"tag:owner": "shop"})
    known = Known(tags={INSTANCE.arn: {"service": "checkout", "env": "production", "owner": "payments"}})
    found = enriched(alert, Directory(known), Services(), as_it_is)
    assert (found.service, found.environment, found.labels["tag:owner"]) == ("storefront", "staging", "shop")


def test_nothing_known_changes_nothing() -> None:
    alert = an_alert(**NOBODYS)
    assert enriched(alert, Directory(Known()), Services(), as_it_is) is alert


def test_tags_are_redacted_and_cut() -> None:
    known = Known(tags={INSTANCE.arn: {"owner": "x" * 5_000, "team": "secret"}})
    found = enriched(an_alert(**NOBODYS), Directory(known), Services(), lambda text: text.replace("secret", "***"))
    assert (found.labels["tag:team"], len(found.labels["tag:owner"])) == ("***", 500)


@pytest.mark.parametrize("labels", [{"tag:team": "payments"}, {"team": "payments"}])
def test_a_service_is_placed_by_tag_or_label(labels: dict[str, str]) -> None:
    services = Services(services=(Service(name="else", alarms=("else-*",)), Service(name="checkout", tags={"team": "payments"})))
    assert placed(an_alert(**NOBODYS, labels=labels), services).service == "checkout"
    assert placed(an_alert(**NOBODYS, labels={"team": "shop"}), services).service == "unknown"
    assert placed(an_alert(**{**NOBODYS, "alarm_name": "else-1"}, labels=labels), services).service == "else"


# ---------------------------------------------------------------- the adapter


@dataclass
class Api:
    """Both clients: what they answer, how long that takes, and how often they were asked."""

    tags: dict[str, dict[str, str]] = field(default_factory=dict)
    fault: Exception | None = None
    takes: float = 0.0
    now: float = 0.0
    calls: list[tuple[str, Any]] = field(default_factory=list)

    def seconds(self) -> float:
        return self.now

    def get_resources(self, ResourceARNList: list[str]) -> dict[str, Any]:  # noqa: N803 - AWS names it so
        self._answer("tags", tuple(ResourceARNList))
        found = [arn for arn in ResourceARNList if arn in self.tags]
        pairs = {arn: [{"Key": key, "Value": value} for key, value in self.tags[arn].items()] for arn in found}
        return {"ResourceTagMappingList": [{"ResourceARN": arn, "Tags": pairs[arn]} for arn in found]}

    def list_account_aliases(self, MaxItems: int) -> dict[str, Any]:  # noqa: N803 - AWS names it so
        self._answer("alias", MaxItems)
        return {"AccountAliases": ["acme-prod"]}

    def _answer(self, what: str, about: Any) -> None:
        self.calls.append((what, about))
        self.now += self.takes
        if self.fault:
            raise self.fault

    @property
    def directory(self) -> AwsDirectory:
        return AwsDirectory(HOME, lambda *_: self, self.seconds)


def test_an_answer_is_remembered_for_its_time_also_that_there_is_none() -> None:
    api = Api(tags={INSTANCE.arn: {"service": "checkout"}})
    directory, bare = api.directory, INSTANCE.arn.replace("0123", "ffff")
    for _ in range(3):
        known = directory.look_up(HOME.account, [INSTANCE.arn, bare])
        assert known == Known("acme-prod", {INSTANCE.arn: {"service": "checkout"}, bare: {}})
    assert [what for what, _ in api.calls] == ["tags", "alias"]
    api.now += TAGS_SECONDS
    directory.look_up(HOME.account, [INSTANCE.arn])
    assert [what for what, _ in api.calls] == ["tags", "alias", "tags"]


DENIED = ClientError({"Error": {"Code": "AccessDeniedException"}}, "GetResources")


@pytest.mark.parametrize(
    "fault", [DENIED, ConnectTimeoutError(endpoint_url="https://tagging.eu-west-1.amazonaws.com")], ids=["denied", "out"]
)
def test_a_failure_costs_no_alert_and_is_not_tried_again_at_once(fault: Exception) -> None:
    api = Api(fault=fault)
    directory = api.directory
    for _ in range(3):
        assert directory.look_up(HOME.account, [INSTANCE.arn]) == Known()
    assert [what for what, _ in api.calls] == ["tags", "alias"]
    api.now, api.fault = FAILED_SECONDS, None
    assert directory.look_up(HOME.account, [INSTANCE.arn]).alias == "acme-prod"


def test_a_slow_answer_leaves_the_next_question_out() -> None:
    api = Api(takes=BOUND_SECONDS)
    assert api.directory.look_up(HOME.account, [INSTANCE.arn]) == Known(tags={INSTANCE.arn: {}})
    assert [what for what, _ in api.calls] == ["tags"]


def test_no_other_account_is_asked_about() -> None:
    api = Api()
    assert api.directory.look_up("210987654321", [INSTANCE.arn]) == Known()
    assert api.directory.look_up("", [INSTANCE.arn]) == Known()
    assert api.directory.look_up(HOME.account, [INSTANCE.arn.replace(HOME.account, "210987654321"), "no arn"]).tags == {}
    assert [what for what, _ in api.calls] == ["alias"]


def test_memory_is_bounded() -> None:
    api = Api()
    directory = api.directory
    for n in range(1_100):
        directory.look_up(HOME.account, [INSTANCE.arn.replace("0123456789abcdef0", f"{n:017x}")])
        api.now += 0.01
    directory.look_up(HOME.account, [INSTANCE.arn.replace("0123456789abcdef0", f"{0:017x}")])
    assert len([what for what, _ in api.calls if what == "tags"]) == 1_101


@mock_aws
def test_the_real_clients_are_asked_as_they_want_to_be() -> None:
    ec2 = boto3.client("ec2", region_name="eu-west-1")
    image = ec2.describe_images()["Images"][0]["ImageId"]
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "service", "Value": "checkout"}]}]
    made = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, TagSpecifications=tags)["Instances"][0]["InstanceId"]
    boto3.client("iam").create_account_alias(AccountAlias="acme-prod")
    directory = AwsDirectory(HOME, lambda service, region: boto3.client(service, region_name=region), lambda: 0.0)
    arn = f"arn:aws:ec2:eu-west-1:{HOME.account}:instance/{made}"
    assert directory.look_up(HOME.account, [arn]) == Known("acme-prod", {arn: {"service": "checkout"}})
