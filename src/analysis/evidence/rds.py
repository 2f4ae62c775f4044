"""The state of the databases near the incident: what they are, how many connections they take, and what RDS reports of them.

rds:db orders-db: status available, class db.t3.medium, engine postgres 16.3, storage 100 GiB, multi-AZ no
max connections: about 450 (db.t3.medium, default formula)
max connections: 200 (parameter group)
event 2026-11-20T02:41:00Z: The free storage capacity for DB instance orders-db is low
"""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

from analysis.evidence import connection_limit
from analysis.evidence.ask import Ask, Collector, Found, Nothing, stamp
from analysis.evidence.each_resource import also, answer, each, names
from watchkeeper.models import Resource

INSTANCES, PARAMETERS, EVENTS = "rds:DescribeDBInstances", "rds:DescribeDBParameters", "rds:DescribeEvents"
BEFORE = timedelta(hours=6)
MOST_EVENTS = 10
MOST_PAGES = 3  # of parameters that somebody set himself
KIND = "rds:db"


def collect(ask: Ask) -> Found | Nothing:
    """DescribeDBInstances, DescribeDBParameters and DescribeEvents for each database."""
    return each(ask, ask.near(KIND), _database, f"Not there: {names(ask.near(KIND))}.")


def _database(ask: Ask, resource: Resource) -> Iterator[str]:
    client = ask.client("rds", ask.region_of(resource))
    absent = ("DBInstanceNotFound", "DBInstanceNotFoundFault")
    said = answer(INSTANCES, resource.id, absent, client.describe_db_instances, DBInstanceIdentifier=resource.id)
    for database in said["DBInstances"][:1] if said is not None else []:
        yield _state(database)
        yield from also(ask, partial(_connections, client, database))
        yield from also(ask, partial(_events, ask, client, resource.id))


def _state(database: dict[str, Any]) -> str:
    zones = "yes" if database.get("MultiAZ") else "no"
    return (
        f"rds:db {database['DBInstanceIdentifier']}: status {database['DBInstanceStatus']}, class {database['DBInstanceClass']}, "
        f"engine {database['Engine']} {database.get('EngineVersion', '')}, storage {database.get('AllocatedStorage', 0)} GiB, "
        f"multi-AZ {zones}"
    )


def _connections(client: Any, database: dict[str, Any]) -> list[str]:
    set_by_hand = next((one for group in database.get("DBParameterGroups", []) if (one := _max_connections(client, group))), "")
    line = connection_limit.told(database["DBInstanceClass"], database["Engine"], set_by_hand)
    return [line] if line else []


def _max_connections(client: Any, group: dict[str, Any]) -> str:
    """What somebody set in this parameter group; empty where nobody did, and the default of the engine holds."""
    name = group["DBParameterGroupName"]
    asked: dict[str, Any] = {"DBParameterGroupName": name, "Source": "user"}
    for _ in range(MOST_PAGES):
        page = answer(PARAMETERS, name, ("DBParameterGroupNotFound",), client.describe_db_parameters, **asked) or {}
        for parameter in page.get("Parameters", []):
            if parameter.get("ParameterName") == "max_connections":
                return str(parameter.get("ParameterValue", ""))
        if not page.get("Marker"):
            break
        asked["Marker"] = page["Marker"]
    return ""


def _events(ask: Ask, client: Any, name: str) -> list[str]:
    """The newest of six hours, oldest first."""
    asked = {"SourceIdentifier": name, "SourceType": "db-instance", "StartTime": ask.incident.fired_at - BEFORE, "EndTime": ask.now}
    said = answer(EVENTS, name, (), client.describe_events, **asked)
    newest = sorted(said["Events"], key=lambda event: event["Date"])[-MOST_EVENTS:]
    return [f"event {stamp(event['Date'])}: {ask.tidy(event.get('Message', ''))}" for event in newest]


COLLECTOR = Collector(
    name="rds",
    order=54,
    provenance="the RDS API, measured",
    applies=lambda ask: bool(ask.near(KIND)),
    asked=lambda ask: f"In which state is {names(ask.near(KIND))}, and how many connections does it take?",
    collect=collect,
    permissions=(INSTANCES, PARAMETERS, EVENTS),
)
