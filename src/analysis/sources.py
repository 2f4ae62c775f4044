"""Whose word each line of the evidence is, and so what an analysis may name at all, and what it may name in advice.

Anybody may write into an alert, a log, a commit message, a ticket or what a tool answers. Such text may be quoted and spoken
of; it never becomes advice, so that a package, a command or a host that only an attacker named sends nobody anywhere. Of lines
that mix both, advice may use only the fields that an API filled in itself.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from analysis.analyst import rules
from analysis.case import Case, Exhibit
from analysis.held import Held
from analysis.naming import plain
from analysis.plain_english import OF_THE_TRADE
from watchkeeper.actions import catalogue
from watchkeeper.models import Answer, Cause, Incident
from watchkeeper.team import Services

UNTRUSTED = frozenset({"alert", "logs", "github", "mcp", "past"})
_LONG_WORD = re.compile(r"[a-z]{4,}")
_STAMP = r"\d{4}-\d\d-\d\dT[\d:.]+Z"
_FIELDS: dict[str, "re.Pattern[str]"] = {
    "github": re.compile(
        rf"^commit [0-9a-f]{{7,40}} {_STAMP}|^pull request #\d+ merged {_STAMP}|\(commit [0-9a-f]{{7,40}}\)$|"
        r"^file \S+ in [0-9a-f]{7,40}: lines [\d, -]+ changed$"
    ),
    "changes": re.compile(rf"^{_STAMP} [\w.-]+ \w+(?: REFUSED \w+)? by"),
    "onset": re.compile(rf"^first bad minute: {_STAMP}|^change \d+ min before: (?:commit [0-9a-f]{{7,40}}|pull request #\d+)?"),
    "blame": re.compile(r"^stack frame \S+:\d+|(?:that|by) [0-9a-f]{7,40} ?(?:changed)?(?: \(pull request #\d+\))?"),
    "deployments": re.compile(r"^(?:deployment|parameter changed) .*"),
}


@dataclass(frozen=True)
class Vocabulary:
    """`told` is everything that may be named; `vouched` is what may be named in advice."""

    told: Held
    vouched: Held

    def hearsay(self, text: str) -> tuple[str, ...]:
        """The words of this text, plain as they may look, that only outsiders wrote: the name of a package is often one word.
        Words of the trade, and those that the fixed rules use themselves, are nobody's name."""
        words = dict.fromkeys(_LONG_WORD.findall(plain(text).lower()))
        return tuple(word for word in words if not _usual(word) and self.told.says(word) and not self.vouched.says(word))


def _usual(word: str) -> bool:
    ours = _our_english()
    return any(
        form in OF_THE_TRADE or form in ours for form in (word, word.removesuffix("s"), word.removesuffix("ed"), word.removesuffix("ing"))
    )


@cache
def _our_english() -> frozenset[str]:
    """Every word of the fixed rules' own sentences."""
    said = (text for rule in rules() for text in (rule.impact, *rule.steps, *rule.prevention, rule.plain_words))
    return frozenset(word for text in said for word in _LONG_WORD.findall(text.lower()))


def vocabulary(case: Case, team: Services | None = None) -> Vocabulary:
    """From the facts of the incident, the catalogue, the team's own words and the evidence."""
    known = "\n".join((*_facts(case.incident), *_catalogue(), *_team(team), *_asked(case)))
    told = "\n".join((known, case.incident.title, *_everything(case)))
    return Vocabulary(_held(told), _held("\n".join((known, *(part for exhibit in case.exhibits for part in vouched_lines(exhibit))))))


@lru_cache(maxsize=32)
def _held(text: str) -> Held:
    return Held(text)


def written_outside(line: str) -> bool:
    """Whatever collector it is of: what is indented is foreign text, and a tag says what somebody wrote on the resource."""
    return line[:1].isspace() or line.startswith("tag ")


def vouched_lines(exhibit: Exhibit) -> Iterator[str]:
    """The lines, or the fields of lines, that no outsider wrote. What outsiders wrote is left out, see `written_outside`."""
    if exhibit.evidence.answer is not Answer.FOUND:
        return
    collector = exhibit.evidence.collector
    fields = _FIELDS.get(collector)
    for line in exhibit.lines:
        if written_outside(line):
            continue
        if fields is not None:
            yield from (match[0] for match in fields.finditer(line))
        elif collector not in UNTRUSTED:
            yield line


def _facts(incident: Incident) -> Iterator[str]:
    yield from (incident.id, incident.service, incident.environment, incident.account, incident.region, incident.source)
    yield from (incident.alarm_name, incident.severity.value, *incident.services)
    yield from (f"{at:%Y-%m-%dT%H:%M:%SZ}" for at in (incident.fired_at, incident.opened_at))
    yield f"alerts {incident.alert_count}"
    for resource in incident.resources:
        if resource.trusted:
            yield f"{resource.type} {resource.id} {resource.arn} {resource.account} {resource.region}"


def _catalogue() -> Iterator[str]:
    yield from (f"{a.name}: {a.says}. {a.target_type} {a.expected_effect} {a.why_irreversible}" for a in catalogue().values())
    yield from (cause.value for cause in Cause)


def _team(team: Services | None) -> Iterator[str]:
    for service in team.services if team else ():
        yield f"{service.name} {service.owner} {service.environment} {service.repository}"
        yield from (*service.resources, *service.alarms, *service.log_groups, *service.depends_on)
    yield "config/services.yaml log_groups"


def _asked(case: Case) -> Iterator[str]:
    for exhibit in case.exhibits:
        evidence = exhibit.evidence
        yield f"{evidence.id} {evidence.collector} {evidence.asked} {evidence.permission}"
        yield from (f"{resource.type} {resource.id} {resource.arn}" for resource in evidence.resources if resource.trusted)


def _everything(case: Case) -> Iterator[str]:
    for exhibit in case.exhibits:
        yield from (exhibit.text, exhibit.evidence.summary, exhibit.evidence.why, exhibit.provenance)
