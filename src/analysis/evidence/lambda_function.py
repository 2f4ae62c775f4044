"""The state of the Lambda functions near the incident: what they are given, since when they are so, and where failures go.

lambda:function checkout: state Active, runtime python3.13, memory 512 MB, timeout 3 s, reserved concurrency none
last modified 2026-11-20T02:50:00Z, version $LATEST, code sha256 kXv3Wp0pSomL…
last update: Failed: The image cannot be pulled.
dead letters: arn:aws:sqs:eu-west-1:123456789012:checkout-dead
alias live: version 8 (10 % to version 7)
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from analysis.evidence.ask import Ask, Collector, Found, Nothing, figure, stamp
from analysis.evidence.each_resource import absence, also, answer, each, names
from watchkeeper.errors import WatchkeeperError
from watchkeeper.models import Resource

CONFIGURATION, CONCURRENCY, ALIASES = "lambda:GetFunctionConfiguration", "lambda:GetFunctionConcurrency", "lambda:ListAliases"
KIND = "lambda:function"
ABSENT = ("ResourceNotFoundException",)
MOST_ALIASES = 10


def collect(ask: Ask) -> Found | Nothing:
    """GetFunctionConfiguration, GetFunctionConcurrency and ListAliases for each function. Its environment is never shown."""
    return each(ask, ask.near(KIND), _function, f"Not there: {names(ask.near(KIND))}.")


def _function(ask: Ask, resource: Resource) -> Iterator[str]:
    name, _, version = resource.id.partition(":")
    client = ask.client("lambda", ask.region_of(resource))
    asked = {"FunctionName": name} | ({"Qualifier": version} if version else {})
    function = answer(CONFIGURATION, name, ABSENT, client.get_function_configuration, **asked)
    if function is None:
        return
    reserved, refused = _reserved(ask, client, name)
    yield f"lambda:function {name}: {_given(function)}, reserved concurrency {reserved}"
    yield _modified(function)
    yield from _troubles(ask, function)
    yield f"dead letters: {function.get('DeadLetterConfig', {}).get('TargetArn') or 'none'}"
    yield from refused
    yield from also(ask, lambda: _aliases(client, name))


def _reserved(ask: Ask, client: Any, name: str) -> tuple[str, list[str]]:
    try:
        said = answer(CONCURRENCY, name, ABSENT, client.get_function_concurrency, FunctionName=name) or {}
    except WatchkeeperError as error:
        return "unknown", [absence(ask, error)]
    return str(said.get("ReservedConcurrentExecutions", "none")), []


def _given(function: dict[str, Any]) -> str:
    runtime = function.get("Runtime") or "image"
    return (
        f"state {function.get('State', 'unknown')}, runtime {runtime}, memory {function['MemorySize']} MB, timeout {function['Timeout']} s"
    )


def _modified(function: dict[str, Any]) -> str:
    when = stamp(datetime.fromisoformat(function["LastModified"].replace("Z", "+00:00")).astimezone(UTC))
    return f"last modified {when}, version {function.get('Version', '')}, code sha256 {function.get('CodeSha256', '')[:12]}…"


def _troubles(ask: Ask, function: dict[str, Any]) -> list[str]:
    lines = [f"state reason: {ask.tidy(function['StateReason'])}"] if function.get("StateReason") else []
    if function.get("LastUpdateStatus", "Successful") != "Successful":
        why = ask.tidy(function.get("LastUpdateStatusReason") or "nothing more is said")
        lines.append(f"last update: {function['LastUpdateStatus']}: {why}")
    return lines


def _aliases(client: Any, name: str) -> list[str]:
    said = answer(ALIASES, name, ABSENT, client.list_aliases, FunctionName=name, MaxItems=MOST_ALIASES) or {}
    return [f"alias {one['Name']}: version {one['FunctionVersion']}{_shared(one)}" for one in said.get("Aliases", [])[:MOST_ALIASES]]


def _shared(alias: dict[str, Any]) -> str:
    weights = alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
    parts = ", ".join(f"{figure(100 * weight)} % to version {version}" for version, weight in sorted(weights.items()))
    return f" ({parts})" if parts else ""


COLLECTOR = Collector(
    name="lambda",
    order=56,
    provenance="the Lambda API, measured",
    applies=lambda ask: bool(ask.near(KIND)),
    asked=lambda ask: f"In which state is {names(ask.near(KIND))}, and since when?",
    collect=collect,
    permissions=(CONFIGURATION, CONCURRENCY, ALIASES),
)
