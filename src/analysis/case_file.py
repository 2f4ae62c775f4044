"""Everything that an analysis was made from, in one file: for a replay offline, and to become a test of every later analyst."""

import hashlib

from pydantic import ConfigDict, ValidationError

from analysis.case import Case, Exhibit
from analysis.deciding import Inputs
from analysis.opinion import Opinion
from analysis.thought import Thought
from claude.question import Usage
from watchkeeper.errors import BadPayload
from watchkeeper.models import Alert, Analysis, Evidence, Incident, Route, Step, Time, Word
from watchkeeper.team import Service


class FiledExhibit(Word):
    """A piece of evidence with its whole text. The row's `body` is left out where the text has it."""

    evidence: Evidence
    text: str
    provenance: str


class FiledThought(Word):
    """What was thought, word for word, so that a replay asks nobody."""

    opinion: Opinion | None
    why: str = ""
    route: Route = Route.RULES
    model: str = ""
    fresh: int = 0
    cache_written: int = 0
    cache_read: int = 0
    out: int = 0
    cost_usd: float = 0.0
    steps: tuple[Step, ...] = ()
    exhibits: tuple[FiledExhibit, ...] = ()
    objections: tuple[str, ...] = ()
    faith: float = 1.0


class CaseFile(Word):
    """`thought` is none where nobody was asked, because the memory held an analysis."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    schema_version: int = 1
    name: str
    at: Time
    signature: str
    incident: Incident
    alerts: tuple[Alert, ...]
    exhibits: tuple[FiledExhibit, ...]
    cached: Analysis | None = None
    thought: FiledThought
    notes: tuple[str, ...] = ()
    team: tuple[Service, ...] = ()


def filed(inputs: Inputs) -> CaseFile:
    """The inputs as a file."""
    thought = inputs.thought
    return CaseFile(
        name=inputs.name,
        at=inputs.at,
        signature=inputs.signature,
        incident=inputs.case.incident,
        alerts=inputs.case.alerts,
        exhibits=tuple(_filed(one) for one in inputs.case.exhibits),
        cached=inputs.cached,
        thought=FiledThought(
            opinion=thought.opinion,
            why=thought.why,
            route=thought.route,
            model=thought.model,
            fresh=thought.usage.fresh,
            cache_written=thought.usage.cache_written,
            cache_read=thought.usage.cache_read,
            out=thought.usage.out,
            cost_usd=thought.cost_usd,
            steps=thought.steps,
            exhibits=tuple(_filed(one) for one in thought.exhibits),
            objections=thought.objections,
            faith=thought.faith,
        ),
        notes=inputs.notes,
        team=inputs.team,
    )


def opened(raw: bytes | str) -> Inputs:
    """The inputs of a file; BadPayload names the field that is wrong."""
    try:
        file = CaseFile.model_validate_json(raw)
    except ValidationError as error:
        first = error.errors()[0]
        raise BadPayload(f"not a case file: {first['msg']}", field=".".join(map(str, first["loc"])) or "file") from error
    thought = file.thought
    names = ("opinion", "why", "route", "model", "cost_usd", "steps", "objections", "faith")
    return Inputs(
        case=Case(file.incident, file.alerts, tuple(_opened(one) for one in file.exhibits)),
        name=file.name,
        at=file.at,
        signature=file.signature,
        cached=file.cached,
        thought=Thought(
            **{name: getattr(thought, name) for name in names},
            usage=Usage(thought.fresh, thought.cache_written, thought.cache_read, thought.out),
            exhibits=tuple(_opened(one) for one in thought.exhibits),
        ),
        notes=file.notes,
        team=file.team,
    )


def stamped(analysis: Analysis, key: str, raw: bytes) -> Analysis:
    """The analysis with where its file lies, and what the file hashes to."""
    return analysis.but(case_key=key, case_sha256=hashlib.sha256(raw).hexdigest())


def _filed(exhibit: Exhibit) -> FiledExhibit:
    return FiledExhibit(evidence=exhibit.evidence.but(body=""), text=exhibit.text, provenance=exhibit.provenance)


def _opened(one: FiledExhibit) -> Exhibit:
    return Exhibit(one.evidence, one.text, one.provenance)
