"""Log lines become templates: what the program wrote, with what it filled in as `<*>`; and which templates are news.

All lines are there at once, so nothing depends on their order: what varies is found by comparing, not by who came first.
First, tokens that hold a digit are values by their looks. Then, in messages that differ in one token alone, that token is
a value where many fill it, or where its looks say so. What still differs in a few tokens of many is merged last.
"""

import json
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache

WILD = "<*>"
EXAMPLES = 3
FILLERS = 5  # so many different plain words in one place are a value; fewer are messages: opened and closed, started, stopped, paused
ALIKE = 0.6  # the share of equal tokens from which long messages are one
LONG = 6
ROUNDS = 4
MOST_TOKENS = 80
_VALUE = re.compile(r"[\w.:/@%+~#-]*\d[\w.:/@%+~#-]*")
_KEY = re.compile(r"[A-Za-z_][\w.-]*[=:](?=.)")
_SECRET = re.compile(r"\[[a-z-]+:[0-9a-f]{8}\]")
_NAMELIKE = re.compile(r"[./@\\_$:*-]|[a-z][A-Z]|=.")
_SAYS = ("message", "msg", "log", "error", "event")

Line = tuple[datetime, str]
Tokens = tuple[str, ...]


@dataclass(frozen=True)
class Template:
    """One thing that a program says: how often, from when to when, and a few of the lines as they were."""

    text: str
    count: int
    first: datetime
    last: datetime
    examples: tuple[str, ...]


class Kind(StrEnum):
    NEW = "new"
    MORE = "more"


@dataclass(frozen=True)
class News:
    """A template that the baseline does not hold, or holds far less often; `expected` is what the baseline lets expect."""

    kind: Kind
    template: Template
    expected: float


@dataclass
class _Group:
    """Lines with the same masked tokens, while they are counted."""

    first: datetime
    last: datetime
    count: int = 0
    examples: list[Line] = field(default_factory=list)

    def add(self, at: datetime, text: str) -> None:
        """The next line; they come in the order of their times."""
        self.last = at
        self.count += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append((at, text))


def mine(lines: Iterable[Line]) -> list[Template]:
    """The templates of these lines, the most frequent first. The same lines in any order give the same templates."""
    groups: dict[Tokens, _Group] = {}
    for at, text in sorted(lines):
        groups.setdefault(tokens_of(text), _Group(at, at)).add(at, text)
    named = fold({tokens: group.count for tokens, group in groups.items()})
    members: dict[Tokens, list[_Group]] = defaultdict(list)
    for tokens, group in groups.items():
        members[named[tokens]].append(group)
    found = [_template(tokens, those) for tokens, those in members.items()]
    return sorted(found, key=lambda template: (-template.count, template.text))


def news(window: Sequence[Line], baseline: Sequence[Line], lasted: timedelta, baseline_lasted: timedelta) -> list[News]:
    """What the window says that the baseline did not, or not nearly as often: three times as often, and beyond chance.

    Both are mined together, so that a template has one name in both. New ones first, then by how far they exceed.
    """
    masked = [[tokens_of(text) for _, text in lines] for lines in (window, baseline)]
    named = fold(Counter(tokens for those in masked for tokens in those))
    before = Counter(named[tokens] for tokens in masked[1])
    now: dict[Tokens, _Group] = {}
    for (at, text), tokens in sorted(zip(window, masked[0], strict=True)):
        now.setdefault(named[tokens], _Group(at, at)).add(at, text)
    share = lasted / baseline_lasted
    found = []
    for tokens, group in now.items():
        expected = before[tokens] * share
        if not before[tokens]:
            found.append(News(Kind.NEW, _template(tokens, [group]), 0.0))
        elif group.count >= 3 * expected and _excess(group.count, expected) >= 3:
            found.append(News(Kind.MORE, _template(tokens, [group]), round(expected, 2)))
    return sorted(found, key=lambda one: (one.kind is Kind.MORE, -_excess(one.template.count, one.expected), one.template.text))


def _excess(count: int, expected: float) -> float:
    """In standard deviations of a count that comes by chance; a single line is never beyond it."""
    return (count - expected) / math.sqrt(expected + 1)


def _template(tokens: Tokens, groups: Sequence[_Group]) -> Template:
    examples = sorted(example for group in groups for example in group.examples)[:EXAMPLES]
    return Template(
        text=" ".join(tokens),
        count=sum(group.count for group in groups),
        first=min(group.first for group in groups),
        last=max(group.last for group in groups),
        examples=tuple(text for _, text in examples),
    )


def tokens_of(text: str) -> Tokens:
    """What a line says, its obvious values masked. Of JSON it is the message and its level; of a stack trace the first line."""
    said = _message(text) if text.lstrip()[:1] == "{" else text
    if "[" in said:
        said = _SECRET.sub(WILD, said)
    tokens: list[str] = []
    for token in said.strip().partition("\n")[0].split()[:MOST_TOKENS]:
        masked = _masked(token)
        if masked != WILD or not tokens or tokens[-1] != WILD:
            tokens.append(masked)
    return tuple(tokens)


