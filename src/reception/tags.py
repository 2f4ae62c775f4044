"""What labels and tags name: service, environment, place, and things in AWS. Only fields that a sender proved are read here.

Every tool writes the same names in its own way (`instance_id`, `aws.ec2InstanceId`, `dimension_InstanceId`, `InstanceId`), so
they are compared without their case, marks and prefixes.
"""

import re
from collections.abc import Iterable, Mapping

from reception.fields import Body, mapping, text
from reception.resources import Place, from_dimensions
from watchkeeper.arns import from_arn
from watchkeeper.models import Resource

SERVICES = ("service", "servicename", "app", "application", "appkubernetesioname")
ENVIRONMENTS = ("environment", "env", "stage")
ACCOUNTS = ("accountid", "account")
REGIONS = ("region",)
ARNS = ("arn", "resourcearn", "name")  # the Prometheus exporters for CloudWatch write the ARN into `name`
DIMENSIONS = {
    "instanceid": "InstanceId",
    "ec2instanceid": "InstanceId",
    "autoscalinggroup": "AutoScalingGroupName",
    "autoscalinggroupname": "AutoScalingGroupName",
    "volumeid": "VolumeId",
    "dbinstanceidentifier": "DBInstanceIdentifier",
    "dbclusteridentifier": "DBClusterIdentifier",
    "functionname": "FunctionName",
    "lambdafunctionname": "FunctionName",
    "queuename": "QueueName",
    "topicname": "TopicName",
    "tablename": "TableName",
    "loadbalancer": "LoadBalancer",
    "targetgroup": "TargetGroup",
    "loggroup": "LogGroupName",
    "loggroupname": "LogGroupName",
}
# A cluster alone may be one of Kubernetes, so that it counts only with a service of ECS beside it.
ECS = (("ecscluster", "ecsservice"), ("ecsclustername", "ecsservicename"), ("clustername", "servicename"))
_SHAPES = {"InstanceId": r"i-[0-9a-f]{8,17}", "VolumeId": r"vol-[0-9a-f]{8,17}"}
_NAME = r"[\w.:/@+=#$-]{1,255}"
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d")


def pairs(value: object) -> dict[str, str]:
    """The texts of an object, by their names."""
    inner = mapping(value)
    return {name: said for name in inner if (said := text(inner, name))}


def written(value: object) -> dict[str, str]:
    """`name:value,name:value`, or a list of such, as an object. What has no colon is a name that says yes."""
    many = value if isinstance(value, list) else [value]
    parts = [part.strip() for one in many if isinstance(one, str) for part in one.split(",") if part.strip()]
    split = [part.partition(":") for part in parts]
    return {name.strip(): said.strip() or "yes" for name, _, said in split if name.strip()}


def plainly(tags: Mapping[str, str]) -> dict[str, str]:
    """By names without case, marks and the prefixes that exporters put before them. The first of equal ones counts."""
    found: dict[str, str] = {}
    for name, value in tags.items():
        bare = re.sub(r"[^a-z0-9]", "", name.lower())
        found.setdefault(re.sub(r"^(?:dimension|tag|aws)+(?=.)", "", bare), value)
    return found


def service_in(tags: Mapping[str, str]) -> str:
    """Whose it is, by its own word."""
    return text(plainly(tags), *SERVICES)


def environment_in(tags: Mapping[str, str]) -> str:
    """Production, staging, or what else they call it."""
    return text(plainly(tags), *ENVIRONMENTS)


def place_in(tags: Mapping[str, str], home: Place) -> Place:
    """The account and region that the tags name; what they do not name is where we are ourselves."""
    plain = plainly(tags)
    account = next((plain[name] for name in ACCOUNTS if re.fullmatch(r"\d{12}", plain.get(name, ""))), home.account)
    region = next((plain[name] for name in REGIONS if _REGION.fullmatch(plain.get(name, ""))), home.region)
    return Place(account, region)


def things_in(tags: Mapping[str, str], place: Place, *, trusted: bool = True) -> list[Resource]:
    """The AWS resources that the tags name. Not trusted where more people write the tags than the sender vouches for."""
    plain = plainly(tags)
    by_arn = [found for name in ARNS if (found := from_arn(plain.get(name, ""), trusted=trusted))]
    by_name = from_dimensions(dict(_dimensions(plain)), place)
    return by_arn + (by_name if trusted else [resource.but(trusted=False) for resource in by_name])


def _dimensions(plain: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    for name, dimension in DIMENSIONS.items():
        value = plain.get(name, "")
        if re.fullmatch(_SHAPES.get(dimension, _NAME), value):
            yield dimension, value
    for cluster, service in ECS:
        if re.fullmatch(_NAME, plain.get(cluster, "")) and re.fullmatch(_NAME, plain.get(service, "")):
            yield "ClusterName", plain[cluster]
            yield "ServiceName", plain[service]


def links_of(body: Body, **names: str) -> dict[str, str]:
    """The web addresses in these fields, by what we call them: `links_of(body, rule="generatorURL")`."""
    said = {ours: text(body, theirs) for ours, theirs in names.items()}
    return {name: address for name, address in said.items() if address.startswith(("https://", "http://"))}
