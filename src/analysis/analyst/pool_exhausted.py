"""Nobody gets a connection to the database: all that it allows, or all that the program allows itself, are taken."""

import re

from analysis.analyst.rule import Finding, Rule, cite
from analysis.analyst.series import Series, series
from analysis.analyst.what_changed import Changed, what_changed
from analysis.analyst.written import alone, written
from analysis.lines import Hit, ReadCase, Words
from watchkeeper.models import Cause

LIMIT = re.compile(r"max connections: (?:about )?(?P<most>\d{1,9})\b")
DATABASE = re.compile(r"rds:db (?P<name>\S+): ")
SERVER_SAYS = Words(
    needles=("too many connections", "remaining connection slots", "too many clients", "connection limit exceeded", "max_user_connections"),
    pattern=re.compile(
        r"too many connections|remaining connection slots|too many clients already|connection limit exceeded|max_user_connections",
        re.IGNORECASE,
    ),
)
POOL_SAYS = Words(
    needles=("queuepool", "hikaripool", "connection pool", "pool exhausted", "timeout acquiring a connection"),
    pattern=re.compile(
        r"QueuePool limit|HikariPool\S* - Connection is not available|connection pool\b.*\b(?:exhausted|timed? ?out|is full)|"
        r"\bpool exhausted|timeout acquiring a connection",
        re.IGNORECASE,
    ),
)
NEARLY, FREE = 0.9, 0.5


def look(case: ReadCase) -> Finding | None:
    """0.85 where the connections measured are at the limit and the logs say so, 0.75 where they are at the limit or have just
    risen beside such lines, 0.05 more just after a deployment; log lines alone 0.5 or 0.6. Where half of the connections are
    free, what a server is said to say is not believed, and a program's own pool is worth 0.5."""
    server, pool = written(case, SERVER_SAYS), written(case, POOL_SAYS)
    used, limit = _used(case)
    share = used.high / int(limit["most"]) if used and limit and int(limit["most"]) else None
    said = pool if share is not None and share < FREE else [*pool, *server]
    changed = what_changed(case)
    if used and share is not None and share >= NEARLY:
        confidence = 0.85 if said else 0.75
    elif used and share is None and said and (used.went("up") or used.crossing):
        confidence = 0.75
    elif said:
        return _only_written(said, used, limit, 0.5 if share is not None and share < FREE else alone(said))
    else:
        return None
    confidence = round(confidence + (0.05 if changed.deployment else 0.0), 2)
    facts = (*changed.facts, *used.facts, limit)
    return Finding(confidence, _sentence(changed, used, limit), cite(facts, said, used.shown), _with(changed))


def _used(case: ReadCase) -> tuple[Series | None, Hit | None]:
    """The busiest database's connections, and its limit if that is known of the same database."""
    used = max(series(case, "DatabaseConnections"), key=lambda one: one.high, default=None)
    names, limits = case.hits("rds", DATABASE), case.hits("rds", LIMIT)
    if used is None:
        return None, None
    its = next((name for name in names if name["name"] == used.whose), None)
    after = [limit for limit in limits if its and limit.evidence_id == its.evidence_id and limit.number > its.number]
    return used, after[0] if after else (limits[0] if len(limits) == 1 and len(names) < 2 else None)


def _sentence(changed: Changed, used: Series, limit: Hit | None) -> str:
    when = f" {changed.clause}" if changed.clause else ""
    of_limit = f" of {limit['most']}" if limit else ""
    return f"Database connections ran out{when}: {used.whose} had up to {used.most}{of_limit} connections."


def _only_written(said: list[Hit], used: Series | None, limit: Hit | None, confidence: float) -> Finding:
    measured = [hit for hit in ((used.states if used else None), limit) if hit] if used and limit else []
    against = ("the database itself is not at its limit",) if measured else ("only log lines say so",)
    sentence = "Programs get no connection to their database, as their log lines say."
    return Finding(confidence, sentence, cite((), said) if measured else cite((), said, measured), against)


def _with(changed: Changed) -> tuple[str, ...]:
    return ("a change shortly before",) if changed.clause else ()


RULE = Rule(
    cause=Cause.POOL_EXHAUSTED,
    look=look,
    outranks=frozenset({Cause.ERROR_BURST, Cause.TIMEOUTS, Cause.DEPENDENCY_DOWN}),
    sample={
        "neighbours": "neighbour: AWS/RDS DatabaseConnections (DBInstanceIdentifier=orders-db), Maximum: latest 111, min 12, max 112\n"
        "neighbour change at 2026-11-20T02:58:00Z: AWS/RDS DatabaseConnections (DBInstanceIdentifier=orders-db) up from about 14 to 111",
        "rds": "rds:db orders-db: status available, class db.t3.medium, engine postgres 16.3, storage 100 GiB, multi-AZ no\n"
        "max connections: about 112 (db.t3.medium, default formula)",
        "logs": "1 error lines, 80 lines read since 2026-11-20T02:45:00Z:\n"
        "2026-11-20T02:58:30Z /checkout/app app/1  FATAL: remaining connection slots are reserved for superusers",
        "deployments": "deployment 2026-11-20T02:54:00Z: ecs shop/checkout task definition checkout:43 (was checkout:42), "
        "image checkout:1.43.0",
        "github": "pull request #482 merged 2026-11-20T02:52:00Z by ana: One pool for each worker (commit 4be1a09c77d2)",
        "onset": "first bad minute: 2026-11-20T02:58:00Z, by DatabaseConnections\n"
        "change 4 min before: deployment 2026-11-20T02:54:00Z: ecs shop/checkout task definition checkout:43\n"
        "change 6 min before: pull request #482 merged 2026-11-20T02:52:00Z by ana",
    },
    more_samples=(
        {
            "logs": "3 error lines, 80 lines read since 2026-11-20T02:45:00Z:\n"
            + "\n".join(
                f"2026-11-20T02:58:3{n}Z /checkout/app app/1  sqlalchemy QueuePool limit of size 5 overflow 10 reached" for n in range(3)
            ),
        },
    ),
    impact="Requests that need the database wait for a connection and fail.",
    steps=(
        "Look at who holds the connections: pg_stat_activity or SHOW PROCESSLIST, by application and state.",
        "If it began with a deployment, revert that; a restart alone would fill the pool again.",
        "If connections are idle in a transaction, find the code that does not give them back.",
    ),
    prevention=("Keep the pools of all tasks together below the database's limit, or put RDS Proxy between.",),
    plain_words="The database accepts no more callers, so parts of the service cannot read or write.",
)
