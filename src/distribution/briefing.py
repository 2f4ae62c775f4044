"""What a person needs to know at 3 a.m., in words, drawn from the story once. Every template shows parts of this."""

from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, TypeVar

from distribution.wording import Text

W = TypeVar("W")


@dataclass(frozen=True)
class Link:
    """Somewhere to go. The address is ours or the collector's and always https (or the laptop's own page)."""

    label: str
    url: str


@dataclass(frozen=True)
class Cited:
    """A line of evidence that carries the conclusion."""

    quote: str
    evidence_id: str
    about: str
    link: Link | None


@dataclass(frozen=True)
class Looked:
    """One place where we looked, and what came of it."""

    evidence_id: str
    about: str
    outcome: str
    link: Link | None


@dataclass(frozen=True)
class Finding:
    """The analysis in words."""

    root_cause: str
    how_sure: str
    engine: str
    summary: str
    impact: str
    contributing: tuple[str, ...]
    cited: tuple[Cited, ...]
    notes: tuple[str, ...]
    steps: tuple[str, ...]
    prevention: tuple[str, ...]


@dataclass(frozen=True)
class Detail:
    """One thing that a person has to know before they decide."""

    label: str
    text: str


@dataclass(frozen=True)
class Proposal:
    """The plan and what the gate said of it. `details` is the exact plan, `checks` every check of the gate; `ask_id` is there for as
    long as a person is asked, and is what their button carries."""

    action: str
    target: str
    verdict: str
    reasons: tuple[str, ...]
    effect: str
    caution: str
    details: tuple[Detail, ...]
    checks: tuple[str, ...]
    ask_id: str


@dataclass(frozen=True)
class Run:
    """The runbook: where it stands, and its steps. `live` while it runs."""

    state: str
    live: bool
    document: str
    steps: tuple[str, ...]
    failure: str
    link: Link | None


@dataclass(frozen=True)
class Happened:
    at: str
    says: str


@dataclass(frozen=True)
class Briefing:
    """The incident in words, the most important first. `rated` is what Useful? carries, empty where there is nothing to rate."""

    id: str
    title: str
    severity: str
    service: str
    owner: str
    environment: str
    state: str
    mark: str
    colour: str
    opened: str
    took: str
    alerts: str
    do_now: tuple[str, ...]
    command: str
    finding: Finding | None
    looked: tuple[Looked, ...]
    missing: tuple[str, ...]
    proposal: Proposal | None
    run: Run | None
    proof: str
    timeline: tuple[Happened, ...]
    links: tuple[Link, ...]
    rated: str


def reworded(word: W, through: Text) -> W:
    """The same briefing with each of its texts passed through this function; addresses stay as they are."""
    changed: Any = word
    if isinstance(word, str):
        changed = through(word)
    elif isinstance(word, tuple):
        changed = tuple(reworded(part, through) for part in word)
    elif isinstance(word, Link):
        changed = replace(word, label=through(word.label))
    elif is_dataclass(word) and not isinstance(word, type):
        changed = replace(word, **{field.name: reworded(getattr(word, field.name), through) for field in fields(word)})
    result: W = changed
    return result
