"""Lambda: versions that were published and code or settings that were changed, and which aliases lead to them.

deployment <t>: lambda <name> version 8 (was 7)
deployment <t>: lambda <name> $LATEST changed
alias live of lambda <name>: version 8                 (directly below that version's line)
"""

from datetime import datetime
from typing import Any

from analysis.evidence.ask import Ask, stamp
from analysis.evidence.deployed.kind import Between, Happened, Kind, Tell, near, plain
from watchkeeper.models import Resource
from watchkeeper.storage.aws import in_our_words

VERSIONS, ALIASES = "lambda:ListVersionsByFunction", "lambda:ListAliases"
LATEST = "$LATEST"
MOST_FUNCTIONS = 3
MOST_PAGES = 5  # of fifty; the oldest come first


def look(ask: Ask, between: Between, tell: Tell) -> None:
    for resource in near(ask, "lambda:function", MOST_FUNCTIONS):
        name = resource.id.partition(":")[0]
        versions = _versions(ask, resource, name)
        numbers = sorted(int(one["Version"]) for one in versions if one["Version"].isdecimal())
        changed = [one for one in versions if between.holds(_modified(one))]
        aliases = _aliases(ask, resource, name) if changed else []
        for one in changed:
            tell(_happened(ask, name, one, numbers, aliases))


def _happened(ask: Ask, name: str, one: dict[str, Any], numbers: list[int], aliases: list[dict[str, Any]]) -> Happened:
    at, version = _modified(one), str(one["Version"])
    head = f"deployment {stamp(at)}: lambda {plain(ask, name)}"
    below = tuple(
        f"alias {plain(ask, a['Name'])} of lambda {plain(ask, name)}: version {version}" for a in aliases if a["FunctionVersion"] == version
    )
    if version == LATEST:
        return Happened(at, f"{head} {LATEST} changed", below)
    earlier = [number for number in numbers if number < int(version)]
    return Happened(at, f"{head} version {version}" + (f" (was {earlier[-1]})" if earlier else ""), below)


def _versions(ask: Ask, resource: Resource, name: str) -> list[dict[str, Any]]:
    client, asked = ask.client("lambda", ask.region_of(resource)), {"FunctionName": name}
    found: list[dict[str, Any]] = []
    for _ in range(MOST_PAGES):
        with in_our_words(VERSIONS, name):
            page = client.list_versions_by_function(**asked)
        found += [one for one in page.get("Versions", []) if one.get("LastModified")]
        if not page.get("NextMarker"):
            break
        asked["Marker"] = page["NextMarker"]
    return found


def _aliases(ask: Ask, resource: Resource, name: str) -> list[dict[str, Any]]:
    with in_our_words(ALIASES, name):
        answer = ask.client("lambda", ask.region_of(resource)).list_aliases(FunctionName=name)
    return list(answer.get("Aliases", []))


def _modified(one: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(one["LastModified"])


KIND = Kind(name="lambda", applies=lambda ask: bool(ask.near("lambda:function")), look=look, permissions=(VERSIONS, ALIASES))