def _message(text: str) -> str:
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if not isinstance(body, dict):
        return text
    said = next((body[key] for key in _SAYS if isinstance(body.get(key), str)), " ".join(sorted(body)))
    return f"{body.get('level') or body.get('severity') or ''} {said}"


@lru_cache(maxsize=50_000)
def _masked(token: str) -> str:
    """`user=42,` becomes `user=<*>,`: the name before a value and the marks around it belong to the message."""
    if not any(character.isdigit() for character in token):
        return token
    key = _KEY.match(token)
    head, rest = (key.group(), token[key.end() :]) if key and not any(c.isdigit() for c in key.group()) else ("", token)
    return head + _VALUE.sub(lambda match: WILD + match.group()[len(match.group().rstrip(".:")) :], rest)


def fold(counts: dict[Tokens, int]) -> dict[Tokens, Tokens]:
    """Which template each masked message belongs to. Messages of different length or beginning are never one."""
    named: dict[Tokens, Tokens] = {}
    families: dict[tuple[int, str], list[Tokens]] = defaultdict(list)
    for tokens in sorted(counts):
        families[len(tokens), "" if not tokens or _is_name(tokens[0]) else tokens[0]].append(tokens)
    for family in families.values():
        now = {tokens: tokens for tokens in family}
        for _ in range(ROUNDS):
            step = _filled(sorted(set(now.values())))
            if not step:
                break
            now = {tokens: step.get(template, template) for tokens, template in now.items()}
        left: Counter[Tokens] = Counter()
        for tokens, template in now.items():
            left[template] += counts[tokens]
        merged = _merged(left)
        named |= {tokens: merged.get(template, template) for tokens, template in now.items()}
    return named


def _filled(templates: Sequence[Tokens]) -> dict[Tokens, Tokens]:
    """Templates that differ in one token alone, where that token is a value: the first such place of each, made wild."""
    places: dict[tuple[int, Tokens], set[str]] = defaultdict(set)
    for tokens in templates:
        for place in range(len(tokens)):
            places[place, tokens[:place] + tokens[place + 1 :]].add(tokens[place])
    step: dict[Tokens, Tokens] = {}
    for (place, rest), values in places.items():
        if _is_value(values, first=place == 0):
            wild = _wild(values)
            for value in values:
                step.setdefault((*rest[:place], value, *rest[place:]), (*rest[:place], wild, *rest[place:]))
    return {tokens: wild for tokens, wild in step.items() if tokens != wild}


def _is_value(values: set[str], *, first: bool) -> bool:
    """One of them was masked already, many different words stand there, or at least two that look like names of things.

    What a message begins with is nearly always the program's own word: only names are values there.
    """
    if len(values) < 2:
        return False
    if all(_is_name(value) for value in values):
        return True
    return not first and (len(values) >= FILLERS or any(WILD in value for value in values))


def _wild(values: set[str]) -> str:
    """`user=<*>` for `user=ada` and `user=grace`: the name before a value belongs to the message."""
    keys = {match.group() if (match := _KEY.match(value)) else "" for value in values}
    return (keys.pop() if len(keys) == 1 else "") + WILD


def _is_name(token: str) -> bool:
    """A host, a path, a class, `key=value`: what people do not write in sentences."""
    return token == WILD or bool(_NAMELIKE.search(token.strip(".,:;()[]'\"")))


def _merged(counts: Counter[Tokens]) -> dict[Tokens, Tokens]:
    """Long messages that differ in few tokens are one: the rarer joins the more frequent one that it is most like."""
    chosen: list[Tokens] = []
    joined: dict[Tokens, list[Tokens]] = {}
    for tokens in sorted(counts, key=lambda tokens: (-counts[tokens], tokens)):
        likeness, best = max(((_likeness(tokens, other), other) for other in chosen), default=(0.0, ()))
        if len(tokens) >= LONG and likeness >= ALIKE:
            joined[best].append(tokens)
        else:
            chosen.append(tokens)
            joined[tokens] = [tokens]
    return {tokens: _common(those) for those in joined.values() if len(those) > 1 for tokens in those}


def _likeness(one: Tokens, other: Tokens) -> float:
    """The share of equal tokens; a wild place is equal to anything but says nothing, so it does not count.

    Those that differ in one token alone have been judged before, by how many fill that place: they stay what they are.
    """
    solid = [(a, b) for a, b in zip(one, other, strict=True) if a != WILD and b != WILD]
    equal = sum(a == b for a, b in solid)
    return equal / len(solid) if len(solid) >= 3 and len(solid) - equal != 1 else 0.0


def _common(those: Sequence[Tokens]) -> Tokens:
    return tuple(column[0] if len(set(column)) == 1 else WILD for column in zip(*those, strict=True))
