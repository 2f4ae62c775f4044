"""What the team's own guides say of an alert like this one: sections of `guides/*.md` in the configuration, word for word.

    guide database-connections.md § How to tell: DatabaseConnections stands at the most that the database takes.
          - Compare it with `max connections` in the rds evidence.

A guide begins with what it is about, between two lines of three dashes: any of `metrics`, `words`, `causes` and `resources`, each a list.
It is cited where the alert names one of its metrics, words or causes; where it lists none of these, a resource type is enough. No
model has a say in it, and nothing that a log or a tag says.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import ValidationError

from analysis.evidence.ask import Ask, Collector, Found, Nothing
from watchkeeper.errors import Misconfigured
from watchkeeper.models import Cause
from watchkeeper.models.word import Word
from watchkeeper.team import config_dir

MOST_SECTIONS = 3
LONGEST_SECTION = 900
MOST_GUIDES = 100
_FRONT = re.compile(r"\A---\n(.*?)\n---\n(.*)\Z", re.DOTALL)
_HEADING = re.compile(r"^## +(.+?) *$", re.MULTILINE)


class About(Word):
    """What a guide is about. Words are found in the alert's title as whole words, in any case."""

    causes: tuple[Cause, ...] = ()
    metrics: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Guide:
    file: str
    about: About
    sections: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Seen:
    """As much of an alert as chooses a guide: its own title and alarm's name, its metric, and the types of trusted resources."""

    title: str
    metric: str
    types: frozenset[str]


def collect(ask: Ask) -> Found | Nothing:
    """The sections of the guides that fit best, no more than three, and a line for each guide that cannot be read."""
    guides, broken = guides_in(config_dir() / "guides")
    chosen = chosen_of(guides, seen_of(ask))[:MOST_SECTIONS]
    if not chosen and broken:
        raise Misconfigured("\n".join(broken))
    if not chosen:
        return Nothing("No guide speaks of such an alert.")
    lines = [f"guide {file} § {heading}: {ask.tidy(_short(text))}" for file, heading, text in chosen]
    cited = "; ".join(f"{file} § {heading}" for file, heading, _ in chosen)
    return Found(summary=f"The team's guides: {cited}.", body="\n".join([*lines, *(f"not read: {ask.tidy(one)}" for one in broken)]))


def seen_of(ask: Ask) -> Seen:
    alert = ask.alert
    title = f"{alert.title} {alert.alarm_name}" if alert else ask.incident.title
    types = frozenset(resource.type for resource in ask.incident.resources if resource.trusted)
    return Seen(title, alert.metric.name if alert and alert.metric else "", types)


def chosen_of(guides: tuple[Guide, ...], seen: Seen) -> list[tuple[str, str, str]]:
    """File, heading and text of each section of the guides that fit, the best guide first, then by file name."""
    ranked = sorted(((-fit(guide.about, seen), guide.file, guide) for guide in guides), key=lambda one: one[:2])
    return [(guide.file, heading, text) for fits, _, guide in ranked if fits for heading, text in guide.sections]


def fit(about: About, seen: Seen) -> int:
    """0 for a guide about something else. The metric tells most, then words and causes, then the type of the resource."""
    named = [*about.words, *(cause.value.replace("_", " ") for cause in about.causes)]
    said = 4 * (seen.metric in about.metrics) + 2 * min(2, sum(_says(seen.title, word) for word in named))
    of_kind = 1 if seen.types.intersection(about.resources) else 0
    if about.metrics or named:
        return said + of_kind if said else 0
    return of_kind


def _says(title: str, word: str) -> bool:
    spaced = re.sub(r"[^a-z0-9]+", " ", title.lower())
    return f" {' '.join(re.findall(r'[a-z0-9]+', word.lower()))} " in f" {spaced} "


def _short(text: str) -> str:
    """The section, up to the last whole line that fits."""
    if len(text) <= LONGEST_SECTION:
        return text
    return f"{text[:LONGEST_SECTION].rsplit(chr(10), 1)[0]}\n…"


@cache
def guides_in(folder: Path) -> tuple[tuple[Guide, ...], tuple[str, ...]]:
    """The guides of this folder by name, and a sentence for each that is wrong. A file without front matter is no guide."""
    guides, broken = [], []
    for path in sorted(folder.glob("*.md"))[:MOST_GUIDES]:
        try:
            guide = read(path)
        except Misconfigured as error:
            broken.append(str(error))
            continue
        if guide:
            guides.append(guide)
    return tuple(guides), tuple(broken)


def read(path: Path) -> Guide | None:
    """The guide in this file; none where it has no front matter. Misconfigured names the file and what is wrong in it."""
    import yaml  # only when a guide is read

    parts = _FRONT.match(path.read_text(errors="replace"))
    if parts is None:
        return None
    try:
        about = About.model_validate(yaml.safe_load(parts[1]) or {})
    except (yaml.YAMLError, ValidationError) as error:
        raise Misconfigured(f"{path.name}: its front matter cannot be read: {' '.join(str(error).split())}") from error
    split = _HEADING.split(parts[2])[1:]
    sections = tuple((heading, text.strip()) for heading, text in zip(split[::2], split[1::2], strict=True) if text.strip())
    return Guide(path.name, about, sections)


COLLECTOR = Collector(
    name="guides",
    order=90,
    provenance="the team's own guides, as they were deployed",
    applies=lambda ask: ask.alert is not None,
    asked=lambda ask: f"What do the guides say of {ask.incident.title}?",
    collect=collect,
)
