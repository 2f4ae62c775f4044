"""Near misses: evidence that looks like a cause and is none, a few for each rule. What is measured silences what is only said."""

from collections.abc import Mapping
from typing import Any

import pytest

from analysis.analyst import rules
from analysis.analyst.ranking import ranked
from analysis.lines import ReadCase
from tests.fakes.words import INSTANCE
from tests.unit.analysis.stories import a_case, cpu_incident
from watchkeeper.models import Cause, Resource

HEAD = "9 error lines, 80 lines read since 2026-11-20T02:45:00Z:"
USUAL = "against 400 lines of the 60 minutes before: 0 kinds of error line are new, 0 more frequent; of 9 lines compared, 9 are as usual"
ECS = "ecs:service shop/storefront: status ACTIVE, desired 2, running {running}, pending 0"
RULES = {rule.cause: rule for rule in rules()}


def logs(text: str, times: int = 3, head: str = HEAD) -> str:
    return "\n".join([head, *(f"2026-11-20T02:59:1{n}Z /checkout/app app/1  {text}" for n in range(times))])


def near(name: str, latest: float, highest: float, of: str, way: str = "") -> str:
    line = f"neighbour: {name} ({of}), Maximum: latest {latest:g}, min 1, max {highest:g}"
    return f"{line}\nneighbour change at 2026-11-20T02:58:00Z: {name} ({of}) {way} from about 1 to {latest:g}" if way else line


def alarm(name: str, latest: float, highest: float, count: int = 9, line: str = "GreaterThanThreshold 80") -> str:
    return (
        f"metric: AWS/EC2 {name} (InstanceId={INSTANCE.id}), Average over 60 s; alarm line: {line}\n"
        f"30 points from 2026-11-20T02:31:00Z to 2026-11-20T03:00:00Z: min 1 at 2026-11-20T02:31:00Z, "
        f"max {highest:g} at 2026-11-20T02:58:00Z, latest {latest:g}\n"
        + (
            f"first crossing at 2026-11-20T02:58:00Z with {highest:g}, {count} points in all"
            if count
            else "no point crosses the alarm line"
        )
    )


def confidence(cause: Cause, texts: Mapping[str, str], **incident: Any) -> float:
    """How sure the rule of this cause is; 0 where it says nothing."""
    finding = RULES[cause].look(ReadCase(a_case(dict(texts), cpu_incident(**incident))))
    return finding.confidence if finding else 0.0


DATABASE = (
    "rds:db orders-db: status available, class db.t3.medium, engine postgres 16.3, storage 100 GiB, multi-AZ no\n"
    "max connections: about 112 (x)"
)
OF_DB = "DBInstanceIdentifier=orders-db"
FUNCTION = "lambda:function checkout: state Active, runtime python3.13, memory 512 MB, timeout 3 s, reserved concurrency none"
TABLE = (
    "dynamodb:table orders: status ACTIVE, billing PROVISIONED, read 5, write 5\n"
    "throttled: ReadThrottleEvents 0, WriteThrottleEvents 0 in the window"
)
ROOM = "quota: ec2 Elastic IPs: used 2 of 5 (40 %)"
SUITABLE = "acm:certificate 8f3a for a.example.com: status ISSUED, expires 2026-12-04T00:00:00Z (in {days} days), in use by 2 resources"
TASKS_DOWN = {"ecs": ECS.format(running=0) + "\nstopped container web of 1: exit code 1"}
DEPLOYED = "deployment 2026-11-20T{at}:00Z: lambda checkout version 8 (was 7)"
CALM = {"metric": alarm("CPUUtilization", 20, 83, 1), "ec2": f"ec2:instance {INSTANCE.id}: state running, type t3.micro"}


