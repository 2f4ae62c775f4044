"""Lambda functions: what they are reserved, where their aliases point, and the queue that they work off.

An alias has two facts: `alias live` is the version that it points at, `before alias live` the highest published one below that.
An alias that splits its traffic points at more than a number says, and is told with its shares: nothing is computed from such a one.
`source` is the one queue that feeds the function and `dead_letters` where that one's messages die, if they are that queue's alone.
A qualifier in the id, as an ARN may have it, is left aside: facts and tags are the function's.
"""

from collections.abc import Iterator
from typing import Any

from remediation.inventory.sqs_dead_letter_queue import attributes_of, dead_letters_of, sources_of, url_of
from remediation.ports import Sighting
from watchkeeper.errors import Permanent
from watchkeeper.models import Resource
from watchkeeper.storage.aws import code_of, in_our_words

TYPE = "lambda:function"
MOST_PAGES = 20


def see(clients: Any, target: Resource) -> Sighting:
    """The function with its tags; absent where Lambda does not know the name."""
    client, name = clients("lambda"), target.id.partition(":")[0]
    try:
        with in_our_words("lambda:GetFunctionConfiguration", name):
            found = client.get_function_configuration(FunctionName=name)
    except Permanent as error:
        if code_of(error.__cause__) == "ResourceNotFoundException":
            return Sighting()
        raise
    arn = found["FunctionArn"]
    with in_our_words("lambda:ListTags", name):
        tags = client.list_tags(Resource=arn)["Tags"]
    fed, letters = _fed(clients, name)
    return Sighting(
        exists=True,
        account=arn.split(":")[4],
        region=client.meta.region_name,
        name=name,
        tags=tags,
        state={
            "last_update": found.get("LastUpdateStatus", "Successful"),
            "reserved": _reserved(client, name),
            **_aliases(client, name),
            **fed,
        },
        health={"function": found.get("State", "Active"), **letters},
    )


def _reserved(client: Any, name: str) -> int | str:
    with in_our_words("lambda:GetFunctionConcurrency", name):
        reserved = client.get_function_concurrency(FunctionName=name).get("ReservedConcurrentExecutions")
    return "none" if reserved is None else int(reserved)


def _aliases(client: Any, name: str) -> dict[str, str]:
    with in_our_words("lambda:ListAliases", name):
        aliases = {one["Name"]: _points_at(one) for page in _pages(client.list_aliases, name) for one in page["Aliases"]}
    if not aliases:
        return {}
    with in_our_words("lambda:ListVersionsByFunction", name):
        published = sorted(_versions(client, name))
    facts = {f"alias {alias}": version for alias, version in aliases.items()}
    for alias, version in aliases.items():
        below = [one for one in published if version.isdigit() and one < int(version)]
        facts[f"before alias {alias}"] = str(below[-1]) if below else "none"
    return facts


def _points_at(alias: dict[str, Any]) -> str:
    shares = (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
    return " and ".join([alias["FunctionVersion"], *(f"{share:.0%} {version}" for version, share in sorted(shares.items()))])


def _versions(client: Any, name: str) -> Iterator[int]:
    for page in _pages(client.list_versions_by_function, name):
        yield from (int(one["Version"]) for one in page["Versions"] if one["Version"].isdigit())


def _fed(clients: Any, name: str) -> tuple[dict[str, str], dict[str, str]]:
    """State and health of the queue that feeds it. Of one that is fed by several, or by none, nothing is said."""
    with in_our_words("lambda:ListEventSourceMappings", name):
        mappings = clients("lambda").list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
    queues = [one for one in mappings if one.get("EventSourceArn", "").split(":")[2:3] == ["sqs"]]
    if len(queues) != 1:
        return {}, {}
    sqs, queue = clients("sqs"), queues[0]["EventSourceArn"].rsplit(":", 1)[-1]
    facts = {"mapping": queues[0]["UUID"], "source": queue}
    url = url_of(sqs, queue)
    dead = dead_letters_of(attributes_of(sqs, url, queue)).rsplit(":", 1)[-1] if url else ""
    letters = url_of(sqs, dead) if dead else ""
    if not letters or sources_of(sqs, letters, dead) != [queue]:
        return facts | {"dead_letters": "none"}, {}
    waiting = int(attributes_of(sqs, letters, dead)["ApproximateNumberOfMessages"])
    return facts | {"dead_letters": dead}, {"dead letters": "waiting" if waiting else "none"}


def _pages(listed: Any, name: str) -> Iterator[dict[str, Any]]:
    """Page after page, at most so many: what has more than a thousand aliases or versions is not looked through."""
    marker: dict[str, str] = {}
    for _ in range(MOST_PAGES):
        page = listed(FunctionName=name, **marker)
        yield page
        if not page.get("NextMarker"):
            return
        marker = {"Marker": page["NextMarker"]}
    raise Permanent(f"{name} has more aliases or versions than are looked through")
