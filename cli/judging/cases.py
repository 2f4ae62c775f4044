"""The incident cases of evals/incidents: evidence in, and what a right answer must and must not say."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import Field

from analysis.case import Case, Exhibit
from analysis.collecting import joined_from
from analysis.evidence import collectors
from analysis.evidence.keep import keep
from cli.trouble import CANNOT, Trouble
from watchkeeper.errors import Misconfigured
from watchkeeper.models import Alert, AlertKind, Answer, Cause, Evidence, Incident, Resource, Severity, Status, StoredPayload, Time, Word
from watchkeeper.team import read_yaml

FIRED_AT = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
ACCOUNT, REGION = "123456789012", "eu-west-1"


class Unfound(Word):
    """A collector that brought nothing: it found nothing, failed, or lacked a permission. One of the three."""

    nothing: str = ""
    failed: str = ""
    not_allowed: str = ""


class About(Word):
    """The incident in short; what is left out is as usual."""

    title: str
    service: str = "checkout"
    environment: str = "production"
    severity: Severity = Severity.SEV2
    source: str = "cloudwatch"
    alarm_name: str = ""
    fired_at: Time = FIRED_AT
    alerts: int = 1
    resources: tuple[Resource, ...] = ()


class Expected(Word):
    """`cause`: any of these is right; `unknown` among them says that to abstain is right. `says`: each of these stands in what a
    person is told, the steps included; `never_says`: none of them does. `proposes` is exact where it is given."""

    cause: tuple[Cause, ...] = Field(min_length=1)
    says: tuple[str, ...] = ()
    never_says: tuple[str, ...] = ()
    proposes: tuple[str, ...] | None = None
    never_proposes: tuple[str, ...] = ()
    at_least: float = Field(default=0.0, ge=0, le=1)
    at_most: float = Field(default=1.0, ge=0, le=1)

    @property
    def abstains(self) -> bool:
        return Cause.UNKNOWN in self.cause


class EvalCase(Word):
    """One night. `herring` says what misleads in it, empty where nothing does; `origin` where it comes from."""

    name: str = ""
    about: str
    herring: str = ""
    origin: str = "written for Watchkeeper"
    incident: About
    evidence: dict[str, str | Unfound]
    expect: Expected


def read_cases(folder: Path, only: str = "") -> list[EvalCase]:
    """Every case of the folder in the order of their names, or those whose name holds `only`; Trouble where there is none."""
    paths = [path for path in sorted(folder.glob("*.yaml")) if only in path.stem]
    if not paths:
        raise Trouble(f"no case in {folder} is called like {only!r}" if only else f"no case in {folder}", code=CANNOT)
    try:
        return [read_yaml(path, EvalCase).but(name=path.stem) for path in paths]
    except Misconfigured as error:
        raise Trouble("a case cannot be read", str(error), "see evals/README.md", CANNOT) from error


def case_of(one: EvalCase) -> Case:
    """The case as the analysis would have it: redaction, numbering and joins are the real ones."""
    about = one.incident
    incident = Incident(
        id="INC-00000000000000000000000000",
        version=1,
        status=Status.INVESTIGATING,
        title=about.title,
        severity=about.severity,
        service=about.service,
        environment=about.environment,
        account=ACCOUNT,
        region=REGION,
        source=about.source,
        fingerprint=one.name,
        alarm_name=about.alarm_name,
        resources=about.resources,
        opened_at=about.fired_at,
        updated_at=about.fired_at,
        fired_at=about.fired_at,
        alert_count=about.alerts,
    )
    exhibits = [_exhibit(number, name, said, about.fired_at) for number, (name, said) in enumerate(_in_order(one.evidence), start=1)]
    joined = keep(joined_from(exhibits, incident), incident.id, len(exhibits) + 1, about.fired_at, str, _Nowhere())
    return Case(incident, (_alert(about, one.name),), (*exhibits, *joined))


def _alert(about: About, name: str) -> Alert:
    return Alert(
        source=about.source, kind=AlertKind.FIRING, title=about.title, fingerprint=name, occurred_at=about.fired_at,
        severity=about.severity, service=about.service, resources=about.resources, alarm_name=about.alarm_name,
    )  # fmt: skip


def _in_order(evidence: Mapping[str, str | Unfound]) -> Iterator[tuple[str, str | Unfound]]:
    """As collectors are asked; one that no collector is called like comes last, for a tool's."""
    places: Mapping[str, int] = {collector.name: collector.order for collector in collectors()}
    yield from sorted(evidence.items(), key=lambda item: (places.get(item[0], 1_000), item[0]))


def _exhibit(number: int, name: str, said: str | Unfound, at: datetime) -> Exhibit:
    provenance = next((one.provenance for one in collectors() if one.name == name), "a tool that the team registered")
    row: dict[str, Any] = {"id": f"E{number}", "collector": name, "asked": f"What does {name} say?", "collected_at": at}
    if isinstance(said, str):
        text = said.rstrip("\n")
        return Exhibit(Evidence(answer=Answer.FOUND, summary=text.split("\n", 1)[0][:300], body=text, **row), text, provenance)
    if said.not_allowed:
        why = f"the analysis role lacks {said.not_allowed}"
        row |= {"answer": Answer.NOT_ALLOWED, "summary": f"Not allowed: {why}.", "why": why, "permission": said.not_allowed}
    elif said.failed:
        row |= {"answer": Answer.FAILED, "summary": "The question failed.", "why": said.failed}
    else:
        row |= {"answer": Answer.NOTHING, "summary": said.nothing or "Nothing."}
    return Exhibit(Evidence(**row), "", provenance)


class _Nowhere:
    """No evidence of a case is long enough for a bucket; were one, its whole text is in the exhibit anyway."""

    def put(self, key: str, body: bytes) -> StoredPayload:
        return StoredPayload(bucket="", key=key, sha256="", size=len(body))

    def get(self, stored: StoredPayload) -> bytes:
        raise KeyError(stored.key)