@pytest.mark.parametrize(
    ("cause", "texts", "at_most"),
    [
        pytest.param(
            Cause.POOL_EXHAUSTED,
            {"neighbours": near("AWS/RDS DatabaseConnections", 40, 40, OF_DB, "up"), "rds": DATABASE},
            0.0,
            id="connections rose and two in three are free",
        ),
        pytest.param(
            Cause.POOL_EXHAUSTED,
            {"neighbours": near("AWS/RDS DatabaseConnections", 40, 40, OF_DB), "rds": DATABASE, "logs": logs("ERROR too many connections")},
            0.0,
            id="the server is not full, whatever a line says",
        ),
        pytest.param(
            Cause.POOL_EXHAUSTED,
            {
                "neighbours": near("AWS/RDS DatabaseConnections", 40, 40, OF_DB),
                "rds": DATABASE,
                "logs": logs("ERROR QueuePool limit of size 5"),
            },
            0.5,
            id="a pool of the program's own",
        ),
        pytest.param(Cause.POOL_EXHAUSTED, {"logs": logs("ERROR too many connections", head=f"{USUAL}\n{HEAD}")}, 0.0, id="as usual"),
        pytest.param(Cause.POOL_EXHAUSTED, {"logs": logs("INFO connection pool started with 10")}, 0.0, id="a pool that is well"),
        pytest.param(
            Cause.DISK_FULL, {"metric": alarm("disk_used_percent", 60, 61, 0), "logs": logs("ENOSPC")}, 0.0, id="a disk with room"
        ),
        pytest.param(
            Cause.DISK_FULL, {"metric": alarm("disk_used_percent", 75, 76, 9, "GreaterThanThreshold 70")}, 0.0, id="beyond a low line"
        ),
        pytest.param(Cause.DISK_FULL, {"metric": alarm("disk_used_percent", 79, 84, 3)}, 0.0, id="below its line again"),
        pytest.param(Cause.DISK_FULL, {"metric": alarm("disk_used_percent", 86, 86)}, 0.75, id="beyond its line, and not full yet"),
        pytest.param(
            Cause.DISK_FULL, {"rds": DATABASE, "neighbours": near("AWS/RDS FreeStorageSpace", 6e10, 6e10, OF_DB)}, 0.0, id="60 GB"
        ),
        pytest.param(Cause.THROTTLED, {"dynamodb": TABLE, "logs": logs("ProvisionedThroughputExceededException")}, 0.0, id="none counted"),
        pytest.param(
            Cause.THROTTLED, {"neighbours": near("AWS/Lambda Throttles", 0, 0, "FunctionName=checkout")}, 0.0, id="zero throttles"
        ),
        pytest.param(
            Cause.DEPENDENCY_DOWN,
            {"service_map": "suspect 1: checkout (latency): owns 0.8 of the excess 0.9", "logs": logs("ERROR Connection refused")},
            0.0,
            id="the suspect is this service",
        ),
        pytest.param(
            Cause.DEPENDENCY_DOWN,
            {"service_map": "no suspect: nothing in the map is beyond its usual", "logs": logs("ERROR Connection refused")},
            0.4,
            id="the map suspects nobody",
        ),
        pytest.param(
            Cause.DEPENDENCY_DOWN,
            {"other_alarms": "alarm in ALARM since 2026-11-20T02:00:00Z: x on AWS/SQS A (B=c): y"},
            0.0,
            id="another alarm alone",
        ),
        pytest.param(
            Cause.CERTIFICATE_EXPIRING, {"acm": SUITABLE.format(days=14)}, 0.45, id="it expires, and the alarm is about the processor"
        ),
        pytest.param(Cause.CERTIFICATE_EXPIRING, {"acm": SUITABLE.format(days=200)}, 0.0, id="in 200 days"),
        pytest.param(Cause.CERTIFICATE_EXPIRING, {"logs": logs("INFO certificate loaded")}, 0.0, id="a certificate that is well"),
        pytest.param(Cause.NAME_NOT_RESOLVED, {"logs": logs("INFO getaddrinfo orders took 3 ms")}, 0.0, id="a lookup that worked"),
        pytest.param(Cause.NAME_NOT_RESOLVED, {"logs": logs("ERROR TLS handshake failed")}, 0.0, id="a handshake is a certificate's"),
        pytest.param(
            Cause.PERMISSION_DENIED,
            {"changes": "2026-11-20T02:51:00Z iam.amazonaws.com PutRolePolicy by ana {}"},
            0.0,
            id="a policy changed and nothing is refused",
        ),
        pytest.param(
            Cause.PERMISSION_DENIED,
            {"logs": logs("ERROR AccessDenied", 1), "changes": "2026-11-20T03:20:00Z iam.amazonaws.com PutRolePolicy by ana {}"},
            0.5,
            id="the policy changed afterwards",
        ),
        pytest.param(Cause.QUOTA_REACHED, {"quotas": ROOM}, 0.0, id="a quota with room"),
        pytest.param(
            Cause.QUOTA_REACHED, {"quotas": ROOM, "logs": logs("ServiceQuotaExceededException")}, 0.4, id="room, whatever a line says"
        ),
        pytest.param(Cause.QUOTA_REACHED, {"quotas": "quota: ec2 IPs: used 96 of 100 (96 %)"}, 0.45, id="nearly, as every day"),
        pytest.param(
            Cause.POISON_MESSAGE,
            {"sqs": "sqs:queue orders: visible 1200, in flight 20, delayed 0, visibility timeout 30 s"},
            0.0,
            id="only a backlog",
        ),
        pytest.param(
            Cause.POISON_MESSAGE, {"sqs": "dead letters orders-dead: visible 45, after 5 receives"}, 0.5, id="letters of last year"
        ),
        pytest.param(
            Cause.POISON_MESSAGE,
            {"logs": f"{HEAD}\n" + "\n".join(f"2026-11-20T02:59:1{n}Z /g s  ERROR messageId={n}b1f0a52-77aa-4a5e" for n in range(5))},
            0.0,
            id="five different messages",
        ),
        pytest.param(
            Cause.TIMEOUTS, {"logs": logs("ERROR upstream payment timed out after 3000 ms")}, 0.0, id="a timeout of the program's own"
        ),
        pytest.param(
            Cause.TIMEOUTS,
            {
                "lambda": FUNCTION,
                "neighbours": near("AWS/Lambda Duration", 200, 210, "FunctionName=checkout"),
                "logs": logs("Task timed out after 3.00 seconds"),
            },
            0.4,
            id="the duration is far below",
        ),
        pytest.param(
            Cause.OUT_OF_MEMORY,
            {
                "neighbours": near("AWS/ECS MemoryUtilization", 40, 41, "ClusterName=shop, ServiceName=storefront"),
                "logs": logs("java.lang.OutOfMemoryError"),
            },
            0.4,
            id="there was plenty of memory",
        ),
        pytest.param(
            Cause.OUT_OF_MEMORY, {"ecs": ECS.format(running=2) + "\nstopped container web of 1: exit code 143"}, 0.0, id="ended by 143"
        ),
        pytest.param(Cause.BAD_DEPLOY, {**TASKS_DOWN, "deployments": DEPLOYED.format(at="03:05")}, 0.0, id="deployed afterwards"),
        pytest.param(
            Cause.BAD_DEPLOY,
            {**TASKS_DOWN, "deployments": DEPLOYED.format(at="02:58"), "onset": "first bad minute: 2026-11-20T02:50:00Z, by x"},
            0.0,
            id="deployed before the alarm and after the first bad minute",
        ),
        pytest.param(Cause.BAD_DEPLOY, {**TASKS_DOWN, "deployments": DEPLOYED.format(at="02:05")}, 0.0, id="deployed an hour before"),
        pytest.param(Cause.BAD_DEPLOY, {"deployments": DEPLOYED.format(at="02:55")}, 0.0, id="deployed, and nothing broke"),
        pytest.param(
            Cause.BAD_DEPLOY,
            {"deployments": DEPLOYED.format(at="02:55"), "logs": logs("ERROR x", 9, f"{USUAL}\n{HEAD}")},
            0.0,
            id="deployed, and the errors are as usual",
        ),
        pytest.param(
            Cause.BAD_DEPLOY,
            {
                **TASKS_DOWN,
                "deployments": DEPLOYED.format(at="02:55"),
                "service_map": "suspect 1: orders (latency): owns 0.83 of the excess 0.91",
            },
            0.45,
            id="the map suspects another service",
        ),
        pytest.param(
            Cause.CPU_SATURATION,
            {
                "metric": alarm("CPUUtilization", 20, 20, 0),
                "alert": "metric: AWS/EC2 CPUUtilization (InstanceId=i), Average over 60 s; alarm line: GreaterThanThreshold 80",
            },
            0.0,
            id="the alert says so and it was measured at 20 %",
        ),
        pytest.param(Cause.CPU_SATURATION, {"neighbours": near("AWS/RDS CPUUtilization", 99, 99, OF_DB, "up")}, 0.0, id="somebody else's"),
        pytest.param(Cause.CPU_SATURATION, {"metric": alarm("CPUUtilization", 20, 97, 2)}, 0.45, id="idle again"),
        pytest.param(Cause.ERROR_BURST, {"logs": logs("ERROR x", 9, f"{USUAL}\n{HEAD}")}, 0.0, id="errors as usual"),
        pytest.param(Cause.CRASH_LOOP, {"ecs": ECS.format(running=2)}, 0.0, id="all tasks run"),
        pytest.param(Cause.HEALTHY, {**CALM, "metric": alarm("CPUUtilization", 91, 91, 2)}, 0.0, id="still beyond the line"),
        pytest.param(Cause.HEALTHY, {**CALM, "metric": alarm("CPUUtilization", 20, 91, 9)}, 0.0, id="nine points are no moment"),
        pytest.param(Cause.HEALTHY, {**CALM, "logs": logs("ERROR x")}, 0.0, id="errors that may be new"),
        pytest.param(Cause.HEALTHY, {**CALM, "other_alarms": "alarm in ALARM since t: x on y: z"}, 0.0, id="another alarm"),
        pytest.param(Cause.HEALTHY, {**CALM, "targets": "target i-1:80: unhealthy, Target.Timeout: x"}, 0.0, id="an unhealthy target"),
        pytest.param(
            Cause.HEALTHY, {**CALM, "rds": DATABASE.replace("available", "modifying")}, 0.0, id="a database that is not available"
        ),
        pytest.param(Cause.HEALTHY, {**CALM, **TASKS_DOWN}, 0.0, id="tasks that died"),
        pytest.param(Cause.HEALTHY, CALM, 0.6, id="the logs were not read"),
        pytest.param(
            Cause.REQUESTED,
            {
                "alert": "source: pagerduty-action\nmeans ec2-restart, which has that name",
                "ec2": f"ec2:instance {INSTANCE.id}: state running, type t3.micro",
            },
            0.0,
            id="what a request says is not what it means",
        ),
        pytest.param(
            Cause.REQUESTED,
            {
                "request": "asked for through PagerDuty: ec2-restart, which has that name\n      means ec2-restart, which has that name\n"
                "means nothing here: no action of the catalogue has that name, and no standing order speaks of it"
            },
            0.0,
            id="nobody here knows what is meant",
        ),
        pytest.param(
            Cause.REQUESTED,
            {"request": "means ec2-restart, which has that name", "ec2": "ec2:instance i-0fffffffffffffff1: state running, type t3.micro"},
            0.6,
            id="only another instance was looked at",
        ),
    ],
)
def test_a_near_miss(cause: Cause, texts: dict[str, str], at_most: float) -> None:
    assert confidence(cause, texts) == at_most


