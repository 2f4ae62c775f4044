"""Amazon RDS and Aurora: what an instance or a cluster tells of itself, judged by its event's number, else by its categories.

RDS has no state for "ill" and "well". An event that says that the database is available, recovered or short no more ends what an
event of the same family began.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from reception.eventbridge import Event, News, alert, event_of, is_from
from reception.fields import Body, listing, mapping, moment, text
from reception.resources import Place, from_dimensions
from reception.sources.registry import Received, source
from watchkeeper.arns import from_arn
from watchkeeper.models import Alert, AlertKind, Severity

FIRING, RESOLVED, INFO = AlertKind.FIRING, AlertKind.RESOLVED, AlertKind.INFO
TYPES = ("RDS DB Instance Event", "RDS DB Cluster Event")


@dataclass(frozen=True)
class Means:
    """What an event means. Those of one family begin and end the same trouble."""

    kind: AlertKind
    family: str
    severity: Severity = Severity.SEV3


# By the event's number first: within one category there is good news and bad.
EVENTS = {
    "RDS-EVENT-0004": Means(FIRING, "availability", Severity.SEV3),  # shut down
    "RDS-EVENT-0006": Means(RESOLVED, "availability"),  # restarted
    "RDS-EVENT-0020": Means(FIRING, "availability", Severity.SEV2),  # recovery started
    "RDS-EVENT-0021": Means(RESOLVED, "availability"),  # recovery complete
    "RDS-EVENT-0022": Means(FIRING, "availability", Severity.SEV2),  # restart failed
    "RDS-EVENT-0087": Means(INFO, "availability"),  # stopped by a person
    "RDS-EVENT-0088": Means(RESOLVED, "availability"),  # started
    "RDS-EVENT-0150": Means(RESOLVED, "availability"),  # cluster started
    "RDS-EVENT-0151": Means(INFO, "availability"),  # cluster stopped by a person
    "RDS-EVENT-0007": Means(FIRING, "storage", Severity.SEV1),  # storage exhausted
    "RDS-EVENT-0089": Means(FIRING, "storage", Severity.SEV2),  # storage nearly exhausted
    "RDS-EVENT-0217": Means(INFO, "storage"),  # storage begins to grow
    "RDS-EVENT-0218": Means(RESOLVED, "storage"),  # storage grew by itself
    "RDS-EVENT-0221": Means(FIRING, "storage", Severity.SEV1),  # shut down before storage is lost
    "RDS-EVENT-0222": Means(FIRING, "storage", Severity.SEV2),  # storage low
    "RDS-EVENT-0223": Means(FIRING, "storage", Severity.SEV2),  # storage cannot grow
    "RDS-EVENT-0224": Means(FIRING, "storage", Severity.SEV2),  # storage will reach the maximum that is set
    "RDS-EVENT-0013": Means(FIRING, "failover", Severity.SEV2),  # failover started
    "RDS-EVENT-0015": Means(RESOLVED, "failover"),  # failover complete
    "RDS-EVENT-0034": Means(INFO, "failover"),  # failover asked for and not done
    "RDS-EVENT-0049": Means(RESOLVED, "failover"),  # failover complete
    "RDS-EVENT-0051": Means(RESOLVED, "failover"),  # activation complete
    "RDS-EVENT-0065": Means(RESOLVED, "failover"),  # recovered from a partial failover
    "RDS-EVENT-0069": Means(FIRING, "failover", Severity.SEV1),  # cluster failover failed
    "RDS-EVENT-0071": Means(RESOLVED, "failover"),  # cluster failover complete
    "RDS-EVENT-0072": Means(FIRING, "failover", Severity.SEV2),  # cluster failover within the zone
    "RDS-EVENT-0073": Means(FIRING, "failover", Severity.SEV2),  # cluster failover across zones
    "RDS-EVENT-0031": Means(FIRING, "failure", Severity.SEV1),  # failed; a restore is advised
    "RDS-EVENT-0035": Means(FIRING, "failure", Severity.SEV2),  # incompatible parameters
    "RDS-EVENT-0036": Means(FIRING, "failure", Severity.SEV2),  # incompatible network
    "RDS-EVENT-0403": Means(FIRING, "memory", Severity.SEV2),  # critically low on memory
    "RDS-EVENT-0418": Means(FIRING, "key", Severity.SEV2),  # its KMS key is out of reach
    "RDS-EVENT-0419": Means(FIRING, "key", Severity.SEV1),  # shut off, because its KMS key is out of reach
    "RDS-EVENT-0045": Means(FIRING, "replication", Severity.SEV2),  # replication broke
    "RDS-EVENT-0046": Means(RESOLVED, "replication"),  # replication resumed
    "RDS-EVENT-0057": Means(FIRING, "replication", Severity.SEV2),  # replication ended
}
CATEGORIES = {
    "failure": Means(FIRING, "failure", Severity.SEV2),
    "low storage": Means(FIRING, "storage", Severity.SEV2),
    "failover": Means(FIRING, "failover", Severity.SEV2),
    "recovery": Means(RESOLVED, "availability"),
}
NO_NEWS = Means(INFO, "notice", Severity.SEV4)


@source(
    "rds",
    samples=("events/rds-failover-started.json", "events/rds-failover-completed.json", "events/rds-storage-low.json"),
    recognises=lambda body: is_from(body, "rds", *TYPES),
    vendor="Amazon RDS and Aurora events",
    docs="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.Messages.html",
)
def read_database(body: Body, received: Received) -> Iterator[Alert]:
    """One event is one alert of its database."""
    event = event_of(body, received)
    yield alert("rds", event, _news(event))


def _news(event: Event) -> News:
    detail, number = event.detail, text(event.detail, "EventID")
    categories = [one for one in listing(detail.get("EventCategories")) if isinstance(one, str)]
    means = EVENTS.get(number) or next((CATEGORIES[one] for one in categories if one in CATEGORIES), NO_NEWS)
    kind_of_thing = "cluster" if "CLUSTER" in text(detail, "SourceType").upper() or "Cluster" in event.type else "db"
    name = text(detail, "SourceIdentifier").removeprefix("rds:") or "without a name"
    said, database = text(detail, "Message"), from_arn(text(detail, "SourceArn"), trusted=True)
    by_name = from_dimensions({"DBClusterIdentifier" if kind_of_thing == "cluster" else "DBInstanceIdentifier": name}, event.place)
    tags = mapping(detail.get("Tags"))
    return News(
        kind=means.kind,
        title=f"Database {name}: {said.partition('. ')[0].rstrip('.') or number or 'has news'}",
        about=(means.family, kind_of_thing, name),
        severity=means.severity,
        vendor_severity=", ".join(categories),
        description=said,
        resources=[database] if database else by_name,
        labels={"event": number, **{f"tag:{key}": text(tags, key) for key in tags}},
        console=_console(event.place, name, kind_of_thing),
        at=moment(detail.get("Date"), event.at),
    )


def _console(place: Place, name: str, kind: str) -> str:
    cluster = "true" if kind == "cluster" else "false"
    return f"rds/home?region={place.region}#database:id={quote(name, safe='')};is-cluster={cluster};tab=logs-and-events"
