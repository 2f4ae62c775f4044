"""Which metrics each type of resource has, and by which dimensions CloudWatch knows them: a table.

To watch one more type is to add one entry. Averages are taken where the load is meant, extremes where one bad minute of one
member is, percentiles where a few slow requests are.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Wanted:
    """A metric with the statistic that shows trouble. `dimensions` are its own, beside those that name the resource."""

    name: str
    statistic: str
    dimensions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Family:
    """The metrics of one namespace for one type of resource. `values` makes the dimensions' values of the resource's id,
    none where this namespace does not know such a resource.

    `listed`: the metrics carry further dimensions, which only CloudWatch's own list of metrics tells.
    """

    namespace: str
    keys: tuple[str, ...]
    values: Callable[[str], tuple[str, ...]]
    metrics: tuple[Wanted, ...]
    listed: bool = False

    def dimensions(self, resource_id: str) -> dict[str, str]:
        """Those that name the resource; empty where there are none."""
        values = self.values(resource_id)
        return dict(zip(self.keys, values, strict=True)) if values else {}


SILENT_MEANS_NONE = {  # counts that CloudWatch writes only when there is something to count
    "ReadThrottleEvents", "WriteThrottleEvents", "ThrottledRequests", "SystemErrors", "HTTPCode_Target_5XX_Count", "HTTPCode_ELB_5XX_Count",
    "TargetConnectionErrorCount",
}  # fmt: skip


def families(kind: str) -> tuple[Family, ...]:
    """The families of a type of resource, none where the table does not know it."""
    return FAMILIES.get(kind, ())


def _all(statistic: str, *names: str, **dimensions: str) -> tuple[Wanted, ...]:
    return tuple(Wanted(name, statistic, dimensions) for name in names)


def _itself(name: str) -> tuple[str, ...]:
    return (name,)


def _cluster_and_service(name: str) -> tuple[str, ...]:
    cluster, _, service = name.partition("/")
    return (cluster, service) if service else ()


def _before(mark: str) -> Callable[[str], tuple[str, ...]]:
    """Without the version or alias of a function, the index of a table."""
    return lambda name: (name.partition(mark)[0],)


def _after(mark: str) -> Callable[[str], tuple[str, ...]]:
    return lambda name: (name.rpartition(mark)[2],)


def _balancer(kind: str) -> Callable[[str], tuple[str, ...]]:
    """CloudWatch knows a load balancer by the end of its ARN, app/name/hash."""
    return lambda name: (name,) if name.startswith(f"{kind}/") else ()


def _target_group(name: str) -> tuple[str, ...]:
    """By the end of its ARN too, with the word before it, which our ids do not always hold."""
    return (f"targetgroup/{name.removeprefix('targetgroup/')}",)


def _api(name: str) -> tuple[str, ...]:
    """An HTTP API is known by its id. A REST API is known by a name that its ARN does not hold."""
    kind, _, rest = name.partition("/")
    return (rest.partition("/")[0],) if kind == "apis" else ()


def _first_node(name: str) -> tuple[str, ...]:
    """A replication group has no figures of its own; ElastiCache names its first node so."""
    return (f"{name}-001",)


EC2 = (
    Family(
        "AWS/EC2",
        ("InstanceId",),
        _itself,
        _all("Average", "CPUUtilization")
        + _all("Maximum", "StatusCheckFailed")
        + _all("Sum", "NetworkIn", "NetworkOut")
        + _all("Minimum", "CPUCreditBalance", "EBSIOBalance%", "EBSByteBalance%"),
    ),
    Family("CWAgent", ("InstanceId",), _itself, _all("Maximum", "mem_used_percent", "disk_used_percent"), listed=True),
)
ECS_LOAD = _all("Average", "CPUUtilization") + _all("Maximum", "MemoryUtilization")
ECS_TASKS = _all("Minimum", "RunningTaskCount") + _all("Maximum", "PendingTaskCount", "DeploymentCount")
ECS = (
    Family("AWS/ECS", ("ClusterName", "ServiceName"), _cluster_and_service, ECS_LOAD),
    Family("ECS/ContainerInsights", ("ClusterName", "ServiceName"), _cluster_and_service, ECS_TASKS),
)
RDS = _all("Maximum", "DatabaseConnections", "DiskQueueDepth") + _all("Average", "CPUUtilization", "ReadLatency", "WriteLatency")
LAMBDA = _all("Sum", "Errors", "Throttles", "Invocations") + _all("p95", "Duration") + _all("Maximum", "ConcurrentExecutions")
SQS = _all("Maximum", "ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesNotVisible")
DYNAMODB = _all("Sum", "ReadThrottleEvents", "WriteThrottleEvents", "ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits")
OPERATIONS = ("GetItem", "Query", "PutItem", "UpdateItem")
BALANCER = _all("Sum", "HTTPCode_Target_5XX_Count", "HTTPCode_ELB_5XX_Count", "RequestCount", "TargetConnectionErrorCount")
TARGETS = _all("Minimum", "HealthyHostCount") + _all("Maximum", "UnHealthyHostCount")
REQUESTS = _all("p95", "TargetResponseTime") + _all("Sum", "HTTPCode_Target_5XX_Count", "RequestCount", "TargetConnectionErrorCount")
GROUP = _all("Minimum", "GroupInServiceInstances", "GroupDesiredCapacity") + _all("Maximum", "GroupPendingInstances")
API = _all("p95", "Latency", "IntegrationLatency")
CACHE = _all("Maximum", "EngineCPUUtilization", "CPUUtilization", "CurrConnections", "DatabaseMemoryUsagePercentage") + _all(
    "Sum", "Evictions"
)
AUTO_SCALING = (
    Family("AWS/AutoScaling", ("AutoScalingGroupName",), _after("autoScalingGroupName/"), GROUP),
    Family("AWS/EC2", ("AutoScalingGroupName",), _after("autoScalingGroupName/"), _all("Average", "CPUUtilization")),
)
API_GATEWAY = (
    Family("AWS/ApiGateway", ("ApiId",), _api, API + _all("Sum", "5xx", "4xx", "Count")),
    Family("AWS/ApiGateway", ("ApiName",), lambda _: (), API + _all("Sum", "5XXError", "4XXError", "Count")),  # by an alarm's dimensions
)

FAMILIES: Mapping[str, tuple[Family, ...]] = {
    "ec2:instance": EC2,
    "ecs:service": ECS,
    "rds:db": (Family("AWS/RDS", ("DBInstanceIdentifier",), _itself, RDS + _all("Minimum", "FreeStorageSpace", "FreeableMemory")),),
    "rds:cluster": (Family("AWS/RDS", ("DBClusterIdentifier",), _itself, RDS + _all("Minimum", "FreeableMemory")),),
    "lambda:function": (Family("AWS/Lambda", ("FunctionName",), _before(":"), LAMBDA),),
    "sqs:queue": (Family("AWS/SQS", ("QueueName",), _itself, SQS + _all("Sum", "NumberOfMessagesSent", "NumberOfMessagesDeleted")),),
    "dynamodb:table": (
        Family(
            "AWS/DynamoDB",
            ("TableName",),
            _before("/"),
            DYNAMODB + tuple(one for name in OPERATIONS for one in _all("Average", "SuccessfulRequestLatency", Operation=name)),
        ),
    ),
    "elasticloadbalancing:loadbalancer": (
        Family("AWS/ApplicationELB", ("LoadBalancer",), _balancer("app"), BALANCER + _all("p95", "TargetResponseTime")),
        Family("AWS/NetworkELB", ("LoadBalancer",), _balancer("net"), _all("Sum", "TCP_Target_Reset_Count", "NewFlowCount")),
    ),
    "elasticloadbalancing:targetgroup": (
        Family("AWS/ApplicationELB", ("TargetGroup",), _target_group, TARGETS + REQUESTS, listed=True),
        Family("AWS/NetworkELB", ("TargetGroup",), _target_group, TARGETS, listed=True),
    ),
    "autoscaling:group": AUTO_SCALING,
    "autoscaling:autoScalingGroup": AUTO_SCALING,  # as an ARN has it
    "apigateway:": API_GATEWAY,  # an ARN of API Gateway has no word for the type
    "elasticache:cluster": (Family("AWS/ElastiCache", ("CacheClusterId",), _itself, CACHE),),
    "elasticache:replicationgroup": (Family("AWS/ElastiCache", ("CacheClusterId",), _first_node, CACHE),),
}
