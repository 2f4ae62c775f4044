"""The built-in tools: more of the evidence that is there, and the collectors again, further back or on another trusted resource."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, TypeVar

from pydantic import Field, ValidationError

from analysis.evidence.ask import Ask, Collector
from analysis.evidence.gather import gather
from analysis.thinking.tools import Outcome, Part, Refusal, Shelf, Shown, Tool
from watchkeeper.arns import from_arn
from watchkeeper.models import Resource, Word

NOT_AGAIN = frozenset({"alert", "past", "guides", "mcp"})  # they would answer what they have answered
MOST_MATCHES = 60
LONGEST_BACK = 1_440


class Read(Word):
    evidence_id: str = Field(max_length=20)
    from_line: int = Field(default=1, ge=1, le=1_000_000)


class Search(Word):
    pattern: str = Field(min_length=2, max_length=100)
    evidence_id: str = Field(default="", max_length=20)


class Collect(Word):
    collector: str = Field(max_length=40)
    resource: str = Field(default="", max_length=300)
    minutes: int = Field(default=0, ge=0, le=LONGEST_BACK)


A = TypeVar("A", bound=Word)


@dataclass(frozen=True)
class BuiltIn:
    """For one incident. `ask` is how its evidence was gathered; only what it trusts can be looked at again."""

    shelf: Shelf
    ask: Ask
    collectors: tuple[Collector, ...]
    collector_seconds: float = 8.0
    ticks: Callable[[], float] = time.monotonic

    def offered(self) -> Sequence[Tool]:
        return (
            Tool("read_evidence", "The lines of one piece of evidence, from a line on.", _schema(Read)),
            Tool("search_evidence", "Evidence lines that contain this text, capital letters aside. No patterns.", _schema(Search)),
            Tool("collect", self._about_collecting(), _schema(Collect)),
        )

    def use(self, name: str, arguments: dict[str, Any], seconds: float) -> Outcome:
        if name == "read_evidence":
            return _with(Read, arguments, self._read)
        if name == "search_evidence":
            return _with(Search, arguments, self._search)
        return _with(Collect, arguments, lambda asked: self._collect(asked, seconds))

    def _about_collecting(self) -> str:
        names = " ".join(one.name for one in self._again())
        return f"Asks a collector again, as new evidence; `minutes` further back, or about another known `resource`. One of: {names}"

    def _again(self) -> tuple[Collector, ...]:
        return tuple(one for one in self.collectors if one.name not in NOT_AGAIN)

    def _read(self, asked: Read) -> Outcome:
        exhibit = self.shelf.find(asked.evidence_id)
        if exhibit is None or not exhibit.text:
            return Refusal(f"there is no text of {asked.evidence_id!r}")
        lines = len(exhibit.text.splitlines())
        if asked.from_line > lines:
            return Refusal(f"{asked.evidence_id} has {lines} lines")
        says = f"Read {asked.evidence_id} from line {asked.from_line} of {lines}."
        return Shown((Part(exhibit, exhibit.text, asked.from_line),), says)

    def _search(self, asked: Search) -> Outcome:
        wanted, parts, found = asked.pattern.casefold(), [], 0
        for exhibit in self.shelf.all:
            if asked.evidence_id in {"", exhibit.evidence.id}:
                matching = [line for line in exhibit.text.splitlines() if wanted in line.casefold()]
                found += len(matching)
                parts += [Part(exhibit, "\n".join(matching[-MOST_MATCHES:]))] if matching else []
        if not parts:
            return Refusal("no line of the evidence contains that")
        return Shown(tuple(parts), f"{found} lines in {len(parts)} pieces of evidence contain the text that was searched for.")

    def _collect(self, asked: Collect, seconds: float) -> Outcome:
        collector = next((one for one in self._again() if one.name == asked.collector), None)
        if collector is None:
            return Refusal(f"there is no collector {asked.collector!r} that could be asked again")
        ask = further_back(self.ask, timedelta(minutes=asked.minutes))
        if asked.resource:
            resource = next((one for one in self.known() if asked.resource in {one.id, one.arn}), None)
            if resource is None:
                return Refusal("that resource is neither named by an authenticated field nor in services.yaml, so it is not looked at")
            ask = replace(ask, incident=ask.incident.but(resources=(resource,)))
        if not collector.applies(ask):
            return Refusal(f"{collector.name} has nothing to ask about that")
        answers = gather([collector], ask, max(0.1, min(seconds, self.collector_seconds)), self.ticks)
        return self.shelf.put(answers[0])

    def known(self) -> tuple[Resource, ...]:
        """What may be looked at: what an authenticated field or an API named, and what services.yaml gives the service and
        those that it depends on by ARN. Never what a text names."""
        of_evidence = (thing for one in self.shelf.all for thing in one.evidence.resources)
        named = (thing for thing in (*self.ask.incident.resources, *of_evidence) if thing.trusted)
        services = (*((self.ask.service,) if self.ask.service else ()), *self.ask.dependencies())
        of_team = (from_arn(arn, trusted=True) for service in services for arn in service.resources if not arn.endswith("*"))
        return tuple(dict.fromkeys((*named, *(one for one in of_team if one))))


def further_back(ask: Ask, by: timedelta) -> Ask:
    """The same question as if the alarm had fired so much earlier: the window begins earlier and ends where it did."""
    if not by:
        return ask
    alerts = tuple(alert.but(occurred_at=alert.occurred_at - by) for alert in ask.alerts)
    return replace(ask, incident=ask.incident.but(fired_at=ask.incident.fired_at - by), alerts=alerts)


def _with(kind: type[A], arguments: dict[str, Any], use: Callable[[A], Outcome]) -> Outcome:
    """`use` with the arguments, if they are what the tool takes."""
    try:
        asked = kind.model_validate_json(json.dumps(arguments), strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part)[:40] for part in first["loc"]) or "the arguments"
        return Refusal(f"{where}: {first['msg'].lower()[:120]}")
    except (TypeError, ValueError, RecursionError):
        return Refusal("the arguments are not JSON")
    return use(asked)


def _schema(kind: type[Word]) -> dict[str, Any]:
    """The arguments' schema, without what is only for people."""
    whole = kind.model_json_schema()
    keep = ("type", "minimum", "maximum")
    fields = {name: {key: field[key] for key in keep if key in field} for name, field in whole["properties"].items()}
    return {"type": "object", "properties": fields, "required": whole.get("required", []), "additionalProperties": False}
