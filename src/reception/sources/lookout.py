"""What lookout, our own watcher of Docker hosts, sees of a container. The format is in docs/integrations/lookout.md.

A container is known by its host and its name: made anew from its image it has another id, and is the same thing.
"""

from collections.abc import Iterator

from reception.fields import Body, count, listing, mapping, moment, text
from reception.proofs import Hmac
from reception.resources import LONGEST_NAME, distinct
from reception.signature import SIGNATURE, TIMESTAMP
from reception.sources.registry import Received, source
from reception.tags import environment_in, pairs, service_in
from watchkeeper.arns import from_arn
from watchkeeper.ids import token
from watchkeeper.models import Alert, AlertKind, Resource, Severity

MOST_CONTAINERS = 100
MANY_RESTARTS = 3
COMPOSE = "com.docker.compose.service"
FIELDS = ("id", "image", "state", "health", "exit_code", "restarts")
WELL = {"recovered", "started", "healthy", "removed"}
KINDS = {"firing": AlertKind.FIRING, "resolved": AlertKind.RESOLVED, "info": AlertKind.INFO}
SEVERITIES = dict.fromkeys(("exited", "oom_killed", "unhealthy", "restarting", "missing"), Severity.SEV2)
SENTENCES = {
    "exited": "exited",
    "oom_killed": "was killed: out of memory",
    "restarting": "restarts again and again",
    "unhealthy": "is unhealthy",
    "missing": "is gone",
    "paused": "is paused",
    "recovered": "runs again",
    "started": "runs again",
    "healthy": "is healthy again",
    "removed": "was removed",
}


@source(
    "lookout",
    samples=("events/lookout-oom.json", "events/lookout-recovered.json"),
    proof=Hmac(SIGNATURE, prefix="v1=", timestamp_header=TIMESTAMP, signed="{timestamp}:{body}", several=True),
    vendor="lookout, Watchkeeper's own watcher for Docker hosts",
    docs="docs/integrations/lookout.md",
)
def read_report(body: Body, received: Received) -> Iterator[Alert]:
    """Each container of the report is an alert. A report of none is one on the host itself."""
    host = mapping(body.get("host"))
    seen = [mapping(entry) for entry in listing(body.get("containers"))[:MOST_CONTAINERS]]
    for container in seen or [mapping(body.get("container"))]:
        yield _read(container, host, body, received)


def _read(container: Body, host: Body, body: Body, received: Received) -> Alert:
    where, name = text(host, "name") or "a Docker host", text(container, "name").lstrip("/")
    event = _event(container)
    own, shared = pairs(container.get("labels")), pairs(host.get("labels"))
    return Alert(
        source="lookout",
        kind=_kind(container, event),
        title=_title(container, event, name, where),
        fingerprint=token("lookout", where, name),
        occurred_at=moment(container.get("at") or body.get("at"), received.at),
        severity=_severity(container, event),
        vendor_severity=text(container, "severity"),
        service=service_in(own) or own.get(COMPOSE, "") or service_in(shared) or "unknown",
        environment=environment_in(own) or environment_in(shared),
        description=text(container, "message"),
        resources=distinct(_resources(container, host, name, where)),
        log_excerpt=text(container, "log_tail"),
        labels=pairs({"host": where, "event": event})
        | pairs({field: text(container, field) for field in FIELDS})
        | ({"oom_killed": "yes"} if container.get("oom_killed") is True else {})
        | own,
    )


def _event(container: Body) -> str:
    """What Docker's own flag says about memory is surer than the word beside it."""
    event = text(container, "event").lower()
    return "oom_killed" if container.get("oom_killed") is True and event not in WELL else event


def _kind(container: Body, event: str) -> AlertKind:
    """lookout says the kind; where it does not, what happened does."""
    return KINDS.get(text(container, "kind").lower()) or (AlertKind.RESOLVED if event in WELL else AlertKind.FIRING)


def _severity(container: Body, event: str) -> Severity:
    said = text(container, "severity").lower()
    if said in set(Severity):
        return Severity(said)
    return Severity.SEV1 if event == "oom_killed" and _restarts(container) >= MANY_RESTARTS else SEVERITIES.get(event, Severity.SEV3)


def _restarts(container: Body) -> int:
    return count(container.get("restarts"), 0, 0)


def _title(container: Body, event: str, name: str, where: str) -> str:
    what = f"Container {name} on {where}" if name else f"{where}"
    sentence = SENTENCES.get(event) or (f"says {event}" if event else "reports a fault")
    if event in WELL:
        return f"{what} {sentence}"
    restarts, code = _restarts(container), text(container, "exit_code")
    facts = [f"exit {code}" if code else "", f"{restarts} restart{'s' if restarts != 1 else ''}" if restarts else ""]
    aside = ", ".join(fact for fact in facts if fact)
    return f"{what} {sentence}" + (f" ({aside})" if aside else "")


def _resources(container: Body, host: Body, name: str, where: str) -> Iterator[Resource]:
    if name:
        yield Resource(type="docker:container", id=f"{where}/{name}"[:LONGEST_NAME], trusted=True)
    for arn in (text(host, "arn"), text(container, "arn")):
        found = from_arn(arn, trusted=True)
        if found:
            yield found
