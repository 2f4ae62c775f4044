"""RDS instances and clusters of the emulated account; and a theatre whose RDS has standbys and optimizes storage."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from local.rds.server import Door, serving
from tests.actions.theatre import Theatre
from watchkeeper.models import Resource

OURS = [{"Key": "AutoRemediate", "Value": "true"}]


@contextmanager
def standing_by(theatre: Theatre) -> Iterator[tuple[Theatre, Door]]:
    """A theatre of the same account, whose RDS is behind the door of local/rds."""
    with serving(theatre.account) as (door, url):
        made = Theatre(replace(theatre.account, doors=(("rds", url),)))
        yield made, door
        made.simulator.stop_all()


def a_database(theatre: Theatre, name: str, **but: Any) -> Resource:
    """An instance with 100 GiB; it carries the tag."""
    asked = {"Engine": "postgres", "DBInstanceClass": "db.t3.medium", "AllocatedStorage": 100, "Tags": OURS} | but
    made = theatre.client("rds").create_db_instance(DBInstanceIdentifier=name, **asked)["DBInstance"]
    return Resource(type="rds:db", id=name, arn=made["DBInstanceArn"], trusted=True)


def a_cluster(theatre: Theatre, name: str, *members: str) -> Resource:
    """An Aurora cluster with these members, of which the first writes; it carries the tag."""
    rds = theatre.client("rds")
    made = rds.create_db_cluster(
        DBClusterIdentifier=name, Engine="aurora-postgresql", MasterUsername="ada", MasterUserPassword="not-a-secret", Tags=OURS
    )["DBCluster"]
    for member in members:
        rds.create_db_instance(
            DBInstanceIdentifier=member, DBClusterIdentifier=name, Engine="aurora-postgresql", DBInstanceClass="db.r6g.large"
        )
    return Resource(type="rds:cluster", id=name, arn=made["DBClusterArn"], trusted=True)