def test_there_is_a_near_miss_for_every_cause_but_the_one_that_always_speaks() -> None:
    marks = test_a_near_miss.pytestmark[0].args[1]  # type: ignore[attr-defined] # pytest keeps the table there
    assert {mark.values[0] for mark in marks} == set(Cause) - {Cause.UNKNOWN}


def test_a_moment_proposes_nothing() -> None:
    first = ranked(a_case(dict(RULES[Cause.HEALTHY].sample)))[0]
    assert (first.cause, first.confidence) == (Cause.HEALTHY, 0.75)


def test_a_neighbour_counts_when_it_is_a_resource_of_the_incident() -> None:
    ours = Resource(type="rds:db", id="orders-db", trusted=True)
    texts = {"neighbours": near("AWS/RDS CPUUtilization", 99, 99, OF_DB, "up")}
    assert confidence(Cause.CPU_SATURATION, texts, resources=(ours,)) == 0.7
    assert confidence(Cause.CPU_SATURATION, texts, resources=(ours.but(trusted=False),)) == 0.0


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("new: 3 lines since 2026-11-20T02:59:10Z in /checkout/app: ERROR too many connections for <*>", 0.6),
        ("new: 3 lines since 2026-11-20T02:59:10Z in /checkout/app: ERROR another kind of line <*>", 0.0),
    ],
)
def test_only_the_kinds_of_line_that_are_news_count(told: str, expected: float) -> None:
    head = "against 400 lines of the 60 minutes before: 1 kinds of error line are new, 0 more frequent; of 9 lines compared, 6 are as usual"
    assert (
        confidence(Cause.POOL_EXHAUSTED, {"logs": logs("ERROR too many connections for user7", head=f"{head}\n{told}\n{HEAD}")}) == expected
    )


def test_where_not_all_news_are_told_every_line_counts() -> None:
    head = (
        "against 400 lines of the 60 minutes before: 12 kinds of error line are new, 0 more frequent; of 99 lines compared, 6 are as usual"
    )
    assert confidence(Cause.POOL_EXHAUSTED, {"logs": logs("ERROR too many connections", head=f"{head}\n{HEAD}")}) == 0.6
