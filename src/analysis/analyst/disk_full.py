"""There is no room left to write to."""

import re

from analysis.analyst.rule import Finding, Rule, cite
from analysis.analyst.series import Series, series
from analysis.analyst.written import alone, written
from analysis.lines import Hit, ReadCase, Words
from watchkeeper.models import Cause

DATABASE = re.compile(r"rds:db (?P<name>\S+): status (?P<status>\S+), .*storage (?P<storage>\d{1,7}) GiB")
OUT_OF_STORAGE = re.compile(
    r"event \S+: .*(?:allocated storage .*(?:exhausted|full|low)|storage.full|out of (?:free )?storage)", re.IGNORECASE
)
SAYS = Words(
    needles=("no space left on device", "enospc", "disk full", "disk is full", "could not extend file", "disk quota exceeded"),
    pattern=re.compile(
        r"no space left on device|\bENOSPC\b|\bdisk (?:is )?full\b|could not extend file|disk quota exceeded", re.IGNORECASE
    ),
)
FULL, ROOMY, LEAST_SHARE, GIB = 90.0, 80.0, 0.1, 2.0**30


def look(case: ReadCase) -> Finding | None:
    """0.85 where RDS says that its storage is full, or a disk measured to be full has log lines that say so; 0.8 for the
    measurement alone; 0.75 where the alarm's own disk is above 80 % and beyond the alarm's line; log lines alone 0.5 or 0.6, and
    nothing where a disk was measured and has room."""
    said = written(case, SAYS)
    databases = case.hits("rds", DATABASE)
    full = [hit for hit in databases if hit["status"] == "storage-full"]
    if full:
        seen = cite(full[:1], case.hits("rds", OUT_OF_STORAGE), said)
        return Finding(0.85, f"The storage of the database {full[0]['name']} is full.", seen)
    disks = series(case, "disk_used_percent", "DiskSpaceUtilization")
    fullest = max(disks, key=lambda one: one.latest, default=None)
    if fullest and fullest.latest >= FULL:
        sentence = f"A disk is full: {fullest.name} is at {fullest.states['latest']} %."
        return Finding(0.85 if said else 0.8, sentence, cite(fullest.facts, said, fullest.shown))
    short = _short_of_storage(case, databases)
    if short:
        one, database = short
        sentence = (
            f"The database {one.whose} has almost no storage left: {one.states['latest']} bytes of {database['storage']} GiB are free."
        )
        return Finding(0.85 if said else 0.8, sentence, cite((*one.facts, database), said, one.shown))
    filling = next((one for one in disks if one.head and one.above and one.crosses_now and one.latest >= ROOMY), None)
    if filling:
        sentence = f"A disk is filling up: {filling.name} is at {filling.states['latest']} %, beyond the line of its alarm."
        return Finding(0.85 if said else 0.75, sentence, cite(filling.facts, said, filling.shown))
    if not said or (fullest and fullest.latest < ROOMY):
        return None
    return Finding(alone(said), "A disk is full, as log lines say.", cite((), said), ("only log lines say so",))


def _short_of_storage(case: ReadCase, databases: list[Hit]) -> tuple[Series, Hit] | None:
    for one in series(case, "FreeStorageSpace"):
        for database in databases:
            if database["name"] == one.whose and one.latest < LEAST_SHARE * int(database["storage"]) * GIB:
                return one, database
    return None


RULE = Rule(
    cause=Cause.DISK_FULL,
    look=look,
    outranks=frozenset({Cause.CRASH_LOOP, Cause.ERROR_BURST, Cause.TIMEOUTS}),
    sample={
        "metric": "metric: CWAgent disk_used_percent (InstanceId=i-0123456789abcdef0, path=/), Maximum over 60 s; "
        "alarm line: GreaterThanThreshold 90\n"
        "30 points from 2026-11-20T02:31:00Z to 2026-11-20T03:00:00Z: min 81 at 2026-11-20T02:31:00Z, max 99.8 at 2026-11-20T03:00:00Z, "
        "latest 99.8\nfirst crossing at 2026-11-20T02:52:00Z with 90.6, 9 points in all",
        "logs": "1 error lines, 80 lines read since 2026-11-20T02:45:00Z:\n"
        "2026-11-20T02:59:10Z /checkout/app app/1  ERROR write failed: No space left on device",
    },
    more_samples=(
        {
            "rds": "rds:db orders-db: status storage-full, class db.t3.medium, engine postgres 16.3, storage 100 GiB, multi-AZ no\n"
            "event 2026-11-20T02:55:00Z: The allocated storage for the DB instance has been exhausted.",
        },
        {
            "neighbours": "neighbour: AWS/RDS FreeStorageSpace (DBInstanceIdentifier=orders-db), Minimum: "
            "latest 2147483648, min 2147483648, max 32212254720",
            "rds": "rds:db orders-db: status available, class db.t3.medium, engine postgres 16.3, storage 100 GiB, multi-AZ no",
        },
    ),
    impact="Whatever has to write there fails: logs, uploads, the database.",
    steps=(
        "Find what grew: du on the host, or the largest tables and the replication slots of the database.",
        "Free what may go, temporary files and old logs first; do not delete what nobody has looked at.",
        "Grow the volume or the storage if the growth is real.",
    ),
    prevention=("Alarm at 80 %, rotate logs, and let storage of databases grow by itself.",),
    plain_words="There is no room left to store data, so parts of the service cannot write.",
)
