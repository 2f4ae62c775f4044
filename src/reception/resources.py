"""Things in an account, from the ways in which alarms and events name them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from watchkeeper.arns import from_arn
from watchkeeper.models import Resource

MOST = 20
LONGEST_NAME = 512


@dataclass(frozen=True)
class Place:
    """Whose account, and where. Either may be empty, and then there is no ARN."""

    account: str
    region: str

    @property
    def partition(self) -> str:
        if self.region.startswith("cn-"):
            return "aws-cn"
        return "aws-us-gov" if self.region.startswith("us-gov-") else "aws"

    def of(self, account: str) -> "Place":
        """The same region in this account; an empty one changes nothing."""
        return replace(self, account=account) if account else self

    @property
    def console(self) -> str:
        """The address at which the console of this region begins; empty where the region is not known."""
        host = {"aws-cn": "console.amazonaws.cn", "aws-us-gov": "console.amazonaws-us-gov.com"}.get(
            self.partition, "console.aws.amazon.com"
        )
        return f"https://{self.region}.{host}" if self.region else ""

    def arn(self, service: str, rest: str) -> str:
        """The ARN, or empty where account or region are not known."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{rest}" if self.account and self.region else ""


@dataclass(frozen=True)
class Named:
    """A type by the metric dimensions that name one of it; `arn` is empty where the dimensions do not hold all of it."""

    dimensions: tuple[str, ...]
    type: str
    arn: str = ""


# Most specific first; a dimension that named something is not asked again.
DIMENSIONS = (
    Named(("ClusterName", "ServiceName"), "ecs:service", "ecs:service/{}"),
    Named(("ClusterName",), "ecs:cluster", "ecs:cluster/{}"),
    Named(("InstanceId",), "ec2:instance", "ec2:instance/{}"),
    Named(("AutoScalingGroupName",), "autoscaling:group"),
    Named(("VolumeId",), "ec2:volume", "ec2:volume/{}"),
    Named(("DBInstanceIdentifier",), "rds:db", "rds:db:{}"),
    Named(("DBClusterIdentifier",), "rds:cluster", "rds:cluster:{}"),
    Named(("FunctionName",), "lambda:function", "lambda:function:{}"),
    Named(("QueueName",), "sqs:queue", "sqs:{}"),
    Named(("TopicName",), "sns:topic", "sns:{}"),
    Named(("TableName",), "dynamodb:table", "dynamodb:table/{}"),
    Named(("LoadBalancer",), "elasticloadbalancing:loadbalancer", "elasticloadbalancing:loadbalancer/{}"),
    Named(("TargetGroup",), "elasticloadbalancing:targetgroup", "elasticloadbalancing:{}"),
    Named(("CertificateArn",), "acm:certificate"),
    Named(("LogGroupName",), "logs:log-group", "logs:log-group:{}"),
)


def from_dimensions(dimensions: Mapping[str, str], place: Place) -> list[Resource]:
    """What these dimensions of an authenticated alarm name."""
    found, left = [], dict(dimensions)
    for named in DIMENSIONS:
        if not all(left.get(name) for name in named.dimensions):
            continue
        own_id = "/".join(left.pop(name) for name in named.dimensions)
        whole = from_arn(own_id, trusted=True)
        if whole:
            found.append(whole)
            continue
        service, _, rest = named.arn.partition(":")
        arn = place.arn(service, rest.format(own_id)) if named.arn else ""
        found.append(Resource(type=named.type, id=own_id, arn=arn, account=place.account, region=place.region, trusted=True))
    return found


def log_group(name: str, place: Place) -> list[Resource]:
    """The log group, and the Lambda function whose it is, where its name says so."""
    found = from_dimensions({"LogGroupName": name}, place)
    if name.startswith("/aws/lambda/"):
        found = from_dimensions({"FunctionName": name.removeprefix("/aws/lambda/")}, place) + found
    return found


def distinct(resources: Iterable[Resource]) -> tuple[Resource, ...]:
    """Each once, in order, no more than fit into one transaction; a name that no table could hold is left out."""
    by_name = {(r.type, r.arn or r.id): r for r in resources if r.id and len(r.arn or r.id) <= LONGEST_NAME}
    return tuple(by_name.values())[:MOST]
